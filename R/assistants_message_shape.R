# Converts messages of threads to items of conversations, and back.

# The item of a new message.
item_of_message <- function(message) {
  content <- message$content
  if (is_string(content)) {
    content <- list(list(type = "text", text = content))
  }
  list(
    type = "message", role = message$role,
    content = lapply(
      content, part_of_item, is_answer = message$role == "assistant"
    )
  )
}

part_of_item <- function(part, is_answer) {
  switch(part$type,
    text = {
      text <- if (is_string(part$text)) part$text else part$text$value
      list(type = if (is_answer) "output_text" else "input_text", text = text)
    },
    image_file = filled_fields(
      type = "input_image", file_id = part$image_file$file_id,
      detail = part$image_file$detail
    ),
    image_url = filled_fields(
      type = "input_image", image_url = part$image_url$url,
      detail = part$image_url$detail
    )
  )
}

# The message of an item; `entry` is its entry in the registry.
message_of_item <- function(item, thread_id, entry) {
  status <- item$status %||% "completed"
  if (status == "in_progress" && !is.null(entry$reason)) {
    status <- "incomplete"
  }
  ended_at <- entry$ended_at %||% entry$created_at
  list(
    id = item$id, object = "thread.message", created_at = entry$created_at,
    thread_id = thread_id, status = status,
    incomplete_details = if (status == "incomplete") {
      list(reason = entry$reason %||% "run_failed")
    },
    completed_at = if (status == "completed") ended_at,
    incomplete_at = if (status == "incomplete") ended_at,
    role = item$role,
    content = joined_lists(lapply(item$content, parts_of_message)),
    assistant_id = entry$assistant_id, run_id = entry$run_id,
    attachments = entry$attachments %||% list(),
    metadata = entry$metadata %||% empty_object()
  )
}

# The parts of a message for a part of an item: its text, and the images it
# mentions that code created.
parts_of_message <- function(part) {
  switch(part$type,
    input_text = ,
    output_text = ,
    text = c(
      lapply(Filter(is_picture, part$annotations), function(picture) {
        list(
          type = "image_file", image_file = list(file_id = picture$file_id)
        )
      }),
      list(list(
        type = "text",
        text = list(value = part$text, annotations = old_annotations(part))
      ))
    ),
    input_image = list(image_of_message(part)),
    refusal = list(list(type = "refusal", refusal = part$refusal)),
    list(part)
  )
}

image_of_message <- function(part) {
  detail <- part$detail %||% "auto"
  if (is.null(part$file_id)) {
    list(
      type = "image_url",
      image_url = list(url = part$image_url, detail = detail)
    )
  } else {
    list(
      type = "image_file",
      image_file = list(file_id = part$file_id, detail = detail)
    )
  }
}

is_picture <- function(annotation) {
  is_code_file(annotation) &&
    grepl("[.](png|jpe?g|gif|webp)$", annotation$filename %||% "")
}

# The citations of a text. It no longer contains marks of citations, so the text
# of each is empty.
old_annotations <- function(part) {
  annotations <- lapply(part$annotations, function(annotation) {
    switch(annotation$type,
      file_citation = list(
        type = "file_citation", text = "",
        start_index = annotation$index, end_index = annotation$index,
        file_citation = list(file_id = annotation$file_id)
      ),
      container_file_citation = if (!is_picture(annotation)) {
        list(
          type = "file_path", text = cited_text(part$text, annotation),
          start_index = annotation$start_index,
          end_index = annotation$end_index,
          file_path = list(file_id = annotation$file_id)
        )
      },
      annotation
    )
  })
  Filter(Negate(is.null), annotations)
}

cited_text <- function(text, annotation) {
  substr(text, annotation$start_index + 1L, annotation$end_index)
}
