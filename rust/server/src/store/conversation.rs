//! A conversation: items that responses and clients add.

use std::time::Instant;

use serde_json::Value;

use super::size_of;

/// The most items of a conversation; beyond it the oldest are forgotten.
const ITEM_LIMIT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) metadata: Value,
    /// Oldest first.
    pub(crate) items: Vec<Value>,
    /// The response that is being made.
    pub(crate) pending: Option<Pending>,
}

/// Items that a response adds when it is finished.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) response: String,
    pub(crate) finished: Instant,
    pub(crate) items: Vec<Value>,
}

impl Conversation {
    /// Adds items; returns how many bytes they take, about.
    pub(crate) fn add(&mut self, items: Vec<Value>) -> usize {
        let bytes = items.iter().map(size_of).sum();
        self.items.extend(items);
        let surplus = self.items.len().saturating_sub(ITEM_LIMIT);
        self.items.drain(..surplus);
        bytes
    }

    /// Takes the items of a response that is finished by now; returns how many bytes they take.
    pub(super) fn settle(&mut self, now: Instant) -> usize {
        match self.pending.take_if(|pending| pending.finished <= now) {
            Some(pending) => self.add(pending.items),
            None => 0,
        }
    }
}
