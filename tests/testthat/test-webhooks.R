# Webhooks, also signed by openai-python if it is installed.

secret <- "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0"
payload <- paste0(
  '{"id":"evt_1","type":"response.completed","created_at":1700000000,',
  '"data":{"id":"resp_1"}}'
)

# The headers of the payload, signed with HMAC-SHA256 by Python's hmac.
signed <- c(
  "webhook-id" = "wh_1", "webhook-timestamp" = "1700000000",
  "webhook-signature" = "v1,mIN2FqODBm+Z4bhMBXb+sDgBZHwLLTZc3YapwsmILoM="
)
long_tolerance <- as.numeric(Sys.time()) - 1700000000 + 60

test_that("a signed webhook is verified and parsed", {
  webhooks <- openai$new("sk-test")$webhooks
  event <- webhooks$unwrap(payload, signed, secret, tolerance = long_tolerance)
  expect_identical(event$type, "response.completed")
  expect_identical(event$data$id, "resp_1")
  # Web frameworks provide the body and the headers in other forms.
  expect_identical(
    webhooks$unwrap(
      charToRaw(payload),
      list(
        HTTP_WEBHOOK_ID = "wh_1", HTTP_WEBHOOK_TIMESTAMP = "1700000000",
        HTTP_WEBHOOK_SIGNATURE = paste("v1,AAAA", signed[[3]])
      ), secret, long_tolerance
    ), event
  )
  withr::local_envvar(OPENAI_WEBHOOK_SECRET = secret)
  expect_true(
    webhooks$verify_signature(payload, signed, tolerance = long_tolerance)
  )
})

test_that("a webhook with an invalid signature is refused", {
  webhooks <- openai$new("sk-test")$webhooks
  refused <- function(why, body = payload, headers = signed, with = secret,
                      tolerance = long_tolerance) {
    expect_error(
      webhooks$unwrap(body, headers, with, tolerance), why,
      class = "openai_webhook_error"
    )
  }
  refused("does not match", body = sub("resp_1", "resp_2", payload))
  refused("does not match", headers = replace(signed, 1, "wh_2"))
  refused("does not match", headers = replace(signed, 3, "v1,AAAA"))
  refused("does not match", with = "whsec_b3RoZXI=")
  refused("not valid base64", with = "whsec_%")
  refused("seconds before now", tolerance = 300)
  refused("not a number", headers = replace(signed, 2, "today"))
  for (name in names(signed)) {
    refused(
      paste0("`", name, "` is missing"),
      headers = signed[names(signed) != name]
    )
  }
  withr::local_envvar(OPENAI_WEBHOOK_SECRET = NA)
  expect_error(
    webhooks$unwrap(payload, signed), "OPENAI_WEBHOOK_SECRET",
    class = "openai_argument_error"
  )
})

test_that("signatures of openai-python are accepted", {
  python <- Sys.getenv("OPENAISTREAM_PYTHON")
  skip_if(!nzchar(python), "no Python with openai")
  now <- as.character(round(as.numeric(Sys.time())))
  code <- paste(
    "import base64, hashlib, hmac, sys",
    "from openai import OpenAI",
    "secret, body, now = sys.argv[1:4]",
    "key = base64.b64decode(secret.split('_', 1)[1])",
    "signed = f'wh_1.{now}.{body}'.encode()",
    "tag = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())",
    "headers = {'webhook-id': 'wh_1', 'webhook-timestamp': now,",
    "           'webhook-signature': 'v1,' + tag.decode()}",
    "client = OpenAI(api_key='sk-test')",
    "client.webhooks.verify_signature(body, headers, secret=secret)",
    "print(headers['webhook-signature'])",
    sep = "\n"
  )
  signature <- processx::run(
    python, c("-c", code, secret, payload, now),
    env = c("current", LD_LIBRARY_PATH = "")
  )$stdout
  headers <- c(
    "webhook-id" = "wh_1", "webhook-timestamp" = now,
    "webhook-signature" = trimws(signature)
  )
  webhooks <- openai$new("sk-test")$webhooks
  expect_identical(webhooks$unwrap(payload, headers, secret)$id, "evt_1")
})
