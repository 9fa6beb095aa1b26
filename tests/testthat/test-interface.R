# The members of each class in 0.3.0, as functions with the names, order and
# defaults of the arguments.
members <- list(
  openai = list(
    set_proxy = function(proxy_ip, proxy_port) NULL
  ),
  api_config = list(
    set_api_key = function(api_key) NULL,
    set_proxy = function(proxy_ip, proxy_port) NULL,
    get_proxy = function() NULL,
    get_api_key = function() NULL,
    get_api_endpoints = function() NULL
  ),
  base_api = list(
    initialize = function(etc) NULL
  ),
  DataStream = list(
    initialize = function(requery, num = 2) NULL,
    close = function() NULL,
    get_state = function() NULL
  ),
  chat = list(
    create = function(messages, model, stream = FALSE, n = 1, num = 2,
                      verbosity = 0, ...) NULL
  ),
  embeddings = list(
    create = function(model, input, ..., verbosity = 0) NULL
  ),
  moderations = list(
    create = function(input, ..., verbosity = 0) NULL
  ),
  models = list(
    list = function(verbosity = 0) NULL,
    retrieve = function(model, verbosity = 0) NULL,
    delete = function(model, verbosity = 0) NULL
  ),
  files = list(
    upload = function(path = NULL, verbosity = 0, purpose = "fine-tune") NULL,
    list = function(..., verbosity = 0) NULL,
    delete = function(file_id, verbosity = 0) NULL,
    retrieve = function(file_id, verbosity = 0) NULL,
    retrieve_content = function(file_id, verbosity = 0) NULL
  ),
  fine_tuning = list(
    create = function(model, training_file,
                      hyperparameters = list(n_epochs = 1), ...,
                      verbosity = 0) NULL,
    list = function(verbosity = 0, ...) NULL,
    retrieve = function(job_id, verbosity = 0) NULL,
    cancel = function(job_id, verbosity = 0) NULL,
    events = function(job_id, ..., verbosity = 0) NULL,
    checkpoints = function(job_id, ..., verbosity = 0) NULL
  ),
  audio = list(
    speech = function(model = "tts-1", input, voice = "alloy", stream = FALSE,
                      num = 100, ..., verbosity = 0) NULL,
    transcription = function(path, model = "whisper-1", ...,
                             verbosity = 0) NULL,
    translation = function(path, model = "whisper-1", ...,
                           verbosity = 0) NULL
  ),
  images = list(
    create = function(prompt, ..., verbosity = 0) NULL,
    edit = function(image, prompt, ..., verbosity = 0) NULL,
    variation = function(image, ..., verbosity = 0) NULL
  ),
  assistants = list(
    create = function(model, ..., verbosity = 0) NULL,
    retrieve = function(assistant_id, verbosity = 0) NULL,
    modify = function(assistant_id, ..., verbosity = 0) NULL,
    delete = function(assistant_id, verbosity = 0) NULL,
    list = function(..., verbosity = 0) NULL,
    file_create = function(assistant_id, file_id, verbosity = 0) NULL,
    file_retrieve = function(assistant_id, file_id, verbosity = 0) NULL,
    file_delete = function(assistant_id, file_id, verbosity = 0) NULL,
    file_list = function(assistant_id, ..., verbosity = 0) NULL
  ),
  threads = list(
    create = function(..., verbosity = 0) NULL,
    retrieve = function(thread_id, verbosity = 0) NULL,
    modify = function(thread_id, ..., verbosity = 0) NULL,
    delete = function(thread_id, verbosity = 0) NULL
  ),
  messages = list(
    create = function(thread_id, role, content, ..., verbosity = 0) NULL,
    retrieve = function(thread_id, message_id, verbosity = 0) NULL,
    modify = function(thread_id, message_id, ..., verbosity = 0) NULL,
    list = function(thread_id, ..., verbosity = 0) NULL,
    delete = function(thread_id, message_id, verbosity = 0) NULL,
    file_retrieve = function(thread_id, message_id, file_id,
                             verbosity = 0) NULL,
    file_list = function(thread_id, message_id, ..., verbosity = 0) NULL
  ),
  runs = list(
    create = function(thread_id, assistant_id, stream = FALSE, num = 2, ...,
                      verbosity = 0) NULL,
    retrieve = function(thread_id, run_id, verbosity = 0) NULL,
    modify = function(thread_id, run_id, ..., verbosity = 0) NULL,
    list = function(thread_id, ..., verbosity = 0) NULL,
    submit_tool_outputs = function(thread_id, run_id, tool_outputs,
                                   stream = FALSE, num = 2,
                                   verbosity = 0) NULL,
    cancel = function(thread_id, run_id, verbosity = 0) NULL,
    create_tread = function(assistant_id, stream = FALSE, num = 2, ...,
                            verbosity = 0) NULL,
    steps_retrieve = function(thread_id, run_id, step_id,
                              verbosity = 0) NULL,
    steps_list = function(thread_id, run_id, ..., verbosity = 0) NULL
  ),
  batch = list(
    create = function(input_file_id, endpoint, completion_window = "24h", ...,
                      verbosity = 0) NULL,
    list = function(verbosity = 0, ...) NULL,
    retrieve = function(batch_id, verbosity = 0) NULL,
    cancel = function(batch_id, verbosity = 0) NULL
  ),
  vector_stores = list(
    create = function(..., verbosity = 0) NULL,
    retrieve = function(vector_store_id, verbosity = 0) NULL,
    modify = function(vector_store_id, ..., verbosity = 0) NULL,
    delete = function(vector_store_id, verbosity = 0) NULL,
    list = function(..., verbosity = 0) NULL,
    file_create = function(vector_store_id, file_id, verbosity = 0) NULL,
    file_retrieve = function(vector_store_id, file_id, verbosity = 0) NULL,
    file_list = function(vector_store_id, ..., verbosity = 0) NULL,
    file_delete = function(vector_store_id, file_id, verbosity = 0) NULL,
    file_batche_create = function(vector_store_id, file_ids, ...,
                                  verbosity = 0) NULL,
    file_batche_retrieve = function(vector_store_id, batch_id,
                                    verbosity = 0) NULL,
    file_batche_list = function(vector_store_id, batch_id, ...,
                                verbosity = 0) NULL,
    file_batche_cancel = function(vector_store_id, batch_id,
                                  verbosity = 0) NULL
  )
)

resources <- setdiff(
  names(members),
  c("openai", "api_config", "base_api", "DataStream")
)

for (name in names(members)) {
  test_that(paste(name, "has its members with their arguments"), {
    for (member in names(members[[name]])) {
      method <- get(name)$public_methods[[member]]
      label <- paste0(name, "$", member, "()")
      expect_true(is.function(method), label = label)
      old <- as.list(formals(members[[name]][[member]]))
      # New arguments may only follow.
      expect_identical(
        as.list(formals(method))[seq_along(old)], old,
        label = paste("the arguments of", label)
      )
    }
  })
}

test_that("the first argument of openai$new() is the key", {
  arguments <- names(formals(openai$public_methods$initialize))
  expect_identical(arguments[1], "api_key")
})

test_that("`next_value` is an active field of a stream", {
  expect_true("next_value" %in% names(DataStream$active))
})

test_that("openai has one field for each resource", {
  client <- openai$new("sk-test")
  for (resource in resources) {
    expect_s3_class(client[[resource]], resource)
    expect_identical(class(client[[resource]]), c(resource, "openai", "R6"))
  }
})

test_that("the resources of openai cannot be assigned", {
  client <- openai$new("sk-test")
  for (resource in resources) {
    expect_error(
      client[[resource]] <- 1, "This property is read-only.",
      fixed = TRUE, label = paste0("client$", resource)
    )
  }
})

test_that("openai can be cloned", {
  client <- openai$new("sk-test")
  expect_identical(formals(client$clone), formals(function(deep = FALSE) NULL))
  expect_s3_class(client$clone()$chat, "chat")
})

test_that("a clone of a resource keeps its classes", {
  client <- openai$new("sk-test")
  expect_identical(class(client$chat$clone()), c("chat", "openai", "R6"))
})
