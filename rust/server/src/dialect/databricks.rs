//! Databricks: models below `/serving-endpoints`, and a limited set of fields
//! (<https://docs.databricks.com/machine-learning/foundation-model-apis/api-reference.html>).

use serde_json::{json, Value};

use super::base::HOSTED;
use super::conversion::{messages, without_openai_members};
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;

pub(super) const RULES: Rules = Rules {
    base: "/serving-endpoints",
    no_key: Some(no_key),
    operations: &[
        "chat.completions.create",
        "completions.create",
        "embeddings.create",
    ],
    models: &[
        "databricks-meta-llama-3-3-70b-instruct",
        "databricks-gpt-oss-20b",
        "databricks-gte-large-en",
    ],
    owner: "databricks",
    no_model,
    no_path,
    check,
    answer,
    error,
    ..HOSTED
};

/// The supported fields of a chat.
const FIELDS: [&str; 14] = [
    "model",
    "messages",
    "max_tokens",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "n",
    "tools",
    "tool_choice",
    "response_format",
    "logprobs",
    "top_logprobs",
];

fn no_key() -> ApiError {
    ApiError::new(
        401,
        "Credential was not sent or was of an unsupported type for this API.",
    )
    .code("UNAUTHENTICATED")
}

fn no_model(model: &str) -> ApiError {
    ApiError::new(
        404,
        format!("The given endpoint does not exist, please retry after checking the specified model and version deployment exists. (endpoint: {model})"),
    )
    .code("RESOURCE_DOES_NOT_EXIST")
}

fn no_path(method: &str, path: &str) -> ApiError {
    ApiError::new(404, format!("No API found for '{method} {path}'")).code("ENDPOINT_NOT_FOUND")
}

fn check(call: &Call) -> Result<(), ApiError> {
    let mut names = call.body.values().keys();
    if let Some(unknown) = names.find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(bad_request(&format!("json: unknown field \"{unknown}\"")));
    }
    let tools = call.body.get("tools").and_then(Value::as_array);
    let mut functions = tools.into_iter().flatten().map(|tool| &tool["function"]);
    if functions.any(|function| function.get("parameters").is_none()) {
        return Err(bad_request(
            "\"parameters\" is a required property for \"function\" object in parameter \"tools\"",
        ));
    }
    Ok(())
}

fn bad_request(why: &str) -> ApiError {
    ApiError::new(400, format!("Bad request: {why}\n")).code("BAD_REQUEST")
}

/// Reasoning models return their content in parts.
fn answer(answer: &mut Value) {
    without_openai_members(answer);
    if answer["model"] != "databricks-gpt-oss-20b" {
        return;
    }
    for message in messages(answer) {
        if let Some(text) = message["content"].as_str().filter(|text| !text.is_empty()) {
            message["content"] = json!([
                {
                    "type": "reasoning",
                    "summary": [{ "type": "summary_text", "text": "The user asks." }],
                },
                { "type": "text", "text": text },
            ]);
        }
    }
}

fn error(error: ApiError) -> Reply {
    let body = json!({
        "error_code": error.code.unwrap_or("BAD_REQUEST"),
        "message": error.message,
    });
    error.with_body(body)
}
