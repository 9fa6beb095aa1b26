//! Errors of servers about requests that a model cannot handle, as reported by users.

use openaistream_core::stream::EventKind;
use openaistream_core::{Body, CallOptions, Error, Reason};
use openaistream_server::Reply;
use serde_json::{json, Value};

use crate::support::{event_stream, incomplete, take_all, Session};

const WITH_PICTURE: &str = r#"{"model":"m","messages":[{"role":"user","content":[
    {"type":"image_url","image_url":{"url":"https://host/a.png"}}]}]}"#;

const WITHOUT_PICTURE: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;

/// The error of a request with this response, which may be sent twice, and the number of requests.
fn refusal(path: &[&str], body: &str, status: u16, answer: &str) -> (Error, usize) {
    let reply = Reply::body(status, "application/json", answer);
    let session = Session::answering([reply.clone(), reply]);
    let mut request = session.request("POST", path, Body::Json(body.to_owned().into()));
    request.options(CallOptions {
        max_retries: 1,
        ..CallOptions::default()
    });
    let error = session.send(request).expect_err("an error");
    (error, session.server.requests().len())
}

fn chat_refusal(body: &str, status: u16, answer: &str) -> Error {
    refusal(&["chat", "completions"], body, status, answer).0
}

/// An error in OpenAI's format.
fn error_body(message: &str, code: Value) -> String {
    json!({ "error": { "message": message, "type": "invalid_request_error", "code": code } })
        .to_string()
}

#[test]
fn a_full_context_is_reported() {
    let without_code = |message: &str| error_body(message, Value::Null);
    for (server, status, answer) in [
        (
            "OpenAI, Azure",
            400,
            error_body(
                "This model's maximum context length is 4097 tokens. However, your messages \
                 resulted in 4294 tokens. Please reduce the length of the messages.",
                json!("context_length_exceeded"),
            ),
        ),
        (
            "an empty message",
            400,
            error_body("", json!("context_length_exceeded")),
        ),
        (
            "OpenAI",
            400,
            without_code(
                "Your input exceeds the context window of this model. Please adjust your input.",
            ),
        ),
        (
            "Azure",
            400,
            without_code("Input tokens exceed the configured limit of 272000 tokens."),
        ),
        (
            "vLLM",
            400,
            json!({
                "object": "error", "type": "BadRequestError", "param": null, "code": 400,
                "message": "This model's maximum context length is 6048 tokens. However, you \
                    requested 6616 tokens (568 in the messages, 6048 in the completion).",
            })
            .to_string(),
        ),
        (
            "llama.cpp",
            400,
            json!({ "error": {
                "code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 1407,
                "message": "request (1407 tokens) exceeds the available context size (256 tokens), \
                    try increasing it", "n_ctx": 256,
            } })
            .to_string(),
        ),
        (
            "llama.cpp in 2024",
            500,
            without_code("the request exceeds the available context size. try increasing it"),
        ),
        (
            "Ollama",
            400,
            without_code("prompt too long; exceeded max context length by 812 tokens"),
        ),
        (
            "LiteLLM before Anthropic",
            400,
            json!({ "error": {
                "message": "litellm.BadRequestError: AnthropicException - {\"type\":\"error\",\
                    \"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too \
                    long: 209303 tokens > 200000 maximum\"}}",
                "type": null, "param": null, "code": "400",
            } })
            .to_string(),
        ),
        (
            "LiteLLM",
            400,
            without_code("litellm.ContextWindowExceededError: litellm.BadRequestError: too much"),
        ),
        (
            "Groq",
            400,
            error_body(
                "Please reduce the length of the messages or completion.",
                json!("context_length_exceeded"),
            ),
        ),
        (
            "LM Studio",
            400,
            json!({ "error": "Trying to keep the first 111490 tokens when context the overflows. \
                However, the model is loaded with context length of only 32768 tokens" })
            .to_string(),
        ),
    ] {
        let (error, requests) = refusal(&["responses"], WITHOUT_PICTURE, status, &answer);
        assert_eq!(error.reason, Some(Reason::Context), "{server}: {error}");
        let advice = "Model \"m\" takes no input of this length: leave out earlier messages";
        assert!(error.message.contains(advice), "{server}: {error}");
        assert_eq!(requests, 1, "{server}: it is not retried");
    }
}

#[test]
fn a_model_without_image_input_is_reported() {
    for (server, status, message) in [
        (
            "OpenAI, Azure",
            400,
            "Invalid content type. image_url is only supported by certain models.",
        ),
        ("vLLM", 400, "org/model is not a multimodal model"),
        (
            "llama.cpp",
            500,
            "image input is not supported - hint: if this is unexpected, you may need to provide \
             the mmproj",
        ),
        ("Ollama", 400, "this model does not support image input"),
        (
            "Ollama in 2025",
            500,
            "this model is missing data required for image input",
        ),
        ("Groq", 400, "messages[0].content must be a string"),
        (
            "OpenRouter",
            404,
            "No endpoints found that support image input",
        ),
        (
            "DeepSeek",
            400,
            "Failed to deserialize the JSON body into the target type: messages[0]: unknown \
             variant `image_url`, expected `text` at line 1 column 94",
        ),
    ] {
        let answer = error_body(message, Value::Null);
        let (error, requests) = refusal(&["chat", "completions"], WITH_PICTURE, status, &answer);
        assert_eq!(error.reason, Some(Reason::ImageInput), "{server}: {error}");
        let advice = "Model \"m\" does not take pictures: use one that does";
        assert!(error.message.contains(advice), "{server}: {error}");
        assert_eq!(requests, 1, "{server}: it is not retried");
        let error = chat_refusal(WITHOUT_PICTURE, status, &answer);
        assert_eq!(error.reason, None, "{server}, without a picture");
    }
}

#[test]
fn other_errors_keep_their_message() {
    for (status, message) in [
        (
            400,
            "You uploaded an unsupported image. Please make sure your image is valid.",
        ),
        (400, "Invalid image_url: the image exceeds 20 MB."),
        (
            429,
            "Request too large for gpt-4 on tokens per min (TPM): Limit 10000, Requested 12000.",
        ),
        (400, "Unrecognized request argument supplied: context"),
    ] {
        let error = chat_refusal(WITH_PICTURE, status, &error_body(message, Value::Null));
        assert_eq!(error.reason, None, "{error}");
    }
}

#[test]
fn a_text_that_is_too_long_for_an_embedding_is_reported() {
    let message = "This model's maximum context length is 8192 tokens, however you requested 9000 \
                   tokens (9000 in your prompt; 0 for the completion).";
    let body = r#"{"model":"e","input":["..."]}"#;
    let (error, _) = refusal(
        &["embeddings"],
        body,
        400,
        &error_body(message, Value::Null),
    );
    assert_eq!(error.reason, Some(Reason::Context));
    let advice = "Model \"e\" takes no text of this length: split it.";
    assert!(error.message.ends_with(advice), "{error}");
}

#[test]
fn an_error_in_a_stream_is_reported() {
    let event = json!({
        "type": "error", "sequence_number": 2, "error": {
            "type": "invalid_request_error", "code": "context_length_exceeded",
            "message": "Your input exceeds the context window of this model.", "param": "input",
        },
    });
    let session = Session::answering([event_stream([format!("data: {event}\n\n")])]);
    let body = Body::Json(r#"{"model":"m","stream":true}"#.into());
    let request = session.request("POST", &["responses"], body);
    let stream = session.stream(request, EventKind::Response, Default::default());
    let (_, end) = take_all(|patience| stream.take(usize::MAX, patience));
    let error = incomplete(end);
    assert_eq!(error.reason, Some(Reason::Context), "{error}");
    assert!(
        error.message.contains("Model \"m\" takes no input"),
        "{error}"
    );
}
