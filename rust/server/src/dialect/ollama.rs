//! Ollama: some fields are ignored, and tool calls are sent in one piece
//! (<https://docs.ollama.com/api/openai-compatibility>).

use serde_json::{json, Value};

use super::base::{LOCAL, NO_PATH};
use super::conversion::{data, without_openai_members};
use super::rules::Rules;
use crate::api_error::ApiError;
use crate::events::event;
use crate::reply::Reply;

pub(super) const RULES: Rules = Rules {
    models: &["llama3.2", "gpt-oss:20b", "nomic-embed-text"],
    owner: "library",
    no_model,
    no_path,
    ignored: &[
        "n",
        "max_completion_tokens",
        "tool_choice",
        "parallel_tool_calls",
        "store",
        "user",
    ],
    answer,
    events: whole_calls,
    error,
    ..LOCAL
};

fn no_model(model: &str) -> ApiError {
    ApiError::new(404, format!("model '{model}' not found")).member("type", "not_found_error")
}

/// Plain text instead of JSON.
fn no_path(_method: &str, _path: &str) -> ApiError {
    ApiError::new(404, "404 page not found").code(NO_PATH)
}

fn answer(answer: &mut Value) {
    without_openai_members(answer);
    answer["system_fingerprint"] = "fp_ollama".into();
}

/// Merges the deltas of tool calls into one.
fn whole_calls(events: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut calls: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    for bytes in events {
        let value = data(&bytes);
        let deltas = value.as_ref().and_then(|value| {
            let deltas = value.pointer("/choices/0/delta/tool_calls")?;
            deltas.as_array()
        });
        for delta in deltas.into_iter().flatten() {
            add_to(&mut calls, delta);
        }
        if deltas.is_some() {
            continue;
        }
        let is_end = value.as_ref().is_some_and(|value| {
            let reason = value.pointer("/choices/0/finish_reason");
            reason.is_some_and(Value::is_string)
        });
        if let (true, false, Some(value)) = (is_end, calls.is_empty(), &value) {
            let mut whole = value.clone();
            let calls = std::mem::take(&mut calls);
            whole["choices"][0]["finish_reason"] = Value::Null;
            whole["choices"][0]["delta"] =
                json!({ "role": "assistant", "content": "", "tool_calls": calls });
            kept.push(event(&whole));
        }
        kept.push(bytes);
    }
    kept
}

/// Adds a delta to its call.
fn add_to(calls: &mut Vec<Value>, delta: &Value) {
    let known = calls
        .iter_mut()
        .find(|call| call["index"] == delta["index"]);
    let Some(call) = known else {
        return calls.push(delta.clone());
    };
    let text = |value: &Value| value["function"]["arguments"].as_str().map(str::to_owned);
    let whole = text(call).unwrap_or_default() + &text(delta).unwrap_or_default();
    call["function"]["arguments"] = whole.into();
}

fn error(error: ApiError) -> Reply {
    if error.code == Some(NO_PATH) {
        return Reply::body(error.status, "text/plain", error.message);
    }
    let kind = error.kind_or("invalid_request_error");
    let body = json!({
        "error": { "message": error.message, "type": kind, "param": null, "code": null },
    });
    error.with_body(body)
}
