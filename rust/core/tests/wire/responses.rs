//! Streams of responses: their ends, and what remains of an interrupted response.

use openaistream_core::stream::{End, EventKind, EventStream};
use openaistream_core::{Error, ErrorKind};
use openaistream_server::Reply;
use serde_json::{json, Value};

use crate::kinds::{answer, read, read_events};
use crate::support::{event_stream, incomplete, DONE};

/// A response in its initial state.
fn response(status: &str, output: Value) -> Value {
    json!({
        "id": "resp_1", "object": "response", "status": status, "error": null, "model": "m",
        "output": output, "usage": null,
    })
}

fn message(text: &str) -> Value {
    let part = json!({ "type": "output_text", "text": text, "annotations": [] });
    json!({
        "id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
        "content": [part],
    })
}

/// Its stream up to the end, numbered from 0.
fn response_events() -> Vec<Value> {
    let delta = |number: i64, text: &str| {
        json!({
            "type": "response.output_text.delta", "sequence_number": number, "item_id": "msg_1",
            "output_index": 0, "content_index": 0, "delta": text, "logprobs": [],
        })
    };
    vec![
        json!({
            "type": "response.created", "sequence_number": 0,
            "response": response("in_progress", json!([])),
        }),
        delta(1, "Good"),
        delta(2, " day"),
    ]
}

fn read_response(more: Value) -> (EventStream, Vec<String>, End) {
    let mut events = response_events();
    events.push(more);
    read_events(EventKind::Response, &events)
}

#[test]
fn the_final_event_completes_a_response() {
    for end in ["completed", "incomplete", "cancelled"] {
        let whole = response(end, json!([message("Good day")]));
        let event = json!({ "type": format!("response.{end}"), "response": whole });
        let (stream, texts, outcome) = read_response(event);
        assert_eq!(outcome, End::Complete, "{end}");
        assert_eq!(texts, ["", "Good", " day", ""]);
        assert_eq!(answer(&stream).to_string(), whole.to_string());
        assert_eq!(stream.answer().text(0).as_deref(), Some("Good day"));
        assert_eq!(stream.answer().model(), Some("m"));
    }
}

#[test]
fn event_names_are_equivalent_to_types() {
    let named = response_events().into_iter().map(|mut event| {
        let data = event.as_object_mut().expect("an object");
        let name = data.remove("type").expect("a type");
        format!(
            "event: {}\ndata: {event}\n\n",
            name.as_str().unwrap_or_default()
        )
    });
    let end = "event: response.completed\ndata: {\"response\":{\"id\":\"resp_1\"}}\n\n";
    let events = named.chain([end.to_owned(), DONE.to_owned()]);
    let (stream, texts, end) = read(EventKind::Response, event_stream(events));
    assert_eq!(end, End::Complete);
    assert_eq!(texts, ["", "Good", " day", ""]);
    // Items that the final response omits are kept.
    assert_eq!(
        answer(&stream)["output"][0]["content"][0]["text"],
        "Good day"
    );
}

#[test]
fn a_response_without_final_event_is_incomplete() {
    let (stream, _, end) = read_response(json!({ "type": "response.new_event", "x": 1 }));
    let error = incomplete(end);
    assert_eq!(error.kind, ErrorKind::Stream);
    assert_eq!(error.response_id.as_deref(), Some("resp_1"));
    assert_eq!(
        error.partial.map(|partial| partial.text).as_deref(),
        Some("Good day")
    );
    let answer = answer(&stream);
    assert_eq!(answer["status"], "in_progress");
    assert_eq!(answer["output"][0]["content"][0]["text"], "Good day");
    let answer = stream.answer();
    assert_eq!(answer.response_id(), Some("resp_1"));
    assert_eq!(answer.sequence_number(), Some(2));
}

fn error_of(end: End) -> Error {
    let error = incomplete(end);
    assert_eq!(error.kind, ErrorKind::Stream);
    assert_eq!(error.response_id.as_deref(), Some("resp_1"));
    error
}

#[test]
fn a_response_that_failed_is_an_error_and_an_event() {
    let mut failed = response("failed", json!([message("Good day")]));
    failed["error"] = json!({ "code": "rate_limit_exceeded", "message": "Too fast." });
    let (stream, texts, end) =
        read_response(json!({ "type": "response.failed", "response": failed }));
    assert_eq!(texts.len(), 4, "its event is delivered");
    let error = error_of(end);
    assert_eq!(error.code.as_deref(), Some("rate_limit_exceeded"));
    assert!(error.message.ends_with("Too fast."), "{error}");
    assert_eq!(answer(&stream).to_string(), failed.to_string());
}

#[test]
fn an_error_event_ends_a_response() {
    let event = json!({
        "type": "error", "code": "server_error", "message": "Broken.", "param": null,
        "sequence_number": 0,
    });
    let (stream, _, end) = read_response(event);
    let error = error_of(end);
    assert_eq!(
        (error.code.as_deref(), error.error_type),
        (Some("server_error"), None)
    );
    assert_eq!(stream.answer().text(0).as_deref(), Some("Good day"));
}

#[test]
fn repeated_events_count_once() {
    let events = response_events();
    let end = json!({
        "type": "response.completed", "sequence_number": 3,
        "response": response("completed", json!([])),
    });
    let again = [&events[..], &events[1..], &[end]].concat();
    let (stream, texts, end) = read_events(EventKind::Response, &again);
    assert_eq!((texts.len(), end), (4, End::Complete));
    assert_eq!(stream.answer().text(0).as_deref(), Some("Good day"));
}

#[test]
fn a_response_that_is_not_streamed_is_one_event() {
    let whole = response("completed", json!([message("Good day")]));
    let reply = Reply::body(200, "application/json", whole.to_string());
    let (stream, texts, end) = read(EventKind::Response, reply);
    assert_eq!((texts, end), (vec!["Good day".to_owned()], End::Complete));
    assert_eq!(answer(&stream).to_string(), whole.to_string());
}

#[test]
fn tool_calls_and_reasoning_merge_without_numbers_and_first_events() {
    let delta = |name: &str, item: &str, text: &str| json!({ "type": format!("response.{name}.delta"), "item_id": item, "delta": text });
    let (stream, _, end) = read_events(
        EventKind::Response,
        &[
            delta("reasoning_summary_text", "rs_1", "Think"),
            delta("reasoning_summary_text", "rs_1", "ing."),
            delta("function_call_arguments", "fc_1", "{\"a\":"),
            delta("function_call_arguments", "fc_2", "{}"),
            delta("function_call_arguments", "fc_1", "1}"),
            json!({
                "type": "response.output_item.done",
                "item": {
                    "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f",
                    "arguments": "{\"a\":1}",
                },
            }),
        ],
    );
    incomplete(end);
    let answer = stream.answer();
    assert_eq!(answer.reasoning(0), "Thinking.");
    let calls = answer.tool_calls(0).expect("there are two");
    let calls: Value = serde_json::from_str(calls.source()).expect("it is JSON");
    assert_eq!(
        (&calls[0]["name"], &calls[0]["arguments"]),
        (&json!("f"), &json!("{\"a\":1}"))
    );
    assert_eq!(
        (&calls[1]["id"], &calls[1]["arguments"]),
        (&json!("fc_2"), &json!("{}"))
    );
}
