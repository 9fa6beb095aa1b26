//! A conversation, to which responses and clients add items.

use std::time::Instant;

use serde_json::Value;

use super::size_of;

/// The maximum number of items; the oldest are discarded.
const ITEM_LIMIT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) metadata: Value,
    /// Oldest first.
    pub(crate) items: Vec<Value>,
    /// The response in progress.
    pub(crate) pending: Option<Pending>,
}

/// Items that a response adds when it finishes.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) response: String,
    pub(crate) finished: Instant,
    pub(crate) items: Vec<Value>,
}

impl Conversation {
    /// Adds items and returns their approximate size in bytes.
    pub(crate) fn add(&mut self, items: Vec<Value>) -> usize {
        let bytes = items.iter().map(size_of).sum();
        self.items.extend(items);
        let surplus = self.items.len().saturating_sub(ITEM_LIMIT);
        self.items.drain(..surplus);
        bytes
    }

    /// Adds the items of a response that has finished by `now`, and returns their approximate size
    /// in bytes.
    pub(super) fn settle(&mut self, now: Instant) -> usize {
        match self.pending.take_if(|pending| pending.finished <= now) {
            Some(pending) => self.add(pending.items),
            None => 0,
        }
    }
}
