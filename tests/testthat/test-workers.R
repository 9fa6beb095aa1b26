# Clients in other processes: forked, in clusters, saved and restored.

test_that("a client works in forked children and in the parent", {
  skip_on_os("windows")
  server <- test_server()
  client <- test_client(server)
  parent <- client$models$list()$id

  children <- parallel::mclapply(
    1:4, function(i) client$models$list()$id, mc.cores = 2
  )

  expect_identical(children, rep(list(parent), 4))
  expect_identical(client$models$list()$id, parent)
})

test_that("a stream of the parent cannot be read in a forked child", {
  skip_on_os("windows")
  server <- test_server()
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)

  child <- parallel::mccollect(parallel::mcparallel(
    tryCatch(stream$next_value, error = conditionMessage)
  ))

  expect_match(child[[1]], "another process")
  expect_type(stream$next_value, "list")
  stream$close()
})

test_that("a client with a key from the environment works in a cluster", {
  withr::local_envvar(OPENAI_KEY = "sk-of-the-environment")
  server <- test_server()
  client <- test_client(server, Sys.getenv("OPENAI_KEY"))
  parent <- client$models$list()$id
  cluster <- parallel::makeCluster(2)
  withr::defer(parallel::stopCluster(cluster))

  answers <- parallel::clusterCall(
    cluster, function(client) client$models$list()$id, client
  )

  expect_identical(answers, list(parent, parent))
  keys <- vapply(server$requests(), function(request) {
    request$headers[["authorization"]]
  }, "")
  expect_identical(unique(keys), "Bearer sk-of-the-environment")
})

# Reads `object` from a file in a new R session and applies `f` to it there.
in_new_session <- function(object, f, env = character()) {
  file <- withr::local_tempfile()
  saveRDS(object, file)
  callr::r(function(file, f) {
    tryCatch(f(readRDS(file)), error = conditionMessage)
  }, list(file = file, f = f), env = c(callr::rcmd_safe_env(), env))
}

test_that("a restored client finds its key, or says that it was not kept", {
  server <- test_server()
  list_models <- function(client) client$models$list()$id
  withr::local_envvar(OPENAI_KEY = "sk-of-the-environment")

  by_variable <- in_new_session(
    test_client(server, "sk-of-the-environment"), list_models,
    c(OPENAI_KEY = "sk-of-the-environment")
  )
  by_function <- in_new_session(
    test_client(server, function() paste0("sk-", "made")), list_models
  )
  lost <- in_new_session(test_client(server, "sk-literal"), list_models)

  expect_true("gpt-6-luna" %in% by_variable)
  expect_true("gpt-6-luna" %in% by_function)
  expect_match(lost, "not kept.*openai\\$new")
  authorization <- server$requests()[[2]]$headers[["authorization"]]
  expect_identical(authorization, "Bearer sk-made")
})

test_that("a restored stream cannot be read in another session", {
  server <- test_server()
  stream <- test_client(server)$chat$create(hello, "m", stream = TRUE)
  message <- in_new_session(stream, function(stream) stream$next_value)
  expect_match(message, "another R session")
  stream$close()
})
