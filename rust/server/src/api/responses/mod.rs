//! `/responses` (<https://platform.openai.com/docs/api-reference/responses>).

mod built_in;
mod events;
mod output;
mod progress;
mod request;

use std::time::{Duration, Instant};

use serde_json::{json, Map, Value};
use tokio::sync::watch;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::store::{size_of, Pending, StoredResponse, Timeline, CREATED};
use request::ResponseRequest;

/// Creates a response: immediately, as a stream, or in the background.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let request = ResponseRequest::parse(call)?;
    let id = call.store.responses.next_id();
    let finished = output::response(call, &request, &id)?;
    let response = StoredResponse {
        timeline: timeline(call, &request),
        previous: request.previous,
        input: request.input,
        finished,
        cancelled: None,
        cancel: watch::Sender::new(None),
    };
    let reply = if request.stream {
        call.cancelled = Some(response.cancel.subscribe());
        progress::resume(&response, None, call.now)
    } else if request.background {
        Reply::json(&events::unfinished(
            &response.finished,
            "queued",
            Vec::new(),
        ))
    } else {
        Reply::json(&response.finished)
    };
    if let Some(id) = &request.conversation {
        add_to_conversation(call, id, &response);
    }
    if request.store {
        let input: usize = response.input.iter().map(size_of).sum();
        let bytes = input + size_of(&response.finished);
        call.store.responses.put(&id, bytes, response);
    }
    Ok(reply)
}

/// The finished response to a request with this body, without storing it.
pub(crate) fn answer(call: &mut Call, body: Map<String, Value>) -> Result<Value, ApiError> {
    let asked = std::mem::replace(&mut call.body, Parameters::of_object(body));
    let finished =
        ResponseRequest::parse(call).and_then(|request| output::response(call, &request, ""));
    call.body = asked;
    finished
}

/// When the events of a response are sent.
fn timeline(call: &Call, request: &ResponseRequest) -> Timeline {
    let (at_once, wait, step) = match (request.background, request.stream) {
        (true, _) => (
            progress::QUEUED_EVENTS,
            call.options.background_delay,
            call.options.token_delay,
        ),
        (false, true) => (0, call.options.token_delay, call.options.token_delay),
        (false, false) => (0, Duration::ZERO, Duration::ZERO),
    };
    Timeline {
        started: call.now,
        at_once,
        wait,
        step,
    }
}

/// Adds the items of a response to its conversation once it has finished.
fn add_to_conversation(call: &mut Call, id: &str, response: &StoredResponse) {
    let output = response.finished["output"].as_array();
    let items = response.input.iter().chain(output.into_iter().flatten());
    let pending = Pending {
        response: response.finished["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        finished: progress::finished_at(response),
        items: items.cloned().collect(),
    };
    if let Some(conversation) = call.store.conversation(id, call.now) {
        conversation.pending = Some(pending);
    }
}

/// Responds with a stored response, or streams its events again.
pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let response = stored(call, &id)?;
    if !call.query.flag("stream")? {
        return Ok(Reply::json(&progress::now(response, call.now)));
    }
    let refuse = |message: &str| Err(ApiError::new(400, message).param("stream"));
    if response.finished["background"] != true {
        return refuse(
            "This response cannot be streamed because it was not created with background=true.",
        );
    }
    if age(response, call.now) > call.options.resume_limit {
        return refuse(
            "This response can no longer be streamed because it is more than 5 minutes old.",
        );
    }
    let after = call.query.integer("starting_after", 0..=u64::MAX)?;
    let cancelled = response.cancel.subscribe();
    let reply = progress::resume(response, after, call.now);
    call.cancelled = Some(cancelled);
    Ok(reply)
}

fn age(response: &StoredResponse, now: Instant) -> Duration {
    now.saturating_duration_since(response.timeline.started)
}

pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call, &id)?;
    call.store.responses.remove(&id);
    Ok(Reply::deleted(&id, "response"))
}

/// Cancels a background response; a finished one is unchanged.
pub(crate) fn cancel(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let response = stored(call, &id)?;
    if response.finished["background"] != true {
        let message = "Cannot cancel a synchronous response: only one that was created with \
                       background=true can be cancelled.";
        return Err(ApiError::new(400, message));
    }
    if response.cancelled.is_none() && progress::finished_at(response) > call.now {
        let age = age(response, call.now);
        let conversation = response.finished["conversation"]["id"].as_str();
        let conversation = conversation.map(str::to_owned);
        if let Some(response) = call.store.responses.get_mut(&id) {
            response.cancelled = Some(age);
            response.cancel.send_replace(Some(Vec::new()));
        }
        let conversation = conversation.and_then(|it| call.store.conversation(&it, call.now));
        if let Some(conversation) = conversation {
            conversation
                .pending
                .take_if(|pending| pending.response == id);
        }
    }
    let response = stored(call, &id)?;
    Ok(Reply::json(&progress::now(response, call.now)))
}

pub(crate) fn list_input_items(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let input = stored(call, &id)?.input.clone();
    Ok(Reply::json(&page(&call.query, input, PAGE)?))
}

/// Counts the input tokens of a response.
pub(crate) fn count_input_tokens(call: &mut Call) -> Result<Reply, ApiError> {
    let request = ResponseRequest::parse(call)?;
    Ok(Reply::json(&json!({
        "object": "response.input_tokens",
        "input_tokens": request.input_tokens,
    })))
}

/// Keeps the user messages, and replaces everything else by one item.
pub(crate) fn compact(call: &mut Call) -> Result<Reply, ApiError> {
    let request = ResponseRequest::parse(call)?;
    let mut output: Vec<Value> = request
        .input
        .into_iter()
        .filter(|item| item["type"] == "message" && item["role"] == "user")
        .collect();
    output.push(json!({
        "id": call.store.ids.next("cmp_"),
        "type": "compaction",
        "encrypted_content": "cHJhY3RpY2U=",
    }));
    Ok(Reply::json(&json!({
        "id": call.store.responses.next_id(),
        "object": "response.compaction",
        "created_at": CREATED,
        "output": output,
        "usage": {
            "input_tokens": request.input_tokens,
            "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
            "output_tokens": 1,
            "output_tokens_details": { "reasoning_tokens": 0 },
            "total_tokens": request.input_tokens + 1,
        },
    })))
}

fn stored<'a>(call: &'a Call, id: &str) -> Result<&'a StoredResponse, ApiError> {
    let found = call.store.responses.get(id);
    found.ok_or_else(|| ApiError::new(404, format!("Response with id '{id}' not found.")))
}
