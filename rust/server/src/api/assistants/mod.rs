//! The Assistants API, `/assistants` and `/threads`, as it was before OpenAI shut it down on
//! 2026-08-26 (<https://platform.openai.com/docs/api-reference/assistants>).

mod assistant;
mod messages;
mod question;
mod resources;
mod round;
mod runs;
mod steps;
mod stored;
mod stream;
mod threads;

use crate::api_error::ApiError;
use crate::call::Handler;
use crate::request::Head;

/// The API version that a request must have in its header.
const VERSION: &str = "assistants=v2";

/// The handler of an operation of the Assistants API.
pub(super) fn handler(name: &str) -> Option<Handler> {
    Some(match name {
        "beta.assistants.create" => assistant::create,
        "beta.assistants.delete" => assistant::delete,
        "beta.assistants.list" => assistant::list,
        "beta.assistants.retrieve" => assistant::retrieve,
        "beta.assistants.update" => assistant::update,
        "beta.threads.create" => threads::create,
        "beta.threads.create_and_run" => runs::create_with_thread,
        "beta.threads.delete" => threads::delete,
        "beta.threads.messages.create" => messages::create,
        "beta.threads.messages.delete" => messages::delete,
        "beta.threads.messages.list" => messages::list,
        "beta.threads.messages.retrieve" => messages::retrieve,
        "beta.threads.messages.update" => messages::update,
        "beta.threads.retrieve" => threads::retrieve,
        "beta.threads.runs.cancel" => runs::cancel,
        "beta.threads.runs.create" => runs::create,
        "beta.threads.runs.list" => runs::list,
        "beta.threads.runs.retrieve" => runs::retrieve,
        "beta.threads.runs.steps.list" => steps::list,
        "beta.threads.runs.steps.retrieve" => steps::retrieve,
        "beta.threads.runs.submit_tool_outputs" => runs::submit_tool_outputs,
        "beta.threads.runs.update" => runs::update,
        "beta.threads.update" => threads::update,
        _ => return None,
    })
}

/// Rejects a request without the API version.
pub(crate) fn require_version(head: &Head) -> Result<(), ApiError> {
    let named = head.header("openai-beta").unwrap_or_default();
    if named.split(',').any(|version| version.trim() == VERSION) {
        return Ok(());
    }
    let message = format!(
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again \
         by setting the header 'OpenAI-Beta: {VERSION}'."
    );
    Err(ApiError::new(400, message).code("invalid_beta"))
}
