//! A response that is kept.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::Timeline;
use crate::answer::LastBytes;

/// A response, as it will be when it is finished, and when that is.
#[derive(Debug)]
pub(crate) struct StoredResponse {
    pub(crate) finished: Value,
    /// The input items of its own request.
    pub(crate) input: Vec<Value>,
    pub(crate) previous: Option<String>,
    pub(crate) timeline: Timeline,
    /// When it was cancelled, counted from its start.
    pub(crate) cancelled: Option<Duration>,
    /// Tells those who listen that it was.
    pub(crate) cancel: watch::Sender<LastBytes>,
}
