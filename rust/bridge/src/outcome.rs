//! What the functions of this crate return to R.

use extendr_api::prelude::*;
use openaistream_core::{Error, ErrorKind};

use crate::values::r_text;
use crate::wait::Interrupted;

/// Why there is no value.
pub enum Failure {
    Error(Box<Error>),
    Interrupted,
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

/// `list(ok = )`, `list(error = )` or `list(interrupted = TRUE)`.
pub fn outcome(result: std::result::Result<Robj, Failure>) -> Robj {
    match result {
        Ok(value) => list!(ok = value).into(),
        Err(Failure::Error(error)) => list!(error = error_record(&error)).into(),
        Err(Failure::Interrupted) => list!(interrupted = true).into(),
    }
}

/// An error as a plain list, from which R makes a condition or a failed answer.
pub fn error_record(error: &Error) -> Robj {
    let kind = match error.kind {
        ErrorKind::Argument => "argument",
        ErrorKind::Connection => "connection",
        ErrorKind::Status => "status",
        ErrorKind::Response => "response",
        ErrorKind::Stream => "stream",
    };
    let optional = |text: &Option<String>| -> Robj {
        text.as_deref()
            .map_or_else(|| ().into(), |text| r_text(text).into())
    };
    List::from_pairs([
        ("kind", kind.into()),
        ("message", r_text(&error.message).into()),
        (
            "status",
            error
                .status
                .map_or_else(|| ().into(), |status| i32::from(status).into()),
        ),
        ("type", optional(&error.error_type)),
        ("code", optional(&error.code)),
        ("param", optional(&error.param)),
        ("request_id", optional(&error.request_id)),
    ])
    .into()
}
