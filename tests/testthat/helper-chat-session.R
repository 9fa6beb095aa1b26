# A ChatSession whose messages to the page are collected in a list.

chat_apis <- c("chat", "responses")

# `act()` performs an action of the page in the conversation "a"; `sent()` are
# the messages sent to the page, `text()` the text in them, `ends()` the events
# "end".
chat_window <- function(server, api = "chat", ..., client = test_client(server)) {
  sent <- list()
  session <- ChatSession$new(
    function() client$conversation("m", api = api, ...),
    function(message) sent <<- c(sent, list(message))
  )
  events <- function(event) {
    Filter(function(message) message$event == event, sent)
  }
  list(
    session = session,
    act = function(name, ..., conversation = "a") {
      session$act(list(name = name, conversation = conversation, ...))
    },
    sent = function() sent,
    events = events,
    text = function() paste(unlist(lapply(events("text"), `[[`, "text")), collapse = ""),
    ends = function() events("end"),
    states = function() vapply(events("end"), `[[`, "", "state")
  )
}

# Asks a question, and waits for the end of the answer.
ask_window <- function(window, text, number = 1, ..., conversation = "a") {
  count <- length(window$ends())
  window$act("ask", text = text, answer = number, ..., conversation = conversation)
  run_loop_until(function() length(window$ends()) > count)
  window$ends()[[count + 1]]
}

# The events of a chat or response without those at its end.
stalled_chunks <- function(api, contents) {
  chunks <- if (api == "chat") chat_events else response_chunks
  chunks(contents, done = FALSE)
}

# The messages or items of the last request.
last_sent <- function(server) {
  bodies <- sent_bodies(server)
  body <- bodies[[length(bodies)]]
  body$messages %||% body$input
}

# A question and its answer as the browser stores them.
kept_of <- function(question, answer, api) {
  write_stored(list(
    list(role = "user", content = question),
    list(role = "assistant", content = answer)
  ), api)
}

pixel_png <- "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
