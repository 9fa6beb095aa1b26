//! A batch of requests.

use std::time::{Duration, Instant};

use serde_json::Value;

/// A batch, with the files that it has made when it is finished.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) input_file: String,
    pub(crate) completion_window: String,
    pub(crate) metadata: Value,
    /// The errors of the input file, for which the batch fails.
    pub(crate) errors: Vec<Value>,
    pub(crate) output_file: Option<String>,
    pub(crate) error_file: Option<String>,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
    pub(crate) started: Instant,
    /// How long each step takes.
    pub(crate) step: Duration,
    pub(crate) cancelled: Option<Instant>,
}

/// Where a batch is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchStatus {
    Validating,
    Failed,
    InProgress,
    Completed,
    Cancelling,
    Cancelled,
}

impl StoredBatch {
    /// It is validated for a step and in progress for another one; to be cancelled takes a step.
    pub(crate) fn status(&self, now: Instant) -> BatchStatus {
        if let Some(cancelled) = self.cancelled {
            return if now > cancelled + self.step {
                BatchStatus::Cancelled
            } else {
                BatchStatus::Cancelling
            };
        }
        // Just made it is not yet validated, however short a step is.
        let age = now.saturating_duration_since(self.started);
        if age.is_zero() || age < self.step {
            BatchStatus::Validating
        } else if !self.errors.is_empty() {
            BatchStatus::Failed
        } else if age < self.step * 2 {
            BatchStatus::InProgress
        } else {
            BatchStatus::Completed
        }
    }
}
