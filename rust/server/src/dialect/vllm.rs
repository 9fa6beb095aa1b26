//! vLLM: one model, members that are null or empty, numeric error codes
//! (<https://docs.vllm.ai/en/stable/serving/openai_compatible_server/>).

use serde_json::{json, Value};

use super::base::{LOCAL, NO_PATH};
use super::conversion::{messages, without_openai_members};
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::reply::Reply;

pub(super) const RULES: Rules = Rules {
    operations: &[
        "chat.completions.create",
        "completions.create",
        "embeddings.create",
        "models.list",
        "responses.create",
        "responses.retrieve",
        "responses.cancel",
        "audio.transcriptions",
        "audio.translations",
    ],
    models: &["Qwen/Qwen3-8B", "intfloat/e5-small"],
    owner: "vllm",
    no_model,
    no_path,
    ignored: &["user"],
    answer,
    error,
    ..LOCAL
};

fn no_model(model: &str) -> ApiError {
    ApiError::new(404, format!("The model `{model}` does not exist."))
        .member("type", "NotFoundError")
}

/// The message of the underlying framework.
fn no_path(_method: &str, _path: &str) -> ApiError {
    ApiError::new(404, "Not Found").code(NO_PATH)
}

fn answer(answer: &mut Value) {
    without_openai_members(answer);
    answer["prompt_logprobs"] = Value::Null;
    if answer["object"] != "chat.completion" {
        return;
    }
    for message in messages(answer) {
        message["reasoning_content"] = Value::Null;
        if message.get("tool_calls").is_none() {
            message["tool_calls"] = json!([]);
        }
    }
}

fn error(error: ApiError) -> Reply {
    if error.code == Some(NO_PATH) {
        let body = json!({ "detail": error.message });
        return error.with_body(body);
    }
    let kind = error.kind_or("BadRequestError");
    let body = json!({
        "error": {
            "message": error.message,
            "type": kind,
            "param": error.param,
            "code": error.status,
        },
    });
    error.with_body(body)
}
