//! A batch of requests.

use std::time::{Duration, Instant};

use serde_json::Value;

/// A batch and the results of its lines, which are revealed over time.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) input_file: String,
    pub(crate) completion_window: String,
    pub(crate) metadata: Value,
    /// The errors in the input file, which make the batch fail.
    pub(crate) errors: Vec<Value>,
    /// Empty once the batch has finished and has results files.
    pub(crate) results: Vec<LineResult>,
    pub(crate) counts: Counts,
    pub(crate) output_file: Option<String>,
    pub(crate) error_file: Option<String>,
    pub(crate) started: Instant,
    /// The duration of each step.
    pub(crate) step: Duration,
    /// The age at which it expires.
    pub(crate) limit: Duration,
    pub(crate) cancelled: Option<Instant>,
}

/// The result of a line.
#[derive(Debug)]
pub(crate) struct LineResult {
    pub(crate) custom_id: String,
    /// The line in a results file.
    pub(crate) text: String,
    pub(crate) is_failure: bool,
}

/// The number of lines, and of results of each kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) total: usize,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
}

/// The status of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchStatus {
    Validating,
    Failed,
    InProgress,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

impl BatchStatus {
    /// Whether it has results files, if there are results.
    pub(crate) fn has_results(self) -> bool {
        use BatchStatus::{Cancelled, Completed, Expired};
        matches!(self, Completed | Expired | Cancelled)
    }
}

impl StoredBatch {
    /// The status at `now`: validating and in progress take a step each, and so does cancelling.
    pub(crate) fn status(&self, now: Instant) -> BatchStatus {
        if let Some(cancelled) = self.cancelled {
            return if now > cancelled + self.step {
                BatchStatus::Cancelled
            } else {
                BatchStatus::Cancelling
            };
        }
        // A new batch is validating, even if the steps take no time.
        let age = now.saturating_duration_since(self.started);
        if self.limit < self.step * 2 && age >= self.limit && !age.is_zero() {
            BatchStatus::Expired
        } else if age.is_zero() || age < self.step {
            BatchStatus::Validating
        } else if !self.errors.is_empty() {
            BatchStatus::Failed
        } else if age < self.step * 2 {
            BatchStatus::InProgress
        } else {
            BatchStatus::Completed
        }
    }

    /// The number of lines completed by `now`; they complete one by one while the batch is in
    /// progress.
    pub(crate) fn done(&self, now: Instant) -> usize {
        let end = self.cancelled.unwrap_or(now).min(self.started + self.limit);
        let age = end.saturating_duration_since(self.started);
        let progress = age.saturating_sub(self.step);
        if progress >= self.step {
            return self.results.len();
        }
        let share = progress.as_secs_f64() / self.step.as_secs_f64();
        (share * self.results.len() as f64) as usize
    }

    /// Counts the first results.
    pub(crate) fn count(&self, done: usize) -> Counts {
        let failed = self.results[..done].iter().filter(|it| it.is_failure);
        let failed = failed.count();
        Counts {
            total: self.results.len(),
            completed: done - failed,
            failed,
        }
    }
}
