//! A thread, to which clients and runs add messages.

use serde_json::Value;

/// The maximum number of messages; the oldest are discarded.
const MESSAGE_LIMIT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) metadata: Value,
    pub(crate) tool_resources: Value,
    /// Oldest first.
    pub(crate) messages: Vec<Value>,
    /// The active run; nothing can be added until it has finished.
    pub(crate) active: Option<String>,
}

impl Thread {
    pub(crate) fn add(&mut self, message: Value) {
        self.messages.push(message);
        let surplus = self.messages.len().saturating_sub(MESSAGE_LIMIT);
        self.messages.drain(..surplus);
    }

    /// Updates a message that a run is writing, unless it has been deleted.
    pub(super) fn replace(&mut self, mut message: Value) {
        let known = self
            .messages
            .iter_mut()
            .find(|known| known["id"] == message["id"]);
        if let Some(known) = known {
            // The client may have changed the metadata since the run started.
            message["metadata"] = known["metadata"].take();
            *known = message;
        }
    }
}
