//! A run: what an assistant does on a thread, and when.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{json, Map, Value};
use tokio::sync::watch;

use super::{size_of, Thread, CREATED};

/// An event of a run, which is also what the run does: whoever asks for the run later sees what the
/// events up to then have told.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) at: Instant,
    /// Whether a stream tells it.
    pub(crate) is_told: bool,
    pub(crate) name: &'static str,
    pub(crate) data: Value,
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) thread: String,
    /// The run as it is shown.
    pub(crate) object: Value,
    /// Oldest first.
    pub(crate) steps: Vec<Value>,
    /// What is still to come, the next first.
    pub(crate) happenings: VecDeque<Happening>,
    /// The request for a response that each round sends, without its input.
    pub(crate) settings: Map<String, Value>,
    /// How many of the last messages are read.
    pub(crate) last_messages: usize,
    /// The calls of functions so far and what they returned, as items of responses.
    pub(crate) calls: Vec<Value>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) expires: Instant,
    /// Tells those who listen that it was cancelled.
    pub(crate) cancel: watch::Sender<bool>,
}

impl Run {
    pub(crate) fn status(&self) -> &str {
        self.object["status"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_over(&self) -> bool {
        !matches!(
            self.status(),
            "queued" | "in_progress" | "requires_action" | "cancelling"
        )
    }

    /// Does what is due by now; returns how many bytes that adds to the thread, about.
    pub(super) fn settle(&mut self, thread: &mut Thread, now: Instant) -> usize {
        let mut added = 0;
        let until = now.min(self.expires);
        while self.happenings.front().is_some_and(|it| it.at <= until) {
            if let Some(happening) = self.happenings.pop_front() {
                added += self.apply(happening, thread);
            }
        }
        if now >= self.expires && !self.is_over() {
            self.happenings.clear();
            self.close("expired", thread);
        }
        added
    }

    fn apply(&mut self, happening: Happening, thread: &mut Thread) -> usize {
        let Happening { name, data, .. } = happening;
        match name {
            "thread.created" | "thread.message.delta" | "thread.run.step.delta" => {}
            "thread.message.created" => thread.add(data),
            "thread.run.cancelled" => self.close("cancelled", thread),
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
                // The client may have changed it since the event was made.
                let metadata = self.object["metadata"].take();
                self.object = data;
                self.object["metadata"] = metadata;
            }
        }
        0
    }

    /// Ends the run, its last step and its last message before they are finished.
    fn close(&mut self, status: &'static str, thread: &mut Thread) {
        let time = format!("{status}_at");
        for step in &mut self.steps {
            if step["status"] == "in_progress" {
                step["status"] = status.into();
                step[&time] = CREATED.into();
            }
        }
        for message in &mut thread.messages {
            if message["run_id"] == *self.id && message["status"] == "in_progress" {
                message["status"] = "incomplete".into();
                message["incomplete_details"] = json!({ "reason": format!("run_{status}") });
                message["incomplete_at"] = CREATED.into();
            }
        }
        self.object["status"] = status.into();
        self.object["required_action"] = Value::Null;
        if status == "cancelled" {
            self.object["cancelled_at"] = CREATED.into();
            self.object["expires_at"] = Value::Null;
        }
    }
}
