//! Converts errors to JSON for results files.

use serde_json::{Map, Value};

use super::{Error, ErrorKind, Reason};

impl ErrorKind {
    /// The public name of this kind.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Argument => "argument",
            ErrorKind::Connection => "connection",
            ErrorKind::Timeout(_) => "timeout",
            ErrorKind::Status => "status",
            ErrorKind::Response => "response",
            ErrorKind::Stream => "stream",
            ErrorKind::Journal => "journal",
            ErrorKind::Budget => "budget",
            ErrorKind::Batch => "batch",
        }
    }
}

impl Error {
    /// The name of the exceeded timeout.
    pub fn timeout_name(&self) -> Option<&'static str> {
        match self.kind {
            ErrorKind::Timeout(kind) => Some(kind.name()),
            _ => None,
        }
    }

    /// The error as a JSON object on one line, without unknown fields.
    pub(crate) fn to_json(&self) -> String {
        let fields = [
            ("kind", Value::from(self.kind.name())),
            ("message", Value::from(self.message.as_str())),
            ("status", Value::from(self.status)),
            ("type", Value::from(self.error_type.as_deref())),
            ("code", Value::from(self.code.as_deref())),
            ("param", Value::from(self.param.as_deref())),
            ("reason", Value::from(self.reason.map(Reason::name))),
            ("request_id", Value::from(self.request_id.as_deref())),
            ("response_id", Value::from(self.response_id.as_deref())),
            ("retry_after", Value::from(self.retry_after)),
            ("attempts", Value::from(self.attempts)),
            ("body", Value::from(self.body.as_deref())),
            ("cause", Value::from(self.cause.as_deref())),
            ("timeout", Value::from(self.timeout_name())),
        ];
        let known = fields.into_iter().filter(|(_, value)| !value.is_null());
        let object: Map<String, Value> = known
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Value::Object(object).to_string()
    }
}
