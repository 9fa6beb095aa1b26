//! Azure OpenAI: deployments, `api-version`, the header `api-key`, and content filters
//! (<https://learn.microsoft.com/azure/ai-foundry/openai/reference>,
//! <https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter>).
//!
//! A question that contains "filter this question" is rejected by the prompt filter. If it contains
//! "filter this answer", the answer is removed.

use serde_json::{json, Value};

use super::base::HOSTED;
use super::conversion::{data, end};
use super::key::key_or_token;
use super::rules::{Address, Rules};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::event;
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::request::Head;

pub(super) const RULES: Rules = Rules {
    base: "/openai/v1",
    key: key_or_token,
    no_key: Some(no_key),
    address,
    models: &[
        "gpt-6-luna",
        "my-deployment",
        "text-embedding-3-small",
        "whisper",
    ],
    no_model,
    no_path,
    check,
    answer,
    events,
    error,
    ..HOSTED
};

fn no_key() -> ApiError {
    ApiError::new(
        401,
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide \
         a valid key for an active subscription and use a correct regional API endpoint for your \
         resource.",
    )
    .code("401")
}

/// Paths below `/openai/v1` are those of OpenAI. Paths below `/openai` require a version, and some
/// contain a deployment.
fn address(_rules: &Rules, head: &Head) -> Result<Address, ApiError> {
    let path = head.path();
    let missing = || no_path(&head.method, path);
    let rest = path.strip_prefix("/openai/").ok_or_else(missing)?;
    let address = |path: &str, model: Option<&str>| Address {
        path: format!("/{path}"),
        model: model.map(str::to_owned),
    };
    if let Some(rest) = rest.strip_prefix("v1/") {
        return Ok(address(rest, None));
    }
    Parameters::of_query(&head.target)
        .get("api-version")
        .ok_or_else(missing)?;
    match rest.strip_prefix("deployments/") {
        None => Ok(address(rest, None)),
        Some(rest) => {
            let (deployment, rest) = rest.split_once('/').ok_or_else(missing)?;
            Ok(address(rest, Some(deployment)))
        }
    }
}

fn no_model(_model: &str) -> ApiError {
    ApiError::new(
        404,
        "The API deployment for this resource does not exist. If you created the deployment within \
         the last 5 minutes, please wait a moment and try again.",
    )
    .code("DeploymentNotFound")
}

fn no_path(_method: &str, _path: &str) -> ApiError {
    ApiError::new(404, "Resource not found").code("404")
}

/// The filter results of a text.
fn verdict(filtered: bool) -> Value {
    let of = |filtered: bool, severity: &str| json!({ "filtered": filtered, "severity": severity });
    json!({
        "hate": of(false, "safe"),
        "self_harm": of(false, "safe"),
        "sexual": of(false, "safe"),
        "violence": of(filtered, if filtered { "high" } else { "safe" }),
    })
}

fn check(call: &Call) -> Result<(), ApiError> {
    let messages = call.body.get("messages").map(Value::to_string);
    if messages.is_none_or(|text| !text.contains("filter this question")) {
        return Ok(());
    }
    Err(ApiError::new(
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management \
         policy. Please modify your prompt and retry. To learn more about our content filtering \
         policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
    )
    .param("prompt")
    .code("content_filter")
    .member("status", 400)
    .member(
        "innererror",
        json!({
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": verdict(true),
        }),
    ))
}

/// Adds filter results, and removes a filtered answer.
fn answer(answer: &mut Value) {
    let is_whole = answer["object"] == "chat.completion";
    let choices = answer["choices"].as_array_mut().into_iter().flatten();
    for choice in choices {
        let text = choice.pointer("/message/content").and_then(Value::as_str);
        let filtered = text.is_some_and(|text| text.contains("filter this answer"));
        if filtered {
            choice["finish_reason"] = "content_filter".into();
            choice["message"] = json!({ "role": "assistant" });
        }
        choice["content_filter_results"] = verdict(filtered);
    }
    if is_whole {
        answer["prompt_filter_results"] = prompt_filter_results();
    }
}

fn prompt_filter_results() -> Value {
    json!([{ "prompt_index": 0, "content_filter_results": verdict(false) }])
}

/// Adds an event without choices, with the filter results of the prompt, before the answer. A
/// filtered answer is interrupted.
fn events(mut events: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let found = json!({
        "choices": [], "created": 0, "id": "", "model": "", "object": "",
        "prompt_filter_results": prompt_filter_results(),
    });
    let text = |event: &Vec<u8>| {
        let data = data(event)?;
        let text = data.pointer("/choices/0/delta/content")?.as_str()?;
        Some(text.to_owned())
    };
    let whole: String = events.iter().filter_map(text).collect();
    if whole.contains("filter this answer") {
        let ending = end(&events);
        let marks = events.split_off(ending);
        let kept = events.len() / 2;
        let last = events.pop().and_then(|event| data(&event));
        events.truncate(kept);
        if let Some(mut last) = last {
            last["choices"] = json!([{
                "index": 0, "delta": {}, "finish_reason": "content_filter",
                "content_filter_results": verdict(true),
            }]);
            events.push(event(&last));
        }
        events.extend(marks);
    }
    events.insert(0, event(&found));
    events
}

/// Only errors about a field have a `param`, and a `type`, which is null.
fn error(error: ApiError) -> Reply {
    let mut members = json!({ "code": error.code, "message": error.message });
    if let Some(param) = &error.param {
        members["param"] = param.as_str().into();
        members["type"] = Value::Null;
    }
    for (name, value) in &error.members {
        members[*name] = value.clone();
    }
    error.with_body(json!({ "error": members }))
}
