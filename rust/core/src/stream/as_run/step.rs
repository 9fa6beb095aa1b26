//! A step of a run.

use super::run::Owner;
use super::values::{object, text, time};
use crate::json::Value;

#[derive(Debug, Clone)]
pub(super) struct Step {
    /// `step_` and the id of its first item.
    pub id: String,
    pub created_at: i64,
    pub kind: StepKind,
    pub end: Option<StepEnd>,
    /// Its usage, reported when it ends.
    pub usage: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepKind {
    Message,
    ToolCalls,
}

/// How and when a step ended.
#[derive(Debug, Clone)]
pub(super) enum StepEnd {
    Completed(i64),
    /// With the error of the failed run.
    Failed(i64, Value),
    Cancelled(i64),
}

impl StepEnd {
    /// The name of the corresponding event.
    pub fn event(&self) -> &'static str {
        match self {
            StepEnd::Completed(_) => "thread.run.step.completed",
            StepEnd::Failed(..) => "thread.run.step.failed",
            StepEnd::Cancelled(_) => "thread.run.step.cancelled",
        }
    }
}

impl Step {
    /// The step as an object of the API.
    pub fn value(&self, details: Value, owner: Owner) -> Value {
        let (mut completed_at, mut failed_at, mut cancelled_at) = (None, None, None);
        let mut last_error = Value::Null;
        let status = match &self.end {
            None => "in_progress",
            Some(StepEnd::Completed(at)) => {
                completed_at = Some(*at);
                "completed"
            }
            Some(StepEnd::Failed(at, error)) => {
                failed_at = Some(*at);
                last_error = error.clone();
                "failed"
            }
            Some(StepEnd::Cancelled(at)) => {
                cancelled_at = Some(*at);
                "cancelled"
            }
        };
        let kind = match self.kind {
            StepKind::Message => "message_creation",
            StepKind::ToolCalls => "tool_calls",
        };
        object([
            ("id", text(&self.id)),
            ("object", text("thread.run.step")),
            ("created_at", Value::Integer(self.created_at)),
            ("run_id", owner.run_id),
            ("assistant_id", owner.assistant_id),
            ("thread_id", owner.thread_id),
            ("type", text(kind)),
            ("status", text(status)),
            ("cancelled_at", time(cancelled_at)),
            ("completed_at", time(completed_at)),
            ("expired_at", Value::Null),
            ("failed_at", time(failed_at)),
            ("last_error", last_error),
            (
                "step_details",
                object([("type", text(kind)), (kind, details)]),
            ),
            ("metadata", object([])),
            ("usage", self.usage.clone()),
        ])
    }
}

/// The delta of a step with this call.
pub(super) fn delta(id: &str, call: Value) -> Value {
    let details = object([
        ("type", text("tool_calls")),
        ("tool_calls", Value::Array(vec![call])),
    ]);
    object([
        ("id", text(id)),
        ("object", text("thread.run.step.delta")),
        ("delta", object([("step_details", details)])),
    ])
}
