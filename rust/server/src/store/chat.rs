//! A chat completion that is kept.

use serde_json::Value;

#[derive(Debug)]
pub(crate) struct StoredChat {
    pub(crate) completion: Value,
    /// The messages that it answers.
    pub(crate) messages: Vec<Value>,
}
