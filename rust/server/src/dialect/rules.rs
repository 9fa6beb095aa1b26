//! The rules of a dialect.

use serde_json::Value;

use super::conversion;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::operations::Operation;
use crate::reply::Reply;
use crate::request::Head;

/// How a server differs from OpenAI.
pub(crate) struct Rules {
    /// The path of the base URL.
    pub(crate) base: &'static str,
    /// The key in a request.
    pub(crate) key: fn(&Head) -> Option<&str>,
    /// The error for a request without a key; `None` if it needs none.
    pub(crate) no_key: Option<fn() -> ApiError>,
    /// Resolves the path of a request.
    pub(crate) address: fn(&Rules, &Head) -> Result<Address, ApiError>,
    /// The names of its operations; a name includes all operations whose names continue it after a
    /// dot. Empty if it has all operations.
    pub(crate) operations: &'static [&'static str],
    /// The names of its models; empty if it accepts any name.
    pub(crate) models: &'static [&'static str],
    /// The owner of its models.
    pub(crate) owner: &'static str,
    /// The error for an unknown model.
    pub(crate) no_model: fn(&str) -> ApiError,
    /// The error for an unknown path.
    pub(crate) no_path: fn(&str, &str) -> ApiError,
    /// The fields of a request that it ignores.
    pub(crate) ignored: &'static [&'static str],
    /// Rejects chats that OpenAI would accept.
    pub(crate) check: fn(&Call) -> Result<(), ApiError>,
    /// Changes a chat response or a chat event.
    pub(crate) answer: fn(&mut Value),
    /// Changes the events of a streamed chat.
    pub(crate) events: fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>,
    /// The response for an error.
    pub(crate) error: fn(ApiError) -> Reply,
}

/// The target of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The path below the base URL of OpenAI.
    pub(crate) path: String,
    /// The model in the path.
    pub(crate) model: Option<String>,
}

impl Rules {
    /// Whether it has an operation.
    pub(crate) fn has(&self, operation: &Operation) -> bool {
        let includes = |name: &&str| {
            let rest = operation.name.strip_prefix(*name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.operations.is_empty() || self.operations.iter().any(includes)
    }

    /// Fails if a request has no key but needs one.
    pub(crate) fn authorize(&self, head: &Head) -> Result<(), ApiError> {
        match self.no_key {
            Some(no_key) if (self.key)(head).is_none() => Err(no_key()),
            _ => Ok(()),
        }
    }

    /// Fails if the server rejects the request.
    pub(crate) fn take(&self, operation: &Operation, call: &Call) -> Result<(), ApiError> {
        let model = call.body.get("model").and_then(Value::as_str);
        if let Some(model) = model.filter(|model| !self.knows(model)) {
            return Err((self.no_model)(model));
        }
        if is_chat(operation) {
            (self.check)(call)?;
        }
        Ok(())
    }

    pub(crate) fn knows(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.contains(&model)
    }

    /// The rest of a path below the base URL.
    pub(super) fn below_base<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.base)?;
        Some(rest).filter(|rest| rest.starts_with('/'))
    }

    /// Converts a response of OpenAI to this dialect.
    pub(crate) fn convert(&self, operation: &Operation, reply: Reply) -> Reply {
        if is_chat(operation) {
            conversion::chat(reply, self.answer, self.events)
        } else {
            reply
        }
    }
}

fn is_chat(operation: &Operation) -> bool {
    operation.name == "chat.completions.create"
}
