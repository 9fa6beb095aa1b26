//! Complete objects of both APIs.

use serde_json::{json, Value};

/// When responses are created, and when they end.
pub const CREATED: i64 = 1_000_000;
pub const ENDED: i64 = 1_000_500;

/// An object with some members changed.
pub fn with(mut object: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}

pub fn response(status: &str, output: Value, changes: Value) -> Value {
    let response = json!({
        "id": "resp_1", "object": "response", "created_at": CREATED, "status": status,
        "background": true, "error": null, "incomplete_details": null, "completed_at": null,
        "output": output, "usage": null,
    });
    with(response, changes)
}

/// The final state of a response, with usage.
pub fn finished(status: &str, output: Value, changes: Value) -> Value {
    let usage = json!({
        "input_tokens": 10, "input_tokens_details": { "cached_tokens": 0 }, "output_tokens": 5,
        "total_tokens": 15,
    });
    let over = json!({ "completed_at": ENDED, "usage": usage });
    response(status, output, with(over, changes))
}

/// An event of a response.
pub fn event(name: &str, members: Value) -> Value {
    with(json!({ "type": format!("response.{name}") }), members)
}

/// The events before the first item.
pub fn first_events() -> Vec<Value> {
    let queued = response("queued", json!([]), json!({}));
    let begun = response("in_progress", json!([]), json!({}));
    vec![
        event("created", json!({ "response": queued })),
        event("queued", json!({ "response": queued })),
        event("in_progress", json!({ "response": begun })),
    ]
}

pub fn added(index: i64, item: Value) -> Value {
    event(
        "output_item.added",
        json!({ "output_index": index, "item": item }),
    )
}

pub fn done(index: i64, item: &Value) -> Value {
    event(
        "output_item.done",
        json!({ "output_index": index, "item": item }),
    )
}

/// An event that adds to an item, or to a part of it.
pub fn item_event(name: &str, id: &str, index: i64, members: Value) -> Value {
    let place = json!({ "item_id": id, "output_index": index });
    event(name, with(place, members))
}

pub fn text_delta(id: &str, index: i64, delta: &str) -> Value {
    let members = json!({ "content_index": 0, "delta": delta, "logprobs": [] });
    item_event("output_text.delta", id, index, members)
}

pub fn message_item(id: &str, status: &str, content: Value) -> Value {
    json!({
        "id": id, "type": "message", "status": status, "content": content, "role": "assistant",
    })
}

pub fn output_text(text: &str, annotations: Value) -> Value {
    json!({ "type": "output_text", "annotations": annotations, "logprobs": [], "text": text })
}

/// The queued run.
pub fn run() -> Value {
    json!({
        "id": "run_1", "object": "thread.run", "created_at": 999_999, "assistant_id": "asst_1",
        "thread_id": "thread_1", "status": "queued", "required_action": null, "last_error": null,
        "expires_at": 1_000_599, "started_at": null, "cancelled_at": null, "failed_at": null,
        "completed_at": null, "incomplete_details": null, "usage": null, "model": "m",
        "instructions": "Help.", "tools": [], "metadata": {},
    })
}

/// The run in progress.
pub fn running(changes: Value) -> Value {
    let begun = json!({ "status": "in_progress", "started_at": CREATED });
    with(run(), with(begun, changes))
}

/// The finished run.
pub fn ended_run(status: &str, changes: Value) -> Value {
    let over = json!({ "status": status, "expires_at": null, "usage": usage(10, 5) });
    running(with(over, changes))
}

pub fn usage(prompt: i64, completion: i64) -> Value {
    json!({
        "prompt_tokens": prompt, "completion_tokens": completion,
        "total_tokens": prompt + completion,
    })
}

/// The events before the first step.
pub fn first_run_events() -> Vec<(&'static str, Value)> {
    vec![
        ("thread.run.created", run()),
        ("thread.run.queued", run()),
        ("thread.run.in_progress", running(json!({}))),
    ]
}

/// An empty message in progress, with `changes`.
pub fn message(id: &str, changes: Value) -> Value {
    let message = json!({
        "id": id, "object": "thread.message", "created_at": CREATED, "thread_id": "thread_1",
        "status": "in_progress", "incomplete_details": null, "completed_at": null,
        "incomplete_at": null, "role": "assistant", "content": [], "assistant_id": "asst_1",
        "run_id": "run_1", "attachments": [], "metadata": {},
    });
    with(message, changes)
}

pub fn completed_message(id: &str, content: Value) -> Value {
    let changes = json!({ "status": "completed", "completed_at": CREATED, "content": content });
    message(id, changes)
}

pub fn text_part(text: &str, annotations: Value) -> Value {
    json!({ "type": "text", "text": { "value": text, "annotations": annotations } })
}

pub fn message_delta(id: &str, part: Value) -> (&'static str, Value) {
    let delta = json!({
        "id": id, "object": "thread.message.delta", "delta": { "content": [part] },
    });
    ("thread.message.delta", delta)
}

/// A step in progress, with `changes`.
pub fn step(item: &str, details: Value, changes: Value) -> Value {
    let step = json!({
        "id": format!("step_{item}"), "object": "thread.run.step", "created_at": CREATED,
        "run_id": "run_1", "assistant_id": "asst_1", "thread_id": "thread_1",
        "type": details["type"], "status": "in_progress", "cancelled_at": null,
        "completed_at": null, "expired_at": null, "failed_at": null, "last_error": null,
        "step_details": details, "metadata": {}, "usage": null,
    });
    with(step, changes)
}

pub fn completed_step(item: &str, details: Value, usage: Value) -> Value {
    let changes = json!({ "status": "completed", "completed_at": CREATED, "usage": usage });
    step(item, details, changes)
}

pub fn creation(id: &str) -> Value {
    json!({ "type": "message_creation", "message_creation": { "message_id": id } })
}

pub fn calls(calls: Value) -> Value {
    json!({ "type": "tool_calls", "tool_calls": calls })
}

pub fn step_delta(item: &str, call: Value) -> (&'static str, Value) {
    let delta = json!({
        "id": format!("step_{item}"), "object": "thread.run.step.delta",
        "delta": { "step_details": calls(json!([call])) },
    });
    ("thread.run.step.delta", delta)
}

/// The events that start a step with tool calls.
pub fn calls_start(item: &str) -> Vec<(&'static str, Value)> {
    let step = step(item, calls(json!([])), json!({}));
    vec![
        ("thread.run.step.created", step.clone()),
        ("thread.run.step.in_progress", step),
    ]
}

/// The events that start a message.
pub fn message_starts(id: &str) -> Vec<(&'static str, Value)> {
    let step = step(id, creation(id), json!({}));
    vec![
        ("thread.run.step.created", step.clone()),
        ("thread.run.step.in_progress", step),
        ("thread.message.created", message(id, json!({}))),
        ("thread.message.in_progress", message(id, json!({}))),
    ]
}
