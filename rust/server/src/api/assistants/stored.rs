//! The stored objects that a request names.

use serde_json::Value;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::store::{Run, Store, Thread};

pub(super) fn assistant<'a>(store: &'a Store, id: &str) -> Result<&'a Value, ApiError> {
    let found = store.assistants.get(id);
    found.ok_or_else(|| not_found("assistant", id))
}

pub(super) fn thread<'a>(call: &'a mut Call, id: &str) -> Result<&'a mut Thread, ApiError> {
    let found = call.store.thread(id, call.now);
    found.ok_or_else(|| not_found("thread", id))
}

/// The run of a request in its current state.
pub(super) fn run<'a>(call: &'a mut Call) -> Result<&'a mut Run, ApiError> {
    let (thread_id, id) = (call.argument(0), call.argument(1));
    thread(call, &thread_id)?;
    let run = call.store.runs.get_mut(&id);
    let found = run.filter(|run| run.thread == thread_id);
    found.ok_or_else(|| not_found("run", &id))
}

pub(super) fn message<'a>(call: &'a mut Call) -> Result<&'a mut Value, ApiError> {
    let (thread_id, id) = (call.argument(0), call.argument(1));
    let mut messages = thread(call, &thread_id)?.messages.iter_mut();
    let found = messages.find(|message| message["id"] == *id);
    found.ok_or_else(|| not_found("message", &id))
}

/// The error for an unknown id.
pub(super) fn not_found(kind: &str, id: &str) -> ApiError {
    ApiError::new(404, format!("No {kind} found with id '{id}'."))
}
