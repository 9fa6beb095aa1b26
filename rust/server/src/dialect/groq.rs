//! Groq: some fields are rejected by name, `x_groq`, no embeddings
//! (<https://console.groq.com/docs/openai>).

use serde_json::{json, Value};

use super::base::HOSTED;
use super::conversion::{messages, without_openai_members};
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::call::Call;

pub(super) const RULES: Rules = Rules {
    base: "/openai/v1",
    no_key: Some(no_key),
    operations: &[
        "chat.completions.create",
        "responses.create",
        "models.list",
        "models.retrieve",
        "audio",
        "files",
        "batches",
    ],
    models: &[
        "openai/gpt-oss-20b",
        "llama-3.3-70b-versatile",
        "whisper-large-v3",
    ],
    owner: "Groq",
    no_model,
    no_path,
    check,
    answer,
    ..HOSTED
};

fn no_key() -> ApiError {
    ApiError::new(401, "Invalid API Key").code("invalid_api_key")
}

fn no_model(model: &str) -> ApiError {
    ApiError::new(
        404,
        format!("The model `{model}` does not exist or you do not have access to it."),
    )
    .code("model_not_found")
}

fn no_path(method: &str, path: &str) -> ApiError {
    let message = format!(
        "Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at \
         https://console.groq.com/docs/"
    );
    ApiError::new(404, message).code("unknown_url")
}

/// The supported members of a message.
const MEMBERS: [&str; 4] = ["role", "content", "tool_calls", "tool_call_id"];

fn check(call: &Call) -> Result<(), ApiError> {
    let refused = |message: String| Err(ApiError::new(400, message));
    for field in ["store", "logprobs", "logit_bias", "top_logprobs"] {
        if call.body.get(field).is_some() {
            return refused(format!("property '{field}' is unsupported"));
        }
    }
    if call.body.get("n").is_some_and(|n| *n != 1) {
        return refused("'n' : number must be at most 1".to_owned());
    }
    let messages = call.body.get("messages").and_then(Value::as_array);
    for (index, message) in messages.into_iter().flatten().enumerate() {
        let mut names = message.as_object().into_iter().flat_map(|it| it.keys());
        if let Some(name) = names.find(|name| !MEMBERS.contains(&name.as_str())) {
            let role = message["role"].as_str().unwrap_or_default();
            return refused(format!(
                "'messages.{index}' : for 'role:{role}' the following must be \
                 satisfied[('messages.{index}' : property '{name}' is unsupported)]"
            ));
        }
    }
    Ok(())
}

/// Reasoning models return their reasoning in a separate member, and a stream has its usage in
/// another one.
fn answer(answer: &mut Value) {
    without_openai_members(answer);
    let thinks = answer["model"] == "openai/gpt-oss-20b";
    if thinks && answer["object"] == "chat.completion" {
        for message in messages(answer) {
            message["reasoning"] = "The user asks.".into();
        }
    }
    let ends = answer
        .pointer("/choices/0/finish_reason")
        .is_some_and(Value::is_string);
    if ends && answer["object"] == "chat.completion.chunk" {
        answer["x_groq"] = json!({
            "id": "req_practice",
            "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
        });
    }
}
