//! LM Studio: errors are strings, and JSON output requires a schema
//! (<https://lmstudio.ai/docs/developer/openai-compat>).

use serde_json::{json, Value};

use super::base::LOCAL;
use super::conversion::without_openai_members;
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;

pub(super) const RULES: Rules = Rules {
    models: &["openai/gpt-oss-20b", "text-embedding-nomic-embed-text-v1.5"],
    owner: "organization_owner",
    no_model,
    no_path,
    ignored: &["n"],
    check,
    answer,
    error,
    ..LOCAL
};

fn no_model(model: &str) -> ApiError {
    let message = format!(
        "Model \"{model}\" not found. Please specify a valid downloaded model (e.g. {}).",
        RULES.models[0]
    );
    ApiError::new(404, message).code("model_not_found")
}

/// Reports an unknown path with status 200.
fn no_path(method: &str, path: &str) -> ApiError {
    let message = format!("Unexpected endpoint or method. ({method} {path})");
    ApiError::new(200, message)
}

fn check(call: &Call) -> Result<(), ApiError> {
    let format = call.body.get("response_format").map(|it| &it["type"]);
    match format.and_then(Value::as_str) {
        None | Some("json_schema" | "text") => Ok(()),
        Some(_) => Err(ApiError::new(
            400,
            "'response_format.type' must be 'json_schema' or 'text'",
        )),
    }
}

fn answer(answer: &mut Value) {
    without_openai_members(answer);
    if answer["object"] == "chat.completion" {
        answer["stats"] = json!({});
    }
}

fn error(error: ApiError) -> Reply {
    match error.code {
        Some("model_not_found") => error.into(),
        _ => {
            let body = json!({ "error": error.message });
            error.with_body(body)
        }
    }
}
