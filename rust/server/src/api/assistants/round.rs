//! A round of a run: the model's answer, as events of the run.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use super::messages::text_part;
use super::steps::{call_delta, new_step, numbered, tool_call};
use crate::model::tokens;
use crate::store::{usage, Ids, Run, RunEvent, CREATED};

/// The speed of a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The wait in the queue, and before the first step.
    pub(super) wait: Duration,
    /// The delays before events in the queue, and before all later ones.
    pub(super) queued: Duration,
    pub(super) step: Duration,
}

/// The events that a round adds to a run.
pub(super) struct Round<'a> {
    run: Value,
    ids: &'a mut Ids,
    pause: Duration,
    at: Instant,
    events: VecDeque<RunEvent>,
}

impl<'a> Round<'a> {
    pub(super) fn new(run: &Run, ids: &'a mut Ids, now: Instant, pace: Pace) -> Round<'a> {
        Round {
            run: run.object.clone(),
            ids,
            pause: pace.queued,
            at: now,
            events: VecDeque::new(),
        }
    }

    pub(super) fn add(&mut self, name: &'static str, data: Value) {
        self.at += self.pause;
        self.events.push_back(RunEvent {
            at: self.at,
            is_streamed: true,
            name,
            data,
        });
    }

    /// Sets the status of the run.
    fn become_status(&mut self, name: &'static str) {
        let status = name.rsplit('.').next().unwrap_or_default();
        self.run["status"] = status.into();
        self.add(name, self.run.clone());
    }

    /// Creates the run.
    pub(super) fn begin(&mut self) {
        self.add("thread.run.created", self.run.clone());
    }

    /// Completes the step with function calls, using their outputs.
    pub(super) fn complete_calls(&mut self, mut step: Value, outputs: &[(String, String)]) {
        let calls = step["step_details"]["tool_calls"].as_array_mut();
        for call in calls.into_iter().flatten() {
            let output = outputs.iter().find(|(id, _)| call["id"] == **id);
            if let Some((_, output)) = output {
                call["function"]["output"] = output.as_str().into();
            }
        }
        self.complete(step);
    }

    /// Adds the events for the content of the finished response.
    pub(super) fn work(
        mut self,
        run: &mut Run,
        response: &Value,
        pace: Pace,
    ) -> VecDeque<RunEvent> {
        self.run["required_action"] = Value::Null;
        self.become_status("thread.run.queued");
        self.at += pace.wait;
        self.run["started_at"] = CREATED.into();
        self.become_status("thread.run.in_progress");
        self.at += pace.wait;
        self.pause = pace.step;

        let count = |name: &str| response["usage"][name].as_u64().unwrap_or_default();
        let (input, output) = (count("input_tokens"), count("output_tokens"));
        run.input_tokens += input;
        run.output_tokens += output;
        let items = response["output"].as_array().cloned().unwrap_or_default();
        let items: Vec<&Value> = items
            .iter()
            .filter(|it| it["type"] != "reasoning")
            .collect();
        let is_message = |item: &Value| item["type"] == "message";
        let mut used = usage(input, output);
        let groups: Vec<&[&Value]> = items
            .chunk_by(|left, right| !is_message(left) && !is_message(right))
            .collect();
        for (index, group) in groups.iter().enumerate() {
            // Usage is known for the round only; its last step gets it.
            let usage = match index + 1 == groups.len() {
                true => used.take(),
                false => usage(0, 0),
            };
            if is_message(group[0]) {
                self.write(group[0], usage);
            } else {
                self.call_tools(group, usage);
            }
        }
        let calls = items.iter().filter(|item| item["type"] == "function_call");
        let calls: Vec<Value> = calls.map(|item| (*item).clone()).collect();
        self.end(run, response, &calls);
        run.calls.extend(calls);
        self.events
    }

    fn write(&mut self, item: &Value, usage: Value) {
        let is_cut = item["status"] == "incomplete";
        let details = json!({ "type": "message_creation",
                              "message_creation": { "message_id": item["id"] } });
        let step = self.begin_step(details);
        let mut message = json!({
            "id": item["id"],
            "object": "thread.message",
            "created_at": CREATED,
            "thread_id": self.run["thread_id"],
            "status": "in_progress",
            "incomplete_details": null,
            "completed_at": null,
            "incomplete_at": null,
            "role": "assistant",
            "content": [],
            "assistant_id": self.run["assistant_id"],
            "run_id": self.run["id"],
            "attachments": [],
            "metadata": {},
        });
        self.add("thread.message.created", message.clone());
        self.add("thread.message.in_progress", message.clone());
        let mut content = Vec::new();
        for (index, part) in item["content"].as_array().into_iter().flatten().enumerate() {
            content.push(self.write_part(&item["id"], index, part));
        }
        message["content"] = content.into();
        if is_cut {
            message["status"] = "incomplete".into();
            message["incomplete_at"] = CREATED.into();
            message["incomplete_details"] = json!({ "reason": "max_tokens" });
            self.add("thread.message.incomplete", message);
        } else {
            message["status"] = "completed".into();
            message["completed_at"] = CREATED.into();
            self.add("thread.message.completed", message);
        }
        self.complete(with_usage(step, usage));
    }

    /// Adds the deltas of a text, and returns the resulting content part.
    fn write_part(&mut self, message: &Value, index: usize, part: &Value) -> Value {
        let text = part["text"].as_str().unwrap_or_default();
        let mut delta = |text: Value| {
            let content = json!([{ "index": index, "type": "text", "text": text }]);
            let delta = json!({ "id": message, "object": "thread.message.delta",
                                "delta": { "content": content } });
            self.add("thread.message.delta", delta);
        };
        for (token_index, token) in tokens(text).enumerate() {
            delta(match token_index {
                0 => json!({ "value": token, "annotations": [] }),
                _ => json!({ "value": token }),
            });
        }
        let annotations = part["annotations"].as_array().into_iter().flatten();
        let annotations: Vec<Value> = annotations.filter_map(annotation).collect();
        for (annotation_index, annotation) in annotations.iter().enumerate() {
            let annotation = numbered(annotation_index, annotation);
            delta(json!({ "annotations": [annotation] }));
        }
        text_part(text, annotations)
    }

    fn call_tools(&mut self, items: &[&Value], usage: Value) {
        let mut step = self.begin_step(json!({ "type": "tool_calls", "tool_calls": [] }));
        let tools = &self.run["tools"];
        let calls: Vec<Value> = items.iter().filter_map(|it| tool_call(it, tools)).collect();
        let deltas = calls.iter().enumerate();
        let deltas: Vec<Value> = deltas.flat_map(|(at, call)| call_delta(call, at)).collect();
        for call in deltas {
            let details = json!({ "type": "tool_calls", "tool_calls": [call] });
            let delta = json!({ "id": step["id"], "object": "thread.run.step.delta",
                                "delta": { "step_details": details } });
            self.add("thread.run.step.delta", delta);
        }
        let waits = calls.iter().any(|call| call["type"] == "function");
        step["step_details"]["tool_calls"] = calls.into();
        step = with_usage(step, usage);
        if waits {
            // The step is completed by the function outputs; the deltas contain all of it.
            self.events.push_back(RunEvent {
                at: self.at,
                is_streamed: false,
                name: "thread.run.step.in_progress",
                data: step,
            });
        } else {
            self.complete(step);
        }
    }

    fn begin_step(&mut self, details: Value) -> Value {
        let step = new_step(&self.run, self.ids.next("step_"), details);
        self.add("thread.run.step.created", step.clone());
        self.add("thread.run.step.in_progress", step.clone());
        step
    }

    fn complete(&mut self, mut step: Value) {
        step["status"] = "completed".into();
        step["completed_at"] = CREATED.into();
        self.add("thread.run.step.completed", step);
    }

    /// Ends the run, or waits for function outputs.
    fn end(&mut self, run: &Run, response: &Value, calls: &[Value]) {
        if !calls.is_empty() {
            let calls: Vec<Value> = calls
                .iter()
                .map(|call| {
                    let function = json!({ "name": call["name"], "arguments": call["arguments"] });
                    json!({ "id": call["call_id"], "type": "function", "function": function })
                })
                .collect();
            self.run["required_action"] = json!({
                "type": "submit_tool_outputs",
                "submit_tool_outputs": { "tool_calls": calls },
            });
            return self.become_status("thread.run.requires_action");
        }
        self.run["expires_at"] = Value::Null;
        self.run["usage"] = run.usage();
        if response["status"] == "incomplete" {
            self.run["incomplete_details"] = json!({ "reason": "max_completion_tokens" });
            return self.become_status("thread.run.incomplete");
        }
        self.run["completed_at"] = CREATED.into();
        self.become_status("thread.run.completed");
    }
}

fn with_usage(mut step: Value, usage: Value) -> Value {
    step["usage"] = usage;
    step
}

/// Converts a citation to the format of messages. The text of a response has no citation marks.
fn annotation(annotation: &Value) -> Option<Value> {
    (annotation["type"] == "file_citation").then(|| {
        json!({
            "type": "file_citation",
            "text": "",
            "start_index": annotation["index"],
            "end_index": annotation["index"],
            "file_citation": { "file_id": annotation["file_id"] },
        })
    })
}
