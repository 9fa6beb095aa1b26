# Prints what README says about many requests, measured here and now: 1,000 and
# 10,000 chats, 100 at a time, at a server in a process of its own that takes
# 0.2 s for each. Run by `make bench`.

library(openaistream)

# Seconds for that many chats.
seconds_for <- function(client, server, count) {
  server$run(function(count) {
    answer <- paste0(
      "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":",
      "{\"role\":\"assistant\",\"content\":\"Hello.\"}}]}"
    )
    served$reply(body = answer, delay = 0.2, times = count)
    NULL
  }, list(count = count))
  prompts <- sprintf("prompt %d", seq_len(count))
  seconds <- system.time(
    results <- client$chat$map(prompts, "m", max_active = 100)
  )[["elapsed"]]
  stopifnot(!vapply(results, inherits, TRUE, "error"))
  seconds
}

server <- callr::r_session$new()
url <- server$run(function() {
  library(openaistream)
  assign("served", local_server(), envir = globalenv())
  served$url
})
client <- openai$new("sk-bench", base_url = url)
for (count in c(1000, 10000)) {
  cat(sprintf(
    "%6d chats, 100 at a time, 0.2 s each: %.2f s (ideal %.1f s)\n",
    count, seconds_for(client, server, count), count / 100 * 0.2
  ))
}
server$close()
