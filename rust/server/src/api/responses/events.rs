//! The events of a response (<https://platform.openai.com/docs/api-reference/responses-streaming>).

use serde_json::{json, Value};

use crate::model::tokens;

/// The events of a response. Before the first item there are `created`, `queued` for background
/// responses, and `in_progress`.
pub(super) fn events(finished: &Value) -> Vec<Value> {
    let mut events = Events(Vec::new());
    let started = unfinished(finished, "in_progress", Vec::new());
    if finished["background"] == true {
        let queued = unfinished(finished, "queued", Vec::new());
        events.add("created", json!({ "response": queued }));
        events.add("queued", json!({ "response": queued }));
    } else {
        events.add("created", json!({ "response": started }));
    }
    events.add("in_progress", json!({ "response": started }));
    let items = finished["output"].as_array();
    for (index, item) in items.into_iter().flatten().enumerate() {
        events.add_item(index, item, partial_images(finished));
    }
    let end = finished["status"].as_str().unwrap_or_default();
    events.add(end, json!({ "response": finished }));
    events.0
}

/// The number of partial images requested.
fn partial_images(response: &Value) -> u64 {
    let tools = response["tools"].as_array().into_iter().flatten();
    let counts = tools.filter_map(|tool| tool["partial_images"].as_u64());
    counts.max().unwrap_or(0).min(3)
}

/// An unfinished response with its finished items.
pub(super) fn unfinished(finished: &Value, status: &str, output: Vec<Value>) -> Value {
    let mut response = finished.clone();
    response["status"] = status.into();
    response["output"] = output.into();
    for name in ["completed_at", "incomplete_details", "usage"] {
        response[name] = Value::Null;
    }
    response
}

/// A sequence of events.
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

    fn add_item(&mut self, index: usize, item: &Value, partial_images: u64) {
        let mut started = item.clone();
        if item.get("status").is_some() {
            started["status"] = "in_progress".into();
        }
        let kind = item["type"].as_str().unwrap_or_default();
        let empty = match kind {
            "message" => json!({ "content": [] }),
            "reasoning" => json!({ "summary": [] }),
            "function_call" => json!({ "arguments": "" }),
            "image_generation_call" => json!({ "result": null }),
            "file_search_call" => json!({ "results": null }),
            "code_interpreter_call" => json!({ "code": "", "outputs": null }),
            _ => json!({}),
        };
        for (field, empty) in empty.as_object().into_iter().flatten() {
            started[field] = empty.clone();
        }
        self.add(
            "output_item.added",
            json!({ "output_index": index, "item": started }),
        );
        match kind {
            "message" => self.add_parts(index, item),
            "reasoning" => self.add_summary(index, item),
            "function_call" => self.add_arguments(index, item),
            "image_generation_call" => self.add_picture(index, item, partial_images),
            "code_interpreter_call" => self.add_code(index, item),
            _ => self.add_steps(index, item, &["in_progress", "searching", "completed"]),
        }
        self.add(
            "output_item.done",
            json!({ "output_index": index, "item": item }),
        );
    }

    fn add_parts(&mut self, index: usize, item: &Value) {
        let parts = item["content"].as_array();
        for (part_index, part) in parts.into_iter().flatten().enumerate() {
            let at = |fields: Value| {
                let position = json!({ "output_index": index, "content_index": part_index });
                with(&item["id"], &position, fields)
            };
            let mut empty = part.clone();
            empty["text"] = "".into();
            empty["annotations"] = json!([]);
            self.add("content_part.added", at(json!({ "part": empty })));
            let text = part["text"].as_str().unwrap_or_default();
            for token in tokens(text) {
                let delta = json!({ "delta": token, "logprobs": [] });
                self.add("output_text.delta", at(delta));
            }
            let annotations = part["annotations"].as_array();
            for (index, annotation) in annotations.into_iter().flatten().enumerate() {
                let added = json!({ "annotation_index": index, "annotation": annotation });
                self.add("output_text.annotation.added", at(added));
            }
            let text = json!({ "text": text, "logprobs": [] });
            self.add("output_text.done", at(text));
            self.add("content_part.done", at(json!({ "part": part })));
        }
    }

    fn add_summary(&mut self, index: usize, item: &Value) {
        let parts = item["summary"].as_array();
        for (part_index, part) in parts.into_iter().flatten().enumerate() {
            let at = |fields: Value| {
                let position = json!({ "output_index": index, "summary_index": part_index });
                with(&item["id"], &position, fields)
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

    /// Adds the progress events of a built-in tool.
    fn add_steps(&mut self, index: usize, item: &Value, steps: &[&str]) {
        let kind = item["type"].as_str().unwrap_or_default();
        for step in steps {
            let step = format!("{kind}.{step}");
            self.add(
                &step,
                with(&item["id"], &json!({ "output_index": index }), json!({})),
            );
        }
    }

    /// Adds image events. Partial images have full quality here.
    fn add_picture(&mut self, index: usize, item: &Value, partial_images: u64) {
        self.add_steps(index, item, &["in_progress", "generating"]);
        for partial in 0..partial_images {
            let picture = json!({
                "partial_image_index": partial,
                "partial_image_b64": item["result"],
                "background": item["background"],
                "output_format": item["output_format"],
                "quality": item["quality"],
                "size": item["size"],
            });
            let position = json!({ "output_index": index });
            self.add(
                "image_generation_call.partial_image",
                with(&item["id"], &position, picture),
            );
        }
        self.add_steps(index, item, &["completed"]);
    }

    fn add_code(&mut self, index: usize, item: &Value) {
        let at = |fields: Value| with(&item["id"], &json!({ "output_index": index }), fields);
        self.add_steps(index, item, &["in_progress"]);
        let code = item["code"].as_str().unwrap_or_default();
        for token in tokens(code) {
            let delta = json!({ "delta": token });
            self.add("code_interpreter_call_code.delta", at(delta));
        }
        let whole = json!({ "code": code });
        self.add("code_interpreter_call_code.done", at(whole));
        self.add_steps(index, item, &["interpreting", "completed"]);
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
fn with(item_id: &Value, position: &Value, fields: Value) -> Value {
    let mut event = json!({ "item_id": item_id });
    for source in [position, &fields] {
        for (name, value) in source.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
    }
    event
}
