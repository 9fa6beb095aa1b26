//! Errors in the format of <https://platform.openai.com/docs/guides/error-codes>.

use serde_json::{json, Value};

use crate::reply::Reply;

/// An error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
    /// Additional members that some servers send.
    pub(crate) members: Vec<(&'static str, Value)>,
    headers: Vec<(String, String)>,
}

impl ApiError {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            message: message.into(),
            param: None,
            code: None,
            members: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn param(mut self, param: impl Into<String>) -> ApiError {
        self.param = Some(param.into());
        self
    }

    pub(crate) fn code(mut self, code: &'static str) -> ApiError {
        self.code = Some(code);
        self
    }

    pub(crate) fn member(mut self, name: &'static str, value: impl Into<Value>) -> ApiError {
        self.members.push((name, value.into()));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> ApiError {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its member `type`, or this one.
    pub(crate) fn kind_or(&self, kind: &str) -> Value {
        let given = self.members.iter().find(|(name, _)| *name == "type");
        given.map_or(kind.into(), |(_, kind)| kind.clone())
    }

    /// The response with this error and body.
    pub(crate) fn with_body(self, body: Value) -> Reply {
        let mut reply = Reply::body(self.status, "application/json", body.to_string());
        reply.headers.extend(self.headers);
        reply
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let body = json!({
            "error": {
                "message": error.message,
                "type": "invalid_request_error",
                "param": error.param,
                "code": error.code,
            }
        });
        error.with_body(body)
    }
}
