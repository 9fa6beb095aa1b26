# The conversations of one browser window with a model, each with its current
# answer. Independent of Shiny. The page, whose side of the protocol is
# described in inst/shiny/chat/www/chat.js, is untrusted: its messages are
# validated.

# Maximum number of concurrent answers, and of conversations that R remembers
# for one window; the page can reopen others.
max_answers <- 8L
max_conversations <- 50L

ChatSession <- R6::R6Class(
  "ChatSession",
  cloneable = FALSE,
  public = list(
    # The id of the current conversation; NULL before there is one.
    shown = NULL,

    # `begin()` creates a Conversation; `send(message)` sends a message to the
    # page; `changed(has_changed)` is called when an answer begins or ends or
    # another conversation is shown, with whether the conversation has changed.
    initialize = function(begin, send, changed = function(has_changed) NULL) {
      private$begin <- begin
      private$send <- send
      private$changed <- changed
    },

    # Performs an action of the page, a list with `name` and more.
    act = function(action) {
      if (!is_plain_list(action) || !is_string(action[["name"]]) ||
        !is_conversation_id(action[["conversation"]])) {
        return(invisible())
      }
      tryCatch(
        private$perform(action[["name"]], action[["conversation"]], action),
        error = function(condition) {
          private$report(action[["conversation"]], condition)
        }
      )
      invisible()
    },

    # Shows a conversation, under an id, as soon as the page is ready.
    begin_with = function(id, talk) {
      private$first <- list(id = id, talk = talk)
    },

    # The same for a stored conversation, which is validated.
    restore = function(id, stored) {
      talk <- if (is_conversation_id(id)) private$stored_talk(id, stored)
      if (!is.null(talk)) self$begin_with(id, talk)
    },

    # The current conversation, NULL if there is none, and whether it is being
    # answered.
    talk = function() {
      if (!is.null(self$shown)) private$chats[[self$shown]]$talk
    },
    is_answering = function() {
      !is.null(self$shown) && !is.null(private$chats[[self$shown]]$answer)
    },

    # Its messages. While an answer is awaited, without its question.
    messages = function() self$talk()$messages,

    # All conversations.
    talks = function() lapply(unname(private$chats), `[[`, "talk"),

    # Closes all streams; nothing more is sent to the page.
    close = function() {
      for (id in names(private$chats)) private$forget(id)
      self$shown <- NULL
    }
  ),
  private = list(
    begin = NULL,
    send = NULL,
    changed = NULL,
    # A conversation to show first, list(id = , talk = ).
    first = NULL,
    # By id, the newest last: `talk`, a Conversation, and while an answer is
    # being generated `answer`, a ChatAnswer, and `asked`, list(messages = ,
    # stored_bytes = ): the messages before the question, and the length of the
    # text that the page has stored.
    chats = list(),

    perform = function(name, id, action) {
      first <- private$first
      private$first <- NULL
      # What the page stored of the same conversation is newer.
      has_newer <- identical(id, first$id) && !is.null(action[["kept"]])
      if (!is.null(first) && !has_newer) {
        private$show(first$id, first$talk)
        if (name == "open") return()
      }
      switch(name,
        ask = private$ask(id, action),
        stop = private$stop(id, action[["answer"]]),
        open = private$open(id, action[["kept"]]),
        forget = private$forget(id)
      )
    },

    show = function(id, talk) {
      private$forget(id)
      private$remember(id, talk)
      messages <- self$messages()
      private$sender(id, NULL)(list(
        event = "conversation", title = title_of(messages),
        turns = chat_turns(messages), kept = write_stored(messages, talk$api)
      ))
      private$changed(TRUE)
    },

    # Does nothing while the same conversation is being answered.
    ask = function(id, action) {
      number <- action[["answer"]]
      if (!is_number(number) || !is.null(private$chats[[id]]$answer)) {
        return()
      }
      private$remember(id)
      answer <- ChatAnswer$new(number, private$sender(id, number))
      talk <- private$chats[[id]]$talk
      before <- count_usage_rows(talk)
      private$chats[[id]]$asked <- list(
        messages = talk$messages, stored_bytes = action[["kept_bytes"]]
      )
      finish <- function(state, condition = NULL) {
        if (identical(private$chats[[id]]$answer, answer)) {
          private$end(id, state, condition, before)
        }
      }
      tryCatch(
        {
          private$check_answers()
          content <- question_content(action[["text"]], action[["files"]])
          promise <- do.call(
            talk$say_async, c(content, list(on_event = answer$handle))
          )
          private$chats[[id]]$answer <- answer
          promises::then(
            promise,
            onFulfilled = function(value) finish("complete"),
            onRejected = function(condition) finish("failed", condition)
          )
          private$changed(FALSE)
        },
        error = function(condition) {
          private$chats[[id]]$answer <- answer
          finish("failed", condition)
        }
      )
    },

    # Keeps the partial answer.
    stop = function(id, number) {
      chat <- private$chats[[id]]
      if (!is.null(chat$answer) && identical(chat$answer$number, number)) {
        before <- count_usage_rows(chat$talk)
        chat$talk$cancel()
        private$end(id, "stopped", NULL, before)
      }
    },

    end = function(id, state, condition, before) {
      answer <- private$chats[[id]]$answer
      talk <- private$chats[[id]]$talk
      asked <- private$chats[[id]]$asked
      private$chats[[id]][c("answer", "asked")] <- NULL
      answer$end(c(
        list(
          state = state,
          error = if (!is.null(condition)) chat_problem(condition),
          usage = usage_in_words(talk, before)
        ),
        stored_fields(
          write_stored(talk$messages, talk$api),
          write_stored(asked$messages, talk$api), asked$stored_bytes
        )
      ))
      private$changed(state != "failed")
    },

    # R's state is up to date, unless another window of the same browser
    # continued the conversation.
    open = function(id, stored) {
      chat <- private$chats[[id]]
      is_known <- !is.null(chat$answer) || is.null(stored) || !is.null(chat) &&
        identical(write_stored(chat$talk$messages, chat$talk$api), stored)
      private$remember(id, if (!is_known) private$stored_talk(id, stored))
      private$changed(TRUE)
    },

    # A stored conversation; if it cannot be used, the page shows why, and the
    # result is NULL.
    stored_talk = function(id, stored) {
      tryCatch(
        {
          talk <- private$begin()
          talk$messages <- read_stored(stored, talk$api)
          talk
        },
        error = function(condition) {
          private$report(id, condition)
          NULL
        }
      )
    },

    report = function(id, condition) {
      text <- chat_problem(condition)
      private$sender(id, NULL)(list(event = "problem", text = text))
    },

    # Adds or replaces a conversation, and makes it the current one. Without
    # `talk`, creates one if there is none with that id.
    remember = function(id, talk = NULL) {
      if (is.null(private$chats[[id]])) private$forget_oldest()
      talk <- talk %||% private$chats[[id]]$talk %||% private$begin()
      private$chats[[id]]$talk <- talk
      self$shown <- id
    },

    forget_oldest = function() {
      idle <- Filter(function(chat) is.null(chat$answer), private$chats)
      surplus <- length(private$chats) + 1L - max_conversations
      for (id in utils::head(names(idle), max(surplus, 0L))) {
        private$forget(id)
      }
    },

    check_answers = function() {
      busy <- Filter(function(chat) !is.null(chat$answer), private$chats)
      if (length(busy) >= max_answers) {
        abort_argument(
          length(busy), " answers are being generated: wait, or stop one."
        )
      }
    },

    forget = function(id) {
      chat <- private$chats[[id]]
      private$chats[[id]] <- NULL
      if (!is.null(chat$answer)) {
        chat$answer$discard()
        chat$talk$cancel()
      }
      if (identical(self$shown, id)) self$shown <- NULL
    },

    # Returns a function that sends messages of an answer to the page, or of the
    # conversation if `number` is NULL.
    sender = function(id, number) {
      function(message) {
        private$send(c(list(conversation = id, answer = number), message))
      }
    }
  )
)

is_conversation_id <- function(id) {
  is_string(id) && nchar(id, type = "bytes") <= 64L &&
    grepl("^[A-Za-z0-9_-]+$", id)
}

# The beginning of the first question.
title_of <- function(messages) {
  texts <- unlist(lapply(messages, function(item) {
    if (is_question(item)) shown_texts(item[["content"]])
  }))
  text <- trimws(gsub("[[:space:]]+", " ", c(texts, "Conversation")[[1]]))
  shortened(text)
}
