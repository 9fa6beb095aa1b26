//! What went wrong, told so that a person can act on it.

mod advice;
mod answer;
mod problems;
mod quote;
mod record;
mod reported;
mod tls;
mod transport;

use std::fmt;
use std::time::Duration;

use crate::options::TimeoutKind;
use crate::redact::{redact, redact_text, Secrets};
use crate::waits::Wait;

pub(crate) use advice::page_advice;
pub(crate) use answer::{request_id, Failed};
pub(crate) use quote::{body_text, quote, Beginning, MOST_BODY_BYTES};
pub(crate) use reported::Reported;

/// The reason of a failure that no repetition can mend.
pub(crate) const QUOTA: &str = "insufficient_quota";

/// The part of the work in which an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request could not be made from what the caller gave; nothing was sent.
    Argument,
    /// No answer came: name resolution, connection, TLS, proxy, or a broken transfer.
    Connection,
    /// Something took longer than the caller allows.
    Timeout(TimeoutKind),
    /// The server answered with a status other than 2xx.
    Status,
    /// The answer could not be read as what it should be.
    Response,
    /// The journal of many requests could not be read or written.
    Journal,
    /// Many requests cost as much as they may.
    Budget,
    /// A batch ended without an answer to the request.
    Batch,
    /// A stream ended before its end was announced, or the server reported an error inside it.
    Stream,
}

/// What a stream had delivered when it ended too early.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partial {
    /// The text of the first choice.
    pub text: String,
    pub events: u64,
    pub bytes: u64,
}

/// An error of a call or a stream. Owned data only, so that it may cross threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    pub kind: ErrorKind,
    /// A full sentence, free of secrets.
    pub message: String,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// `error.type` of the API's error object.
    pub error_type: Option<String>,
    /// `error.code` of the API's error object.
    pub code: Option<String>,
    /// `error.param` of the API's error object.
    pub param: Option<String>,
    /// The header `x-request-id` of the answer.
    pub request_id: Option<String>,
    /// The id of the response, if one had begun: the server may have stored it.
    pub response_id: Option<String>,
    /// How long to wait before the next request, in seconds, as the answer's headers tell.
    pub retry_after: Option<f64>,
    /// How often the request was sent.
    pub attempts: u32,
    /// The answer's body, free of secrets: its first 16 KiB.
    pub body: Option<String>,
    /// What lies beneath, such as an error of the operating system.
    pub cause: Option<String>,
    /// What came before, if a stream had begun.
    pub partial: Option<Partial>,
    /// Whether the same request may succeed later.
    pub(crate) is_transient: bool,
    /// How long the server asks to wait.
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

    /// An error in what the caller gave.
    pub fn argument(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Argument, message)
    }

    /// An error of an answer that is not what it should be.
    pub fn response(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Response, message)
    }

    /// The error of a limit that was reached.
    pub(crate) fn timeout(kind: TimeoutKind, limit: Duration) -> Self {
        let what = match kind {
            TimeoutKind::Connect => "No connection could be made",
            TimeoutKind::FirstByte => "The server did not begin to answer",
            TimeoutKind::Idle => "The server stopped in the middle of its answer: nothing came",
            TimeoutKind::Total => "The call was not over",
        };
        let seconds = limit.as_secs_f64();
        let message = format!("{what} within {seconds} s (timeout \"{}\").", kind.name());
        Error {
            is_transient: kind != TimeoutKind::Total,
            ..Error::new(ErrorKind::Timeout(kind), message)
        }
    }

    /// The same error without `secrets`, which a server or a proxy may have repeated.
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

    /// Whether a stream was closed in order before its end.
    pub(crate) fn ended_in_order(&self) -> bool {
        self.kind == ErrorKind::Stream && self.is_transient
    }

    /// What happened in a few words, with nothing of any body.
    pub(crate) fn brief(&self) -> String {
        let cause = self.cause.as_deref().unwrap_or("no cause is known");
        match (self.kind, self.status) {
            (ErrorKind::Timeout(kind), _) => format!("timeout \"{}\"", kind.name()),
            (ErrorKind::Connection, _) => format!("connection failed ({cause})"),
            (ErrorKind::Status, Some(status)) => format!("HTTP {status}"),
            (ErrorKind::Status | ErrorKind::Response, _) => "unusable answer".to_owned(),
            (ErrorKind::Stream, _) => "error in the stream".to_owned(),
            (ErrorKind::Journal, _) => "the journal failed".to_owned(),
            (ErrorKind::Budget, _) => "the money is used up".to_owned(),
            (ErrorKind::Batch, _) => "no answer of a batch".to_owned(),
            (ErrorKind::Argument, _) => "refused argument".to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
