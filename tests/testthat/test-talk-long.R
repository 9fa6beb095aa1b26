# A conversation of 50 turns with tools, pictures and an interrupt that is saved
# and continued in another R process sends the same bytes as one in one process.

turns <- 50
interrupted_turn <- 12
last_turn_before_save <- 23

is_tool_turn <- function(turn) turn %% 5 == 0
is_picture_turn <- function(turn) turn %% 7 == 0

# Queues the answers of the model. The answer of one turn stalls halfway.
queue_turns <- function(server, api) {
  for (turn in seq_len(turns)) {
    if (is_tool_turn(turn)) server$reply_tool("add", list(a = turn, b = 1))
    if (turn == interrupted_turn) {
      event <- if (api == "chat") {
        '{"choices":[{"index":0,"delta":{"content":"half an answer"}}]}'
      } else {
        '{"type":"response.output_text.delta","delta":"half an answer"}'
      }
      server$reply(chunks = paste0("data: ", event, "\n\n"), abort = "stall")
    } else {
      server$reply_chat(paste("This is answer", turn))
    }
  }
}

# Starts a process that continues the conversation in the file `path`, or a new
# one, for some turns, and saves it there.
talk_process <- function(server, api, turns, path, image) {
  callr::r_bg(function(url, api, turns, path, image, is_tool_turn,
                       is_picture_turn) {
    library(openaistream)
    talk <- if (file.exists(path)) {
      readRDS(path)
    } else {
      add <- tool(
        function(a, b) a + b, "Adds two numbers.",
        name = "add", a = type_number(), b = type_number()
      )
      # readRDS() finds the key again in its environment variable.
      openai$new("sk-test", base_url = url)$conversation(
        "m",
        api = api, system = "Be brief.", tools = add, temperature = 0
      )
    }
    for (turn in turns) {
      question <- list(paste("Question", turn, "is \u00fc?"))
      if (is_picture_turn(turn)) {
        question <- c(question, list(picture(image, detail = "low")))
      }
      suppressWarnings(
        do.call(talk$say, question),
        classes = "openai_interrupted_warning"
      )
    }
    saveRDS(talk, path)
    talk$messages
  }, list(server$url, api, turns, path, image, is_tool_turn, is_picture_turn),
  stdout = "|", env = c(callr::rcmd_safe_env(), OPENAI_API_KEY = "sk-test"))
}

# Waits for such a process, interrupts the stalled answer, and returns the
# messages.
messages_of <- function(process) {
  shown <- ""
  while (process$is_alive()) {
    process$poll_io(1000)
    shown <- paste0(shown, process$read_output())
    if (grepl("half an answer", shown, fixed = TRUE)) {
      shown <- ""
      process$interrupt()
    }
  }
  process$get_result()
}

bodies_of <- function(server) vapply(server$requests(), `[[`, "", "body")

test_that("50 turns in two sessions send the same bytes as in one session", {
  skip_on_os("windows")
  skip_if_not_installed("png")
  image <- withr::local_tempfile(fileext = ".png")
  png::writePNG(matrix(seq(0, 1, length.out = 64), 8), image)
  for (api in c("responses", "chat")) {
    folder <- withr::local_tempdir()
    path <- file.path(folder, "talk.rds")
    server <- test_server()
    queue_turns(server, api)
    uninterrupted <- messages_of(
      talk_process(server, api, seq_len(turns), path, image)
    )

    path <- file.path(folder, "saved.rds")
    other_server <- test_server()
    queue_turns(other_server, api)
    before <- seq_len(last_turn_before_save)
    messages_of(talk_process(other_server, api, before, path, image))
    rest <- setdiff(seq_len(turns), before)
    # The URL of the server is saved with the client.
    continued <- messages_of(talk_process(other_server, api, rest, path, image))

    expect_length(bodies_of(server), turns + sum(is_tool_turn(seq_len(turns))))
    expect_true(identical(bodies_of(other_server), bodies_of(server)))
    expect_identical(continued, uninterrupted)
    texts <- bodies_of(server)
    expect_match(texts[[length(texts)]], "half an answer", fixed = TRUE)
    expect_match(texts[[length(texts)]], "image/png;base64", fixed = TRUE)
  }
})
