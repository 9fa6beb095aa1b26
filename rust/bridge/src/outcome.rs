//! The return values of this crate's functions.

use extendr_api::prelude::*;
use openaistream_core::stream::End;
use openaistream_core::{Error, Reason};

use crate::interrupts::hold;
use crate::interrupts::Interrupted;
use crate::values::r_string;

/// Why there is no value.
pub enum Failure {
    Error(Box<Error>),
    Interrupted,
    /// An interrupt arrived while values were created; their source can be taken again.
    GivenBack,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(Box::new(error))
    }
}

impl From<Interrupted> for Failure {
    fn from(_: Interrupted) -> Self {
        Failure::Interrupted
    }
}

/// Runs `function` with interrupts suspended, and returns `list(ok = )`, `list(error = )`,
/// `list(interrupted = TRUE)` or `list(given_back = TRUE)`.
pub fn outcome(function: impl FnOnce() -> std::result::Result<Robj, Failure>) -> Robj {
    let _held = hold();
    match function() {
        Ok(value) => list!(ok = value).into(),
        Err(Failure::Error(error)) => list!(error = error_record(&error)).into(),
        Err(Failure::Interrupted) => list!(interrupted = true).into(),
        Err(Failure::GivenBack) => list!(given_back = true).into(),
    }
}

/// An error as a plain list, from which R creates a condition or a failed result.
pub fn error_record(error: &Error) -> Robj {
    let optional =
        |text: &Option<String>| -> Robj { text.as_deref().map_or_else(|| ().into(), r_string) };
    let partial = error.partial.as_ref();
    List::from_pairs([
        ("kind", error.kind.name().into()),
        ("message", r_string(&error.message)),
        ("status", or_null(error.status.map(i32::from))),
        ("type", optional(&error.error_type)),
        ("code", optional(&error.code)),
        ("param", optional(&error.param)),
        ("reason", or_null(error.reason.map(Reason::name))),
        ("request_id", optional(&error.request_id)),
        ("response_id", optional(&error.response_id)),
        ("retry_after", or_null(error.retry_after)),
        ("attempts", (error.attempts as i32).into()),
        ("body", optional(&error.body)),
        ("cause", optional(&error.cause)),
        ("timeout", or_null(error.timeout_name())),
        (
            "text",
            or_null(partial.map(|partial| r_string(&partial.text))),
        ),
        (
            "events",
            or_null(partial.map(|partial| partial.events as f64)),
        ),
        (
            "bytes",
            or_null(partial.map(|partial| partial.bytes as f64)),
        ),
    ])
    .into()
}

/// The end of a stream or run: NULL if it has not ended, `"complete"`, or the error record.
pub fn end_record(end: Option<&End>) -> Robj {
    match end {
        None => ().into(),
        Some(End::Complete) => "complete".into(),
        Some(End::Incomplete(error)) => error_record(error),
    }
}

/// The value, or NULL.
pub fn or_null<T: Into<Robj>>(value: Option<T>) -> Robj {
    value.map_or_else(|| ().into(), Into::into)
}
