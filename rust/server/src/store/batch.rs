//! A batch of requests.

use std::time::{Duration, Instant};

use serde_json::Value;

/// A batch, with what came of its lines, of which the first are done at any time.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) input_file: String,
    pub(crate) completion_window: String,
    pub(crate) metadata: Value,
    /// The errors of the input file, for which the batch fails.
    pub(crate) errors: Vec<Value>,
    /// Until it is over, and has files.
    pub(crate) results: Vec<LineResult>,
    pub(crate) counts: Counts,
    pub(crate) output_file: Option<String>,
    pub(crate) error_file: Option<String>,
    pub(crate) started: Instant,
    /// How long each step takes.
    pub(crate) step: Duration,
    /// How old it becomes before it expires.
    pub(crate) limit: Duration,
    pub(crate) cancelled: Option<Instant>,
}

/// What came of a line.
#[derive(Debug)]
pub(crate) struct LineResult {
    pub(crate) custom_id: String,
    /// The line of a result file.
    pub(crate) text: String,
    pub(crate) is_failure: bool,
}

/// How many lines there are, and what came of those that are done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) total: usize,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
}

/// Where a batch is on its way.
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
    /// Whether it has files of results, if anything came of it.
    pub(crate) fn has_results(self) -> bool {
        use BatchStatus::{Cancelled, Completed, Expired};
        matches!(self, Completed | Expired | Cancelled)
    }
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

    /// How many of its lines are done by then: one after the other while it is in progress.
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

    /// What came of the first lines.
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
