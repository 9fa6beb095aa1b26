//! OpenRouter: comments while it waits, `provider`, numeric error codes
//! (<https://openrouter.ai/docs/api-reference/overview>).

use serde_json::{json, Value};

use super::base::HOSTED;
use super::conversion::{messages, without_openai_members};
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::reply::Reply;

pub(super) const RULES: Rules = Rules {
    base: "/api/v1",
    no_key: Some(no_key),
    operations: &[
        "chat.completions.create",
        "completions.create",
        "embeddings.create",
        "models.list",
        "responses.create",
    ],
    models: &[
        "openai/gpt-oss-20b",
        "meta-llama/llama-3.3-70b-instruct",
        "openai/text-embedding-3-small",
    ],
    owner: "openrouter",
    no_model,
    no_path,
    ignored: &["n"],
    answer,
    events,
    error,
    ..HOSTED
};

fn no_key() -> ApiError {
    ApiError::new(401, "No auth credentials found")
}

fn no_model(model: &str) -> ApiError {
    ApiError::new(400, format!("{model} is not a valid model ID"))
}

fn no_path(_method: &str, _path: &str) -> ApiError {
    ApiError::new(404, "Not Found")
}

fn answer(answer: &mut Value) {
    without_openai_members(answer);
    answer["provider"] = "Practice".into();
    if answer["object"] == "chat.completion" {
        for message in messages(answer) {
            message["reasoning"] = Value::Null;
        }
    }
    let choices = answer["choices"].as_array_mut().into_iter().flatten();
    for choice in choices {
        choice["native_finish_reason"] = choice["finish_reason"].clone();
    }
}

/// Comments keep the connection open until a provider answers.
fn events(mut events: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    events.insert(0, b": OPENROUTER PROCESSING\n\n".to_vec());
    events
}

fn error(error: ApiError) -> Reply {
    let body = json!({
        "error": { "message": error.message, "code": error.status },
        "user_id": "user_practice",
    });
    error.with_body(body)
}
