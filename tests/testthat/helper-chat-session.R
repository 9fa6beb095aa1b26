# A ChatSession whose page is a list.

chat_apis <- c("chat", "responses")

# `act()` does what the page would do in the conversation "a"; `told()` are the
# messages that the page got, `text()` their text, `ends()` the ends of answers.
chat_window <- function(server, api = "chat", ..., client = test_client(server)) {
  told <- list()
  session <- ChatSession$new(
    function() client$conversation("m", api = api, ...),
    function(message) told <<- c(told, list(message))
  )
  events <- function(event) {
    Filter(function(message) message$event == event, told)
  }
  list(
    session = session,
    act = function(name, ..., conversation = "a") {
      session$act(list(name = name, conversation = conversation, ...))
    },
    told = function() told,
    events = events,
    text = function() paste(unlist(lapply(events("text"), `[[`, "text")), collapse = ""),
    ends = function() events("end"),
    states = function() vapply(events("end"), `[[`, "", "state")
  )
}

# Asks, and waits for the end of the answer.
ask_window <- function(window, text, number = 1, ..., conversation = "a") {
  count <- length(window$ends())
  window$act("ask", text = text, answer = number, ..., conversation = conversation)
  run_loop_until(function() length(window$ends()) > count)
  window$ends()[[count + 1]]
}

# A streamed answer, of chats or of responses, that does not end by itself.
stalled_chunks <- function(api, contents) {
  chunks <- if (api == "chat") chat_events else response_chunks
  chunks(contents, done = FALSE)
}

# What the last request sent: messages or items, without those of the system.
last_sent <- function(server) {
  bodies <- sent_bodies(server)
  body <- bodies[[length(bodies)]]
  body$messages %||% body$input
}

# What a browser kept of a question and its answer.
kept_of <- function(question, answer, api) {
  write_kept(list(
    list(role = "user", content = question),
    list(role = "assistant", content = answer)
  ), api)
}

pixel_png <- "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
