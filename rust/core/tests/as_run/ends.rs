//! How the stream of a run ends if its response has no end, and responses that cannot become a run.

use openaistream_core::stream::{AsRun, End};
use openaistream_core::{Body, ErrorKind};
use openaistream_server::Reply;
use serde_json::{json, Value};

use crate::cases::{all, Case};
use crate::converted::{lines, open, read_all};
use crate::support::{event_stream, incomplete, Session};

/// A case, and what a reader receives if the server sends its response as `reply`.
fn answered(name: &str, reply: impl FnOnce(&Case) -> Reply) -> (Case, Vec<(String, Value)>, End) {
    let case = all().into_iter().find(|case| case.name == name);
    let case = case.expect("a case");
    let session = Session::answering([reply(&case)]);
    let body = Body::Json(r#"{"stream":true}"#.into());
    let stream = open(
        &session,
        session.request("POST", &["responses"], body),
        &case,
    );
    let (events, end) = read_all(&stream);
    (case, events, end)
}

fn chunks(events: &[Value]) -> Vec<String> {
    let named = events.iter().map(|event| format!("data: {event}\n\n"));
    named.collect()
}

#[test]
fn an_error_ends_the_stream_after_its_events() {
    let error = json!({
        "type": "error", "code": "server_error", "message": "Overloaded.", "param": null,
    });
    let (case, events, end) = answered("a message", |case| {
        let events = [&case.events[..6], std::slice::from_ref(&error)].concat();
        event_stream(chunks(&events))
    });
    assert_eq!(lines(&events), lines(&case.expected)[..9]);
    let error = incomplete(end);
    assert_eq!(error.kind, ErrorKind::Stream);
    assert!(error.message.contains("Overloaded."), "{}", error.message);
    assert_eq!(error.response_id.as_deref(), Some("resp_1"));
    let partial = error.partial.expect("a partial answer");
    assert_eq!((partial.events, partial.text.as_str()), (9, "Good"));
}

#[test]
fn an_interrupted_stream_that_is_not_stored_fails() {
    let (case, events, end) = answered("functions", |case| event_stream(chunks(&case.events[..9])));
    assert_eq!(lines(&events), lines(&case.expected)[..8]);
    let error = incomplete(end);
    assert!(error.message.contains("ended before"), "{}", error.message);
}

#[test]
fn a_response_without_streaming_becomes_a_run() {
    let (case, events, end) = answered("a server that omits events", |case| {
        let whole = case.events[case.events.len() - 1]["response"].to_string();
        Reply::body(200, "application/json", whole)
    });
    assert_eq!(lines(&events), lines(&case.expected));
    assert_eq!(end, End::Complete);
}

#[test]
fn events_without_indexes_are_understood() {
    for case in all() {
        let mut events = case.events.clone();
        for event in &mut events {
            let members = event.as_object_mut().expect("an object");
            for name in [
                "item_id",
                "output_index",
                "content_index",
                "sequence_number",
            ] {
                members.remove(name);
            }
        }
        let (case, events, end) = answered(case.name, |_| event_stream(chunks(&events)));
        assert_eq!(lines(&events), lines(&case.expected), "{}", case.name);
        assert_eq!(end, End::Complete, "{}", case.name);
    }
}

#[test]
fn a_run_without_id_gets_the_id_of_its_response() {
    let mut case = all().swap_remove(1);
    for name in ["id", "created_at", "expires_at"] {
        case.run[name] = Value::Null;
    }
    let session = Session::answering([event_stream(chunks(&case.events))]);
    let body = Body::Json(r#"{"stream":true}"#.into());
    let stream = open(
        &session,
        session.request("POST", &["responses"], body),
        &case,
    );
    let (events, _) = read_all(&stream);
    let (_, created) = &events[0];
    let given = ["id", "created_at", "expires_at"].map(|name| created[name].clone());
    assert_eq!(given, [json!("run_1"), json!(1_000_000), json!(1_000_600)]);
    assert!(events.iter().all(|(_, data)| match data.get("run_id") {
        Some(run) => run == "run_1",
        None => true,
    }));
}

#[test]
fn invalid_runs_are_rejected() {
    let message = |run: &str, thread: Option<&str>, steps: Option<&str>| {
        let rejected = AsRun::of_json(run, thread, steps);
        let error = rejected.expect_err("it is rejected");
        assert_eq!(error.kind, ErrorKind::Argument);
        error.message
    };
    assert!(message("{", None, None).starts_with("`as_run$run` must be JSON text, but "));
    let messages = [
        message("[]", None, None),
        message("{}", Some("1"), None),
        message("{}", None, Some("{}")),
    ];
    let expected = [
        "`as_run$run` must be an object as JSON text.",
        "`as_run$thread` must be an object as JSON text.",
        "`as_run$steps` must be an array as JSON text.",
    ];
    assert_eq!(messages, expected);
}
