//! A run of an assistant, and when its events happen.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{json, Map, Value};
use tokio::sync::watch;

use super::{size_of, Thread, CREATED};
use crate::answer::LastBytes;

/// An event of a run. Events also change the run: its state at any time is the result of the events
/// so far.
#[derive(Clone, Debug)]
pub(crate) struct RunEvent {
    pub(crate) at: Instant,
    /// Whether it is part of the stream.
    pub(crate) is_streamed: bool,
    pub(crate) name: &'static str,
    pub(crate) data: Value,
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) thread: String,
    /// The run as the server returns it.
    pub(crate) object: Value,
    /// Oldest first.
    pub(crate) steps: Vec<Value>,
    /// The coming events, in order.
    pub(crate) events: VecDeque<RunEvent>,
    /// The request for a response that each round sends, without its input.
    pub(crate) settings: Map<String, Value>,
    /// How many of the last messages are read.
    pub(crate) last_messages: usize,
    /// The function calls so far with their outputs, as items of responses.
    pub(crate) calls: Vec<Value>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) expires: Instant,
    /// Announces the cancellation to its streams.
    pub(crate) cancel: watch::Sender<LastBytes>,
}

impl Run {
    pub(crate) fn status(&self) -> &str {
        self.object["status"].as_str().unwrap_or_default()
    }

    pub(crate) fn has_ended(&self) -> bool {
        !matches!(
            self.status(),
            "queued" | "in_progress" | "requires_action" | "cancelling"
        )
    }

    /// Applies the events that are due by `now`; returns by how many bytes the thread has grown,
    /// approximately.
    pub(super) fn settle(&mut self, thread: &mut Thread, now: Instant) -> usize {
        let mut added = 0;
        let until = now.min(self.expires);
        while self.events.front().is_some_and(|it| it.at <= until) {
            if let Some(event) = self.events.pop_front() {
                added += self.apply(event, thread);
            }
        }
        if now >= self.expires && !self.has_ended() {
            self.end("expired", thread, now);
            while let Some(event) = self.events.pop_front() {
                added += self.apply(event, thread);
            }
        }
        added
    }

    /// Replaces all coming events by one that ends the run with this status, including its last
    /// message and step.
    pub(crate) fn end(&mut self, end: &'static str, thread: &Thread, at: Instant) {
        let names = match end {
            "expired" => ["thread.run.step.expired", "thread.run.expired"],
            _ => ["thread.run.step.cancelled", "thread.run.cancelled"],
        };
        let is_open = |object: &&Value| object["status"] == "in_progress";
        let own = |message: &&Value| message["run_id"] == *self.id;
        let time = format!("{end}_at");
        let mut ending = Vec::new();
        for message in thread.messages.iter().filter(own).filter(is_open) {
            let mut message = message.clone();
            message["status"] = "incomplete".into();
            message["incomplete_details"] = json!({ "reason": format!("run_{end}") });
            message["incomplete_at"] = CREATED.into();
            ending.push(("thread.message.incomplete", message));
        }
        for step in self.steps.iter().filter(is_open) {
            let mut step = step.clone();
            step["status"] = end.into();
            step[&time] = CREATED.into();
            ending.push((names[0], step));
        }
        let mut run = self.object.clone();
        run["status"] = end.into();
        run["required_action"] = Value::Null;
        // The usage of a round is known when it has finished.
        if self.events.is_empty() {
            run["usage"] = self.usage();
        }
        if end == "cancelled" {
            run["cancelled_at"] = CREATED.into();
            run["expires_at"] = Value::Null;
        }
        ending.push((names[1], run));
        let event = |(name, data)| RunEvent {
            at,
            is_streamed: true,
            name,
            data,
        };
        self.events = ending.into_iter().map(event).collect();
    }

    fn apply(&mut self, event: RunEvent, thread: &mut Thread) -> usize {
        let RunEvent { name, data, .. } = event;
        match name {
            "thread.created" | "thread.message.delta" | "thread.run.step.delta" => {}
            "thread.message.created" => thread.add(data),
            _ if name.starts_with("thread.message.") => {
                let bytes = size_of(&data);
                thread.replace(data);
                return bytes;
            }
            _ if name.starts_with("thread.run.step.") => {
                self.steps.retain(|step| step["id"] != data["id"]);
                self.steps.push(data);
            }
            _ => {
                // The client may have changed the metadata since the event was created.
                let metadata = self.object["metadata"].take();
                self.object = data;
                self.object["metadata"] = metadata;
            }
        }
        0
    }

    /// The usage of all rounds.
    pub(crate) fn usage(&self) -> Value {
        usage(self.input_tokens, self.output_tokens)
    }
}

/// The usage of a run or a step.
pub(crate) fn usage(input: u64, output: u64) -> Value {
    json!({
        "prompt_tokens": input,
        "completion_tokens": output,
        "total_tokens": input + output,
    })
}
