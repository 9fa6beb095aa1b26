//! `/threads/{thread_id}/runs/{run_id}/steps`, and the tool calls in steps.

use serde_json::{json, Value};

use super::stored;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::model::tokens;
use crate::page::{page, PAGE};
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::store::CREATED;

/// The value of `include` that requests the texts found by a search.
const CONTENT: &str = "step_details.tool_calls[*].file_search.results[*].content";
const RANKER: &str = "default_2024_08_21";

pub(super) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let includes_content = includes_content(&call.query)?;
    let steps = stored::run(call)?.steps.iter();
    let steps = steps.map(|step| shown(step, includes_content)).collect();
    Ok(Reply::json(&page(&call.query, steps, PAGE)?))
}

pub(super) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(2);
    let includes_content = includes_content(&call.query)?;
    let step = stored::run(call)?
        .steps
        .iter()
        .find(|step| step["id"] == *id);
    let step = step.ok_or_else(|| stored::not_found("run step", &id))?;
    Ok(Reply::json(&shown(step, includes_content)))
}

/// Whether a request includes the texts found by a search.
pub(super) fn includes_content(query: &Parameters) -> Result<bool, ApiError> {
    Ok(query.strings("include")?.iter().any(|it| it == CONTENT))
}

/// A step as the server returns it.
pub(super) fn shown(step: &Value, includes_content: bool) -> Value {
    let mut step = step.clone();
    let is_open = step["status"] == "in_progress";
    if let Some(usage) = step.get_mut("usage").filter(|_| is_open) {
        *usage = Value::Null;
    }
    let calls = step
        .pointer_mut("/step_details/tool_calls")
        .and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten().filter(|_| !includes_content) {
        let results = call
            .pointer_mut("/file_search/results")
            .and_then(Value::as_array_mut);
        for result in results.into_iter().flatten() {
            if let Some(result) = result.as_object_mut() {
                result.remove("content");
            }
        }
    }
    step
}

/// A new step of a run.
pub(super) fn new_step(run: &Value, id: String, details: Value) -> Value {
    json!({
        "id": id,
        "object": "thread.run.step",
        "created_at": CREATED,
        "run_id": run["id"],
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "type": details["type"],
        "status": "in_progress",
        "cancelled_at": null,
        "completed_at": null,
        "expired_at": null,
        "failed_at": null,
        "last_error": null,
        "step_details": details,
        "metadata": {},
        "usage": null,
    })
}

/// Converts an item of a response to a tool call; `tools` are those of the run.
pub(super) fn tool_call(item: &Value, tools: &Value) -> Option<Value> {
    match item["type"].as_str()? {
        "function_call" => Some(json!({
            "id": item["call_id"],
            "type": "function",
            "function": {
                "name": item["name"],
                "arguments": item["arguments"],
                "output": null,
            },
        })),
        "code_interpreter_call" => Some(json!({
            "id": item["id"],
            "type": "code_interpreter",
            "code_interpreter": { "input": item["code"], "outputs": item["outputs"] },
        })),
        "file_search_call" => Some(json!({
            "id": item["id"],
            "type": "file_search",
            "file_search": {
                "ranking_options": ranking_options(tools),
                "results": results(&item["results"]),
            },
        })),
        _ => None,
    }
}

fn ranking_options(tools: &Value) -> Value {
    let mut tools = tools.as_array().into_iter().flatten();
    let search = tools.find(|tool| tool["type"] == "file_search");
    let given = search.map_or(&Value::Null, |it| &it["file_search"]["ranking_options"]);
    let threshold = given["score_threshold"].as_f64().unwrap_or_default();
    json!({
        "ranker": given["ranker"].as_str().unwrap_or(RANKER),
        "score_threshold": threshold,
    })
}

fn results(found: &Value) -> Vec<Value> {
    let found = found.as_array().into_iter().flatten();
    let result = |result: &Value| {
        json!({
            "file_id": result["file_id"],
            "file_name": result["filename"],
            "score": result["score"],
            "content": [{ "type": "text", "text": result["text"] }],
        })
    };
    found.map(result).collect()
}

/// Adds an index to an object, as in deltas.
pub(super) fn numbered(index: usize, object: &Value) -> Value {
    let mut numbered = json!({ "index": index });
    for (name, value) in object.as_object().into_iter().flatten() {
        numbered[name] = value.clone();
    }
    numbered
}

/// The deltas of a tool call.
pub(super) fn call_delta(call: &Value, index: usize) -> Vec<Value> {
    let kind = call["type"].as_str().unwrap_or_default();
    let mut first = numbered(index, call);
    let more = |fields: Value| {
        let mut delta = json!({ "index": index, "type": kind });
        delta[kind] = fields;
        delta
    };
    let pieces = |field: &str| -> Vec<Value> {
        let text = call[kind][field].as_str().unwrap_or_default();
        let pieces = tokens(text).map(|token| {
            let mut fields = json!({});
            fields[field] = token.into();
            more(fields)
        });
        pieces.collect()
    };
    match kind {
        "function" => {
            first[kind]["arguments"] = "".into();
            [vec![first], pieces("arguments")].concat()
        }
        "code_interpreter" => {
            first[kind] = json!({ "input": "", "outputs": [] });
            let outputs = call[kind]["outputs"].as_array().into_iter().flatten();
            let outputs = outputs.enumerate().map(|(index, output)| {
                let output = numbered(index, output);
                more(json!({ "outputs": [output] }))
            });
            [vec![first], pieces("input"), outputs.collect()].concat()
        }
        _ => {
            first[kind] = json!({});
            vec![first]
        }
    }
}
