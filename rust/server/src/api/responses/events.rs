//! The events of a response (<https://platform.openai.com/docs/api-reference/responses-streaming>).

use serde_json::{json, Value};

use crate::model::tokens;

/// The events that come before the first item: `created`, `queued` of one in the background, and
/// `in_progress`.
pub(super) fn events(finished: &Value) -> Vec<Value> {
    let mut events = Events(Vec::new());
    let begun = unfinished(finished, "in_progress", Vec::new());
    if finished["background"] == true {
        let queued = unfinished(finished, "queued", Vec::new());
        events.add("created", json!({ "response": queued }));
        events.add("queued", json!({ "response": queued }));
    } else {
        events.add("created", json!({ "response": begun }));
    }
    events.add("in_progress", json!({ "response": begun }));
    let items = finished["output"].as_array();
    for (index, item) in items.into_iter().flatten().enumerate() {
        events.add_item(index, item);
    }
    let end = finished["status"].as_str().unwrap_or_default();
    events.add(end, json!({ "response": finished }));
    events.0
}

/// A response that is not finished, with the items that are.
pub(super) fn unfinished(finished: &Value, status: &str, output: Vec<Value>) -> Value {
    let mut response = finished.clone();
    response["status"] = status.into();
    response["output"] = output.into();
    for name in ["completed_at", "incomplete_details", "usage"] {
        response[name] = Value::Null;
    }
    response
}

/// Events in their order.
struct Events(Vec<Value>);

impl Events {
    fn add(&mut self, name: &str, fields: Value) {
        let mut event = json!({
            "type": format!("response.{name}"),
            "sequence_number": self.0.len(),
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        self.0.push(event);
    }

    fn add_item(&mut self, index: usize, item: &Value) {
        let mut begun = item.clone();
        if item.get("status").is_some() {
            begun["status"] = "in_progress".into();
        }
        let begun_at = |field: &str, empty: Value| {
            let mut begun = begun.clone();
            begun[field] = empty;
            json!({ "output_index": index, "item": begun })
        };
        match item["type"].as_str().unwrap_or_default() {
            "message" => {
                self.add("output_item.added", begun_at("content", json!([])));
                self.add_parts(index, item);
            }
            "reasoning" => {
                self.add("output_item.added", begun_at("summary", json!([])));
                self.add_summary(index, item);
            }
            _ => {
                self.add("output_item.added", begun_at("arguments", json!("")));
                self.add_arguments(index, item);
            }
        }
        self.add(
            "output_item.done",
            json!({ "output_index": index, "item": item }),
        );
    }

    fn add_parts(&mut self, index: usize, item: &Value) {
        let parts = item["content"].as_array();
        for (place, part) in parts.into_iter().flatten().enumerate() {
            let at = |fields: Value| {
                let place = json!({ "output_index": index, "content_index": place });
                with(&item["id"], &place, fields)
            };
            let mut empty = part.clone();
            empty["text"] = "".into();
            self.add("content_part.added", at(json!({ "part": empty })));
            let text = part["text"].as_str().unwrap_or_default();
            for token in tokens(text) {
                let delta = json!({ "delta": token, "logprobs": [] });
                self.add("output_text.delta", at(delta));
            }
            let text = json!({ "text": text, "logprobs": [] });
            self.add("output_text.done", at(text));
            self.add("content_part.done", at(json!({ "part": part })));
        }
    }

    fn add_summary(&mut self, index: usize, item: &Value) {
        let parts = item["summary"].as_array();
        for (place, part) in parts.into_iter().flatten().enumerate() {
            let at = |fields: Value| {
                let place = json!({ "output_index": index, "summary_index": place });
                with(&item["id"], &place, fields)
            };
            let empty = json!({ "type": "summary_text", "text": "" });
            self.add("reasoning_summary_part.added", at(json!({ "part": empty })));
            let text = part["text"].as_str().unwrap_or_default();
            for token in tokens(text) {
                let delta = json!({ "delta": token });
                self.add("reasoning_summary_text.delta", at(delta));
            }
            self.add("reasoning_summary_text.done", at(json!({ "text": text })));
            self.add("reasoning_summary_part.done", at(json!({ "part": part })));
        }
    }

    fn add_arguments(&mut self, index: usize, item: &Value) {
        let at = |fields: Value| with(&item["id"], &json!({ "output_index": index }), fields);
        let arguments = item["arguments"].as_str().unwrap_or_default();
        for token in tokens(arguments) {
            let delta = json!({ "delta": token });
            self.add("function_call_arguments.delta", at(delta));
        }
        let whole = json!({ "name": item["name"], "arguments": arguments });
        self.add("function_call_arguments.done", at(whole));
    }
}

/// The fields of an event about a part of an item.
fn with(item_id: &Value, place: &Value, fields: Value) -> Value {
    let mut event = json!({ "item_id": item_id });
    for source in [place, &fields] {
        for (name, value) in source.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
    }
    event
}
