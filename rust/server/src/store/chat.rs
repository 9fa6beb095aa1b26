//! A stored chat completion.

use serde_json::Value;

#[derive(Debug)]
pub(crate) struct StoredChat {
    pub(crate) completion: Value,
    /// The messages of its request.
    pub(crate) messages: Vec<Value>,
}
