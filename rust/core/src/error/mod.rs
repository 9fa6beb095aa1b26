//! Errors, with messages that say what to do.

mod advice;
mod answer;
mod problems;
mod quote;
mod reason;
mod record;
mod reported;
mod tls;
mod transport;

use std::fmt;
use std::time::Duration;

use crate::options::TimeoutKind;
use crate::redact::{redact, redact_text, Secrets};
use crate::waits::Wait;

use advice::with_advice;

pub(crate) use advice::page_advice;
pub(crate) use answer::{request_id, Failed};
pub(crate) use quote::{body_text, quote, Beginning, MAX_BODY_BYTES};
pub use reason::Reason;
pub(crate) use reported::Reported;

/// The code of an exhausted quota, which no retry can fix.
pub(crate) const QUOTA: &str = "insufficient_quota";

/// The kinds of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request could not be built from the caller's arguments; nothing was sent.
    Argument,
    /// No response was received: name resolution, connection, TLS, proxy, or an interrupted
    /// transfer.
    Connection,
    /// A timeout was exceeded.
    Timeout(TimeoutKind),
    /// The server responded with a status other than 2xx.
    Status,
    /// The response could not be parsed, or has the wrong shape.
    Response,
    /// The journal could not be read or written.
    Journal,
    /// The requests reached their cost limit.
    Budget,
    /// A batch ended without a response to the request.
    Batch,
    /// A stream ended too early, or the server reported an error inside it.
    Stream,
}

/// The content of a stream that ended too early.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partial {
    /// The text of the first choice.
    pub text: String,
    pub events: u64,
    pub bytes: u64,
}

/// An error of a call or a stream. It owns its data, so that it can be sent between threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    pub kind: ErrorKind,
    /// One or more full sentences, without secrets.
    pub message: String,
    /// The HTTP status, if a response was received.
    pub status: Option<u16>,
    /// `error.type` of the API's error object.
    pub error_type: Option<String>,
    /// `error.code` of the API's error object.
    pub code: Option<String>,
    /// `error.param` of the API's error object.
    pub param: Option<String>,
    /// Why the model cannot handle the request, if the error says so.
    pub reason: Option<Reason>,
    /// The header `x-request-id` of the response.
    pub request_id: Option<String>,
    /// The id of the response object, if one was created; the server may have stored it.
    pub response_id: Option<String>,
    /// The wait in seconds that the response headers request before the next attempt.
    pub retry_after: Option<f64>,
    /// The number of attempts.
    pub attempts: u32,
    /// The first 16 KiB of the response body, without secrets.
    pub body: Option<String>,
    /// The underlying cause, such as an error of the operating system.
    pub cause: Option<String>,
    /// The content received before the failure of a stream.
    pub partial: Option<Partial>,
    /// Whether the same request may succeed later.
    pub(crate) is_transient: bool,
    /// The wait that the server requested.
    pub(crate) wait: Option<Wait>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: redact_text(&message.into()),
            status: None,
            error_type: None,
            code: None,
            param: None,
            reason: None,
            request_id: None,
            response_id: None,
            retry_after: None,
            attempts: 0,
            body: None,
            cause: None,
            partial: None,
            is_transient: false,
            wait: None,
        }
    }

    /// Creates an error about an invalid argument.
    pub fn argument(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Argument, message)
    }

    /// Creates an error about an invalid response.
    pub fn response(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Response, message)
    }

    /// Creates the error of an exceeded timeout.
    pub(crate) fn timeout(kind: TimeoutKind, limit: Duration) -> Self {
        let what = match kind {
            TimeoutKind::Connect => "No connection was established",
            TimeoutKind::FirstByte => "No response headers were received",
            TimeoutKind::Idle => "The response stalled: no data was received",
            TimeoutKind::Total => "The call did not finish",
        };
        let seconds = limit.as_secs_f64();
        let name = kind.name();
        let message = format!(
            "{what} within {seconds} s (timeout \"{name}\"). To wait longer, raise \"{name}\" in \
             `timeouts`."
        );
        Error {
            is_transient: kind != TimeoutKind::Total,
            ..Error::new(ErrorKind::Timeout(kind), message)
        }
    }

    /// Removes `secrets`, which a server or proxy may have repeated.
    pub(crate) fn without(mut self, secrets: &Secrets) -> Self {
        self.message = redact(&self.message, secrets);
        for text in [
            &mut self.error_type,
            &mut self.code,
            &mut self.param,
            &mut self.request_id,
            &mut self.response_id,
            &mut self.body,
            &mut self.cause,
        ] {
            *text = text.take().map(|text| redact(&text, secrets));
        }
        self
    }

    /// Adds the reason for which the model cannot handle the request, and advice.
    pub(crate) fn refused_for(mut self, reason: Reason, advice: &str) -> Self {
        self.message = with_advice(&self.message, advice);
        self.reason = Some(reason);
        // Some servers respond with 500, such as llama.cpp.
        self.is_transient = false;
        self
    }

    /// Whether a stream was closed normally, but before its end.
    pub(crate) fn ended_in_order(&self) -> bool {
        self.kind == ErrorKind::Stream && self.is_transient
    }

    /// A short description that contains nothing of any body.
    pub(crate) fn brief(&self) -> String {
        let cause = self.cause.as_deref().unwrap_or("unknown cause");
        match (self.kind, self.status) {
            (ErrorKind::Timeout(kind), _) => format!("timeout \"{}\"", kind.name()),
            (ErrorKind::Connection, _) => format!("connection failed ({cause})"),
            (ErrorKind::Status, Some(status)) => format!("HTTP {status}"),
            (ErrorKind::Status | ErrorKind::Response, _) => "invalid response".to_owned(),
            (ErrorKind::Stream, _) => "stream error".to_owned(),
            (ErrorKind::Journal, _) => "journal error".to_owned(),
            (ErrorKind::Budget, _) => "cost limit reached".to_owned(),
            (ErrorKind::Batch, _) => "no batch result".to_owned(),
            (ErrorKind::Argument, _) => "invalid argument".to_owned(),
        }
    }

    /// A short description, with the code of the server.
    pub(crate) fn summary(&self) -> String {
        let brief = self.brief();
        match (self.error_type.as_deref(), self.code.as_deref()) {
            // For a rate limit, what was counted.
            (Some(counted @ ("requests" | "tokens")), _) => {
                format!("{brief} (limit of {counted})")
            }
            (_, Some(name)) | (Some(name), None) => format!("{brief} ({name})"),
            (None, None) => brief,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
