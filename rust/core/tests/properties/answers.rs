//! Random chat completions, streamed as various servers do: the assembled result equals the
//! original.

use std::time::Instant;

use openaistream_core::stream::{Decode, EventDecoder, EventKind, StreamedAnswer};
use openaistream_core::{CallOptions, Secrets};
use serde_json::{json, Value};

use crate::random::{for_a_while, Random};

/// How servers differ.
struct Dialect {
    /// Every delta repeats the role, and every part of a tool call its id and name.
    repeats: bool,
    /// Chunks have a null `usage`, except the last one.
    null_usage: bool,
    /// Messages have `refusal` and `annotations`, as OpenAI's do.
    openai: bool,
    /// Chunks have messages in addition to deltas, and the last one has the complete message.
    tells_messages: bool,
}

impl Random {
    fn token(&mut self) -> Value {
        json!({
            "token": self.text(),
            "logprob": -(self.below(1_000_000) as f64) / 7.0,
            "bytes": [self.below(256), self.below(256)],
            "top_logprobs": [],
        })
    }
}

/// A choice, and the deltas that stream it, with the other members of their chunks.
fn choice(random: &mut Random, index: usize, dialect: &Dialect) -> (Value, Vec<Value>) {
    let mut message = json!({ "role": "assistant", "content": null });
    let mut deltas = vec![json!({ "delta": message, "logprobs": null })];
    if dialect.openai {
        message["refusal"] = Value::Null;
        deltas[0]["delta"]["refusal"] = Value::Null;
    }
    let mut logprobs = Value::Null;
    for (name, likely) in [
        ("content", true),
        ("refusal", false),
        ("reasoning_content", false),
    ] {
        let known = name != "refusal" || dialect.openai;
        if !known || !(likely && random.coin() || random.below(6) == 0) {
            continue;
        }
        let text = random.text();
        for piece in random.pieces(&text) {
            let mut delta = json!({ "delta": { name: piece } });
            if name == "content" && random.below(3) == 0 {
                let token = random.token();
                delta["logprobs"] = json!({ "content": [token], "refusal": null });
                if logprobs.is_null() {
                    logprobs = json!({ "content": [], "refusal": null });
                }
                let tokens = logprobs["content"].as_array_mut().expect("it is an array");
                tokens.push(token);
            }
            deltas.push(delta);
        }
        message[name] = text.into();
    }
    if random.below(3) == 0 {
        message["tool_calls"] = tool_calls(random, dialect, &mut deltas);
    }
    if dialect.openai {
        message["annotations"] = json!([]);
    }
    if dialect.repeats {
        deltas
            .iter_mut()
            .for_each(|delta| delta["delta"]["role"] = "assistant".into());
    }
    let reason = random.one_of(&["stop", "length", "tool_calls", "content_filter"]);
    deltas.push(json!({ "delta": {}, "logprobs": null, "finish_reason": reason }));
    if dialect.tells_messages {
        add_messages(random, &message, &mut deltas, reason);
    }
    let whole = json!({
        "index": index,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": reason,
    });
    (whole, deltas)
}

/// Adds what some servers repeat: any message in addition to deltas, and the complete message at
/// the end.
fn add_messages(random: &mut Random, message: &Value, deltas: &mut Vec<Value>, reason: &str) {
    for delta in deltas.iter_mut() {
        if random.coin() {
            delta["message"] = json!({ "role": "assistant", "content": random.text() });
        }
    }
    // The first chunk of a kind may add nothing.
    if message["content"].is_string() {
        deltas.insert(1, json!({ "delta": { "content": "" } }));
    }
    let is_text = |name: &str| message[name].as_str().is_some_and(|text| !text.is_empty());
    let has_content = ["content", "refusal", "reasoning_content"]
        .into_iter()
        .any(is_text)
        || message["tool_calls"].is_array();
    if has_content {
        deltas.push(json!({ "message": message, "finish_reason": reason }));
    }
}

fn tool_calls(random: &mut Random, dialect: &Dialect, deltas: &mut Vec<Value>) -> Value {
    let mut calls = Vec::new();
    for index in 0..1 + random.below(3) {
        let (id, name) = (
            format!("call_{index}"),
            random.one_of(&["sum", "get_weather"]),
        );
        let arguments = random.text();
        for (place, piece) in random.pieces(&arguments).into_iter().enumerate() {
            let mut part = json!({ "index": index, "function": { "arguments": piece } });
            if place == 0 || dialect.repeats {
                part = json!({
                    "index": index,
                    "id": id,
                    "type": "function",
                    "function": { "name": name, "arguments": piece },
                });
            }
            deltas.push(json!({ "delta": { "tool_calls": [part] } }));
        }
        calls.push(json!({
            "id": id,
            "type": "function",
            "function": { "name": name, "arguments": arguments },
        }));
    }
    calls.into()
}

/// A completion, and the events that stream it.
fn completion(random: &mut Random) -> (Value, String) {
    let dialect = Dialect {
        repeats: random.below(4) == 0,
        null_usage: random.coin(),
        openai: random.coin(),
        tells_messages: random.below(4) == 0,
    };
    let choices: Vec<_> = (0..1 + random.below(3))
        .map(|index| choice(random, index, &dialect))
        .collect();
    let mut whole = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-6-luna",
        "choices": choices.iter().map(|(whole, _)| whole).collect::<Vec<_>>(),
    });
    let envelope = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-6-luna",
        "service_tier": "default",
        "choices": [],
    });
    let usage = json!({ "prompt_tokens": 3, "total_tokens": random.below(100) });
    let tells_usage = dialect.null_usage || random.coin();
    if tells_usage {
        whole["usage"] = usage.clone();
    }
    whole["service_tier"] = "default".into();

    let mut chunks = Vec::new();
    let mut waiting: Vec<_> = choices
        .into_iter()
        .map(|(_, deltas)| deltas.into_iter())
        .collect();
    // All choices start in the order of their indexes before the first one continues.
    let mut turns: Vec<usize> = (0..waiting.len()).collect();
    loop {
        let index = if turns.is_empty() {
            random.below(waiting.len())
        } else {
            turns.remove(0)
        };
        if let Some(mut choice) = waiting[index].next() {
            choice["index"] = index.into();
            let mut chunk = envelope.clone();
            chunk["choices"] = json!([choice]);
            if dialect.null_usage {
                chunk["usage"] = Value::Null;
            }
            chunk["obfuscation"] = random.text().into();
            chunks.push(chunk);
        } else if waiting.iter().all(|deltas| deltas.len() == 0) {
            break;
        }
    }
    if tells_usage {
        let mut chunk = envelope.clone();
        chunk["usage"] = usage;
        chunks.push(chunk);
    }
    let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    (whole, events.collect::<String>() + "data: [DONE]\n\n")
}

#[test]
fn a_streamed_answer_equals_the_answer() {
    for_a_while(|random| {
        let (whole, text) = completion(random);
        let mut decoder =
            EventDecoder::new(EventKind::Chat, Secrets::default(), CallOptions::default());
        decoder.begin("text/event-stream");
        let (events, _) = decoder.feed(text.into_bytes().into(), Instant::now());
        let mut answer = StreamedAnswer::new(EventKind::Chat, Instant::now());
        events.iter().for_each(|event| answer.add(event));

        let document = answer.document().expect("an answer");
        let merged: Value = serde_json::from_str(document.source()).expect("it is JSON");
        assert_eq!(merged.to_string(), whole.to_string());
        for (index, choice) in whole["choices"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let index = index as i64;
            let content = choice["message"]["content"].as_str().unwrap_or_default();
            assert_eq!(answer.text(index).as_deref(), Some(content));
            let pieces = answer
                .pieces()
                .iter()
                .filter(|piece| i64::from(piece.choice) == index);
            assert_eq!(
                pieces.map(|piece| piece.bytes).sum::<usize>(),
                content.len()
            );
        }
    });
}
