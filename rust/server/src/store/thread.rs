//! A thread: messages that clients and runs add.

use serde_json::Value;

/// The most messages of a thread; beyond it the oldest are forgotten.
const MESSAGE_LIMIT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) metadata: Value,
    pub(crate) tool_resources: Value,
    /// Oldest first.
    pub(crate) messages: Vec<Value>,
    /// The run that works on it: until that is over, nothing else may be added.
    pub(crate) active: Option<String>,
}

impl Thread {
    pub(crate) fn add(&mut self, message: Value) {
        self.messages.push(message);
        let surplus = self.messages.len().saturating_sub(MESSAGE_LIMIT);
        self.messages.drain(..surplus);
    }

    /// Changes a message that a run writes, unless it was deleted meanwhile.
    pub(super) fn replace(&mut self, mut message: Value) {
        let known = self
            .messages
            .iter_mut()
            .find(|known| known["id"] == message["id"]);
        if let Some(known) = known {
            // The client may have changed it since the run began.
            message["metadata"] = known["metadata"].take();
            *known = message;
        }
    }
}
