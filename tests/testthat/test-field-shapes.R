# Fields that are always arrays or always objects in the API have that shape in
# JSON bodies, forms and queries, whatever R value is passed.

arrays <- scan(quiet = TRUE, what = "", text = "
  acknowledged_safety_checks actions additional_messages allowed_callers
  allowed_domains attachments certificate_ids command commands
  context_management domain_secrets file_ids functions images include
  integrations items keys keywords known_speaker_names
  known_speaker_references labels languages messages modalities model_ids
  output_modalities outputs part_ids passing_labels pending_safety_checks
  permissions project_ids projects queries range recipients results scopes
  search_content_types skills sources tags template testing_criteria
  timestamp_granularities tool_calls tool_names tool_outputs tools users
  vector_store_ids vector_stores
")

objects <- scan(quiet = TRUE, what = "", text = "
  agent always approximate attributes audio automatic_thread_titling caller
  chatkit_configuration client_secret code_interpreter custom data_source
  data_source_config dpo env file_upload function grader graders grammar
  headers history hybrid_search hyperparameters image_file image_generation
  input_audio input_audio_noise_reduction input_audio_transcription
  input_image_mask input_messages input_schema item item_schema json_schema
  logit_bias mcp metadata method multi_agent network_policy never
  noise_reduction notification_channel outcome output_expires_after
  output_schema parameters policy prediction prompt_cache_breakpoint
  prompt_cache_options ranking_options rate_limits reasoning reinforcement
  sample sampling_params schema session state_variables static stream_options
  supervised thread token_limits tool_resources transcription turn_detection
  user_location variables wandb web_search web_search_options workflow
")

# The JSON of each body. They are sent in a field `x`, which no method changes.
sent_as <- function(bodies) {
  server <- test_server()
  server$reply(body = any_answer, times = length(bodies))
  client <- test_client(server)
  for (body in bodies) {
    client$vector_stores$create(x = body)
  }
  sent <- vapply(server$requests(), `[[`, "", "body")
  sub("\\}$", "", sub("^\\{\"x\":", "", sent))
}

expect_sent <- function(..., expected) {
  expect_identical(sent_as(list(...)), expected)
}

# Expects this JSON for a value with each name; `%s` is replaced by the name.
expect_all_sent <- function(names, value, expected) {
  bodies <- lapply(names, function(name) stats::setNames(list(value), name))
  expect_identical(sent_as(bodies), sprintf(expected, names))
}

test_that("the fields that are always arrays are arrays", {
  expect_length(arrays, 53)
  expect_all_sent(arrays, "a", '{"%s":["a"]}')
  expect_all_sent(arrays, list(), '{"%s":[]}')
  expect_all_sent(arrays, list(type = "a"), '{"%s":[{"type":"a"}]}')
})

test_that("the fields that are always objects are objects", {
  expect_length(objects, 75)
  expect_all_sent(objects, list(), '{"%s":{}}')
  expect_all_sent(objects, c(a = "b"), '{"%s":{"a":"b"}}')
  expect_all_sent(objects, list(a = "b"), '{"%s":{"a":"b"}}')
})

test_that("scalars, vectors, lists and data frames become arrays", {
  expect_sent(
    list(tags = c(x = "a", y = "b")), list(tags = I("a")),
    list(tags = list("a")), list(tags = factor("a")), list(tags = 7L),
    list(tags = character()),
    list(tags = NULL), list(tags = NA), list(tags = c("a", NA)),
    list(tags = as.Date("2026-01-02")),
    list(tools = list(p = list(type = "a"), q = list(type = "b"))),
    list(tools = data.frame(type = c("a", "b"))),
    list(attachments = list(tools = list(list(type = "a")))),
    expected = c(
      '{"tags":["a","b"]}', '{"tags":["a"]}', '{"tags":["a"]}',
      '{"tags":["a"]}', '{"tags":[7]}', '{"tags":[]}',
      '{"tags":null}', '{"tags":null}', '{"tags":["a",null]}',
      '{"tags":["2026-01-02"]}',
      '{"tools":[{"type":"a"},{"type":"b"}]}',
      '{"tools":[{"type":"a"},{"type":"b"}]}',
      '{"attachments":[{"tools":[{"type":"a"}]}]}'
    )
  )
})

test_that("named vectors, empty values and data frames become objects", {
  expect_sent(
    list(metadata = c(a = 1, b = NA)), list(metadata = character()),
    list(metadata = I(list())), list(metadata = data.frame(a = "b")),
    list(metadata = NULL), list(metadata = NA), list(reasoning = "high"),
    list(logit_bias = c("50256" = -100)),
    expected = c(
      '{"metadata":{"a":1,"b":null}}', '{"metadata":{}}',
      '{"metadata":{}}', '{"metadata":{"a":"b"}}',
      '{"metadata":null}', '{"metadata":null}', '{"reasoning":"high"}',
      '{"logit_bias":{"50256":-100}}'
    )
  )
})

test_that("fields have their shape at any depth and in data frames", {
  frame <- data.frame(role = c("user", "assistant"))
  frame$tool_calls <- list(NULL, data.frame(id = "1"))
  frame$attachments <- list(list(), list(file_id = "f"))
  frame$tags <- c("a", NA)
  frame$metadata <- list(list(), c(a = "b"))
  expect_sent(
    list(tool_resources = list(file_search = list(vector_store_ids = "v"))),
    list(a = list(list(include = "b"))),
    frame,
    expected = c(
      '{"tool_resources":{"file_search":{"vector_store_ids":["v"]}}}',
      '{"a":[{"include":["b"]}]}',
      paste0(
        '[{"role":"user","tool_calls":null,"attachments":[],"tags":["a"],',
        '"metadata":{}},{"role":"assistant","tool_calls":[{"id":"1"}],',
        '"attachments":[{"file_id":"f"}],"metadata":{"a":"b"}}]'
      )
    )
  )
})

test_that("fields with names chosen by the user keep their shape", {
  free <- c(
    "metadata", "attributes", "variables", "state_variables", "headers", "env",
    "logit_bias"
  )
  expect_all_sent(
    free, list(tags = "a", tools = list(), parameters = list(items = "b")),
    '{"%s":{"tags":"a","tools":[],"parameters":{"items":"b"}}}'
  )
})

test_that("fields of a JSON schema have the shapes of JSON Schema", {
  schema <- list(
    type = "object", required = "tags",
    properties = list(
      tags = list(type = "array", items = list(type = "string")),
      metadata = list(type = "string", enum = "a", default = list()),
      required = list(anyOf = list(type = "null"))
    )
  )
  empty <- list(type = "object", properties = list(), required = character())
  json <- paste0(
    '{"type":"object","required":["tags"],"properties":{',
    '"tags":{"type":"array","items":{"type":"string"}},',
    '"metadata":{"type":"string","enum":["a"],"default":[]},',
    '"required":{"anyOf":[{"type":"null"}]}}}'
  )
  expect_sent(
    list(parameters = schema), list(schema = schema),
    list(parameters = list(`$defs` = list(items = list(required = "a")))),
    list(parameters = empty),
    expected = c(
      paste0('{"parameters":', json, "}"), paste0('{"schema":', json, "}"),
      '{"parameters":{"$defs":{"items":{"required":["a"]}}}}',
      '{"parameters":{"type":"object","properties":{},"required":[]}}'
    )
  )
})

test_that("other fields keep their shape", {
  expect_sent(
    list(input = "a"), list(stop = c("a", "b")), list(stop = I("a")),
    list(content = list()), list(x = c(a = 1)), list(required = TRUE),
    expected = c(
      '{"input":"a"}', '{"stop":["a","b"]}', '{"stop":["a"]}',
      '{"content":[]}', '{"x":1}', '{"required":true}'
    )
  )
})

test_that("a missing number is null, and NaN and Inf are rejected", {
  expect_sent(
    c(1, NA), c(1L, NA), NA_real_, NA_integer_, NA, NA_character_, "NA",
    matrix(c(1, NA), 1), data.frame(a = c(1, NA)),
    expected = c(
      "[1,null]", "[1,null]", "null", "null", "null", "null", '"NA"',
      "[[1,null]]", '[{"a":1},{}]'
    )
  )
  server <- test_server()
  client <- test_client(server)
  refused <- function(message, ...) {
    expect_error(
      client$chat$create(..., model = "m"), message,
      class = "openai_argument_error", fixed = TRUE
    )
  }
  refused("`temperature` cannot be sent: it is NaN", hello, temperature = NaN)
  refused("`x[2]` cannot be sent: it is -Inf", hello, x = c(1, -Inf))
  refused(
    "`messages[[1]]$x` cannot be sent: it is Inf",
    list(list(role = "user", content = "a", x = Inf))
  )
  refused("`x$a[2]`", hello, x = data.frame(a = c(1, NaN)))
  refused("`metadata$a`", hello, metadata = c(a = Inf))
  expect_error(
    client$parallel(list(api_request("POST", "x", list(a = NaN)))),
    "Request 1: `a` cannot be sent", fixed = TRUE
  )
  expect_length(server$requests(), 0)
})

test_that("bodies of many requests have the same shapes", {
  server <- test_server()
  server$reply(body = any_answer, times = 2)
  client <- test_client(server)
  fields <- list(file_ids = "f", metadata = list())
  client$parallel(list(api_request("POST", "vector_stores", fields)))
  client$chat$map("a", "m", modalities = "text", metadata = c(a = "b"))
  sent <- vapply(server$requests(), `[[`, "", "body")
  expect_identical(sent[[1]], '{"file_ids":["f"],"metadata":{}}')
  expect_match(
    sent[[2]], '{"modalities":["text"],"metadata":{"a":"b"}', fixed = TRUE
  )
})

# The text fields of a form, as "name=text".
form_texts <- function(request) {
  parts <- strsplit(request$body, "\r\n--", fixed = TRUE)[[1]]
  parts <- grep("filename=", parts, invert = TRUE, value = TRUE)
  found <- regmatches(
    parts, regexec("name=\"([^\"]*)\"\r\n\r\n(.*)", parts)
  )
  found <- Filter(length, found)
  vapply(found, function(it) paste0(it[[2]], "=", it[[3]]), "")
}

test_that("forms repeat arrays and put keys of objects in brackets", {
  server <- test_server()
  server$reply(body = any_answer, times = 3)
  client <- test_client(server)
  path <- withr::local_tempfile(lines = "x")
  client$audio$transcription(
    path, "m", timestamp_granularities = "word", include = "logprobs",
    known_speaker_names = c("a", "b"), temperature = 0.5, stream = FALSE,
    chunking_strategy = list(
      type = "static", static = c(max_chunk_size_tokens = 800)
    )
  )
  client$files$upload(
    path, purpose = "user_data",
    expires_after = list(anchor = "created_at", seconds = 3600)
  )
  client$files$upload(
    path, purpose = factor("batch"), metadata = c(a = "b"), env = list(),
    day = as.Date("2026-01-02")
  )
  sent <- lapply(server$requests(), form_texts)
  expect_identical(sent[[1]], c(
    "timestamp_granularities[]=word", "include[]=logprobs",
    "known_speaker_names[]=a", "known_speaker_names[]=b", "temperature=0.5",
    "chunking_strategy[type]=static",
    "chunking_strategy[static][max_chunk_size_tokens]=800", "model=m"
  ))
  expect_identical(sent[[2]], c(
    "expires_after[anchor]=created_at", "expires_after[seconds]=3600",
    "purpose=user_data"
  ))
  expect_identical(sent[[3]], c(
    "metadata[a]=b", "day=2026-01-02", "purpose=batch"
  ))
  for (value in list(NA, c(1, NA), NaN, list(a = NULL), mean)) {
    expect_error(
      client$files$upload(path, x = value), "`x",
      class = "openai_argument_error"
    )
  }
  expect_length(server$requests(), 3)
})

test_that("queries have the same shapes, and a space is %20", {
  server <- test_server()
  server$reply(body = any_answer)
  test_client(server)$runs$steps_list(
    "t", "r", include = "a b", metadata = c(k = "+&"), limit = 2
  )
  expect_identical(
    server$requests()[[1]]$target, paste0(
      "/v1/threads/t/runs/r/steps?include%5B%5D=a%20b&metadata%5Bk%5D=%2B%26",
      "&limit=2"
    )
  )
})
