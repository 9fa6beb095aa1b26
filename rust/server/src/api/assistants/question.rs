//! Converts a run to a request for a response with the same answer.

use serde_json::{json, Map, Value};

use super::resources;
use crate::parameters::Parameters;
use crate::store::{Run, Store};

/// The parameters that runs and responses have in common, with their names in responses.
const SHARED: [(&str, &str); 7] = [
    ("model", "model"),
    ("instructions", "instructions"),
    ("temperature", "temperature"),
    ("top_p", "top_p"),
    ("tool_choice", "tool_choice"),
    ("parallel_tool_calls", "parallel_tool_calls"),
    ("max_completion_tokens", "max_output_tokens"),
];
/// Details of tool calls that responses contain only on request.
const INCLUDE: [&str; 2] = ["file_search_call.results", "code_interpreter_call.outputs"];

/// The request for a response that each round of a run sends, without its input. `resources` are
/// those of the assistant or the run, and of the thread.
pub(super) fn settings(run: &Value, resources: &[&Value]) -> Map<String, Value> {
    let mut settings = Map::new();
    for (name, in_responses) in SHARED {
        if !run[name].is_null() {
            settings.insert(in_responses.to_owned(), run[name].clone());
        }
    }
    let tools = run["tools"].as_array().into_iter().flatten();
    let tools: Vec<Value> = tools.filter_map(|it| tool(it, resources)).collect();
    settings.insert("tools".to_owned(), tools.into());
    settings.insert("include".to_owned(), json!(INCLUDE));
    if let Some(format) = format(&run["response_format"]) {
        settings.insert("text".to_owned(), json!({ "format": format }));
    }
    settings
}

/// Converts a tool to the format of responses; `None` if it has no files or stores to use.
fn tool(tool: &Value, resources: &[&Value]) -> Option<Value> {
    let all = |texts: fn(&Value) -> Vec<String>| -> Vec<String> {
        resources.iter().flat_map(|it| texts(it)).collect()
    };
    match tool["type"].as_str()? {
        kind @ "function" => Some(with(&tool["function"], json!({ "type": kind }))),
        kind @ "file_search" => {
            let stores = all(resources::vector_store_ids);
            let named = json!({ "type": kind, "vector_store_ids": stores });
            (!stores.is_empty()).then(|| with(&tool["file_search"], named))
        }
        kind @ "code_interpreter" => {
            let container = json!({ "type": "auto", "file_ids": all(resources::code_files) });
            Some(json!({ "type": kind, "container": container }))
        }
        _ => None,
    }
}

/// Converts a format: runs nest a JSON Schema in an object, responses do not.
fn format(format: &Value) -> Option<Value> {
    let kind = format["type"].as_str()?;
    Some(with(&format["json_schema"], json!({ "type": kind })))
}

fn with(more: &Value, fields: Value) -> Value {
    let mut fields = fields;
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    fields
}

/// How many of the last messages a run reads.
pub(super) fn last_messages(body: &Parameters) -> usize {
    let strategy = body.get("truncation_strategy");
    let count = strategy.and_then(|strategy| strategy["last_messages"].as_u64());
    count.map_or(usize::MAX, |count| count.try_into().unwrap_or(usize::MAX))
}

/// The input of a run: the messages of its thread, each after the calls that led to it, and its own
/// calls so far.
pub(super) fn input(store: &Store, run: &Run) -> Vec<Value> {
    let thread = store.threads.get(&run.thread);
    let messages = thread.map_or(&[][..], |thread| &thread.messages);
    let first = messages.len().saturating_sub(run.last_messages);
    let mut input = Vec::new();
    let mut last = None;
    for message in &messages[first..] {
        let writer = message["run_id"].as_str();
        if writer != last {
            last = writer;
            let writer = writer.and_then(|id| store.runs.get(id));
            // A run that was not completed may have calls without an output.
            let writer = writer.filter(|writer| writer.status() == "completed");
            input.extend(writer.into_iter().flat_map(|writer| writer.calls.clone()));
        }
        input.push(item(message));
    }
    input.extend(run.calls.iter().cloned());
    input
}

/// Converts a message of a thread to an input item.
fn item(message: &Value) -> Value {
    let is_answer = message["role"] == "assistant";
    let parts = message["content"].as_array().into_iter().flatten();
    let content = parts.map(|part| match part["type"].as_str() {
        Some("image_file") => image(&part["image_file"]),
        Some("image_url") => {
            json!({ "type": "input_image", "image_url": part["image_url"]["url"],
                    "detail": part["image_url"]["detail"] })
        }
        _ if is_answer => json!({ "type": "output_text", "text": part["text"]["value"] }),
        _ => json!({ "type": "input_text", "text": part["text"]["value"] }),
    });
    json!({
        "id": message["id"],
        "type": "message",
        "role": message["role"],
        "content": content.collect::<Vec<Value>>(),
    })
}

fn image(file: &Value) -> Value {
    with(file, json!({ "type": "input_image" }))
}
