//! Errors in the format of <https://platform.openai.com/docs/guides/error-codes>.

use serde_json::json;

use crate::reply::Reply;

/// An error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: u16,
    message: String,
    param: Option<String>,
    code: Option<&'static str>,
    headers: Vec<(String, String)>,
}

impl ApiError {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            message: message.into(),
            param: None,
            code: None,
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

    pub(crate) fn header(mut self, name: &str, value: &str) -> ApiError {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
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
        let mut reply = Reply::body(error.status, "application/json", body.to_string());
        reply.headers.extend(error.headers);
        reply
    }
}
