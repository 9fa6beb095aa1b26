//! Answers of the operations that keep no state.

use crate::operations::Operation;
use crate::reply::Reply;
use crate::request::Request;

/// The answer to a request for an operation that has no module of its own.
pub(crate) fn answer(_operation: &Operation, _request: &Request) -> Option<Reply> {
    None
}
