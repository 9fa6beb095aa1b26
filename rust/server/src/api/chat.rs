//! `POST /chat/completions` (<https://platform.openai.com/docs/api-reference/chat>).

use serde_json::{json, Value};

use super::chat_request::{ChatRequest, Choice};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::{self, event};
use crate::reply::Reply;
use crate::scripted::ToolCall;
use crate::store::{size_of, StoredChat, CREATED};
use crate::Options;

const SERVICE_TIER: &str = "default";
const SYSTEM_FINGERPRINT: &str = "fp_practice";

/// Responds to a chat completion request, with or without streaming.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let mut request = ChatRequest::parse(call)?;
    if call.body.flag("store")? {
        store(&mut request, call)?;
    }
    Ok(if request.stream {
        stream(&request, call.options)
    } else {
        Reply::json(&completion(&request))
    })
}

/// Stores the answer under its own id.
fn store(request: &mut ChatRequest, call: &mut Call) -> Result<(), ApiError> {
    let metadata = call.body.metadata()?;
    request.id = call.store.chats.next_id();
    let mut completion = completion(request);
    completion["metadata"] = metadata;
    let messages = call.body.get("messages").and_then(Value::as_array);
    let messages = messages.cloned().unwrap_or_default();
    let input: usize = messages.iter().map(size_of).sum();
    let bytes = input + size_of(&completion);
    let chat = StoredChat {
        completion,
        messages,
    };
    call.store.chats.put(&request.id, bytes, chat);
    Ok(())
}

fn completion(request: &ChatRequest) -> Value {
    let choice = |(index, choice): (usize, &Choice)| {
        let mut message = json!({
            "role": "assistant",
            "content": choice.content(),
            "refusal": null,
            "annotations": [],
        });
        if !choice.tool_calls.is_empty() {
            message["tool_calls"] = choice
                .tool_calls
                .iter()
                .enumerate()
                .map(tool_call)
                .collect();
        }
        json!({
            "index": index,
            "message": message,
            "logprobs": null,
            "finish_reason": choice.finish_reason,
        })
    };
    let choices: Vec<Value> = request.choices.iter().enumerate().map(choice).collect();
    json!({
        "id": request.id,
        "object": "chat.completion",
        "created": CREATED,
        "model": request.model,
        "choices": choices,
        "usage": usage(request),
        "service_tier": SERVICE_TIER,
        "system_fingerprint": SYSTEM_FINGERPRINT,
    })
}

fn tool_call((index, call): (usize, &ToolCall)) -> Value {
    json!({
        "id": format!("call_{}", index + 1),
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    })
}

/// The deltas of tool calls: each starts with its name, and its arguments are split in two.
fn tool_call_deltas(calls: &[ToolCall]) -> Vec<Value> {
    let deltas = calls.iter().enumerate().flat_map(|(index, call)| {
        let mut begin = tool_call((index, call));
        begin["index"] = index.into();
        begin["function"]["arguments"] = "".into();
        let middle = call
            .arguments
            .char_indices()
            .nth(call.arguments.chars().count() / 2);
        let (first, second) = call
            .arguments
            .split_at(middle.map_or(0, |(offset, _)| offset));
        let pieces = [first, second]
            .map(|piece| json!({ "index": index, "function": { "arguments": piece } }));
        [begin].into_iter().chain(pieces)
    });
    deltas
        .map(|delta| json!({ "tool_calls": [delta] }))
        .collect()
}

/// The events of a stream (<https://platform.openai.com/docs/api-reference/chat-streaming>): the
/// role, one token per event, the finish reason, the usage if requested, and `[DONE]`. The events
/// of several choices are interleaved.
fn stream(request: &ChatRequest, options: &Options) -> Reply {
    let mut events = Vec::new();
    let mut add = |index: usize, delta: Value, finish_reason: Option<&str>| {
        let choice = json!({
            "index": index,
            "delta": delta,
            "logprobs": null,
            "finish_reason": finish_reason,
        });
        events.push(event(&chunk(request, vec![choice], Value::Null)));
    };
    for (index, choice) in request.choices.iter().enumerate() {
        add(
            index,
            json!({ "role": "assistant", "content": choice.content().map(|_| ""), "refusal": null }),
            None,
        );
        for delta in tool_call_deltas(&choice.tool_calls) {
            add(index, delta, None);
        }
    }
    let longest = request
        .choices
        .iter()
        .map(|choice| choice.tokens.len())
        .max()
        .unwrap_or(0);
    // One turn more than tokens, because a choice ends in the turn after its last token.
    for turn in 0..=longest {
        for (index, choice) in request.choices.iter().enumerate() {
            match choice.tokens.get(turn) {
                Some(token) => add(index, json!({ "content": token }), None),
                None if turn == choice.tokens.len() => {
                    add(index, json!({}), Some(choice.finish_reason));
                }
                None => {}
            }
        }
    }
    if request.include_usage {
        events.push(event(&chunk(request, Vec::new(), usage(request))));
    }
    events.push(events::DONE.to_vec());
    events::stream(events, options.token_delay)
}

/// A chunk of a stream. It has the member `usage`, which may be null, only if usage was requested.
fn chunk(request: &ChatRequest, choices: Vec<Value>, usage: Value) -> Value {
    let mut chunk = json!({
        "id": request.id,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": request.model,
        "service_tier": SERVICE_TIER,
        "system_fingerprint": SYSTEM_FINGERPRINT,
        "choices": choices,
    });
    if request.include_usage {
        chunk["usage"] = usage;
    }
    chunk
}

fn usage(request: &ChatRequest) -> Value {
    let completion_tokens = request.completion_tokens();
    json!({
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": request.prompt_tokens + completion_tokens,
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
