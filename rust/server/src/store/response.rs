//! A stored response.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::Timeline;
use crate::answer::LastBytes;

/// A response in its final state, and when it reaches that state.
#[derive(Debug)]
pub(crate) struct StoredResponse {
    pub(crate) finished: Value,
    /// The input items of its own request.
    pub(crate) input: Vec<Value>,
    pub(crate) previous: Option<String>,
    pub(crate) timeline: Timeline,
    /// When it was cancelled, relative to its start.
    pub(crate) cancelled: Option<Duration>,
    /// Announces the cancellation to its streams.
    pub(crate) cancel: watch::Sender<LastBytes>,
}
