//! Streams of background responses resume after a lost connection.

use std::time::Duration;

use openaistream_core::stream::{End, EventKind, EventStream};
use openaistream_core::{Body, CallOptions, ErrorKind, Timeouts};
use serde_json::Value;

use crate::stored_response::{events, Break, Script, StoredResponse};
use crate::support::{eventually, incomplete, read, request, take_all, Session};

const BACKGROUND: &str = r#"{"background":true,"stream":true,"input":"Hi"}"#;

fn options(max_retries: u32) -> CallOptions {
    CallOptions {
        max_retries,
        timeouts: Timeouts::STREAM,
        ..CallOptions::default()
    }
}

fn open(
    session: &Session,
    server: &StoredResponse,
    body: &str,
    options: CallOptions,
) -> EventStream {
    let mut request = request(
        &server.url,
        "POST",
        &["responses"],
        Body::Json(body.to_owned().into()),
    );
    request.options(options);
    session.stream(request, EventKind::Response, Default::default())
}

/// What a reader receives: the data of the events, and the end.
fn read_all(stream: &EventStream) -> (Vec<Value>, End) {
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    let data = events
        .iter()
        .map(|event| serde_json::from_str(event.document.source()).expect("it is JSON"));
    (data.collect(), end)
}

fn answer(stream: &EventStream) -> Value {
    let document = stream.answer().document().expect("an answer");
    serde_json::from_str(document.source()).expect("it is JSON")
}

/// The text that events add.
fn text_of(events: &[Value]) -> String {
    let deltas = events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta");
    deltas.filter_map(|event| event["delta"].as_str()).collect()
}

fn with_breaks(breaks: &[Break]) -> Script {
    Script {
        breaks: breaks.to_vec(),
        ..Script::default()
    }
}

#[test]
fn a_reset_at_any_event_changes_nothing() {
    let events = events(195);
    assert_eq!(events.len(), 200);
    let whole = events[199]["response"].to_string();
    let session = Session::new();
    let server = StoredResponse::start(events, Script::default());
    for count in 1..=200 {
        server.script().breaks = vec![Break::Reset(count)];
        let stream = open(&session, &server, BACKGROUND, options(2));
        let (got, end) = read_all(&stream);
        assert_eq!(end, End::Complete, "reset after {count}");
        assert!(got == server.events, "reset after {count}");
        assert_eq!(answer(&stream).to_string(), whole);
    }
}

#[test]
fn a_reset_at_any_event_of_an_old_response_changes_no_text() {
    let events = events(195);
    let whole = events[199]["response"].to_string();
    let text = text_of(&events);
    let session = Session::new();
    let script = Script {
        is_expired: true,
        ..Script::default()
    };
    let server = StoredResponse::start(events, script);
    for count in 1..200 {
        server.script().breaks = vec![Break::Reset(count)];
        let stream = open(&session, &server, BACKGROUND, options(2));
        let (got, end) = read_all(&stream);
        assert_eq!(end, End::Complete, "reset after {count}");
        assert_eq!(text_of(&got), text, "reset after {count}");
        let ends: Vec<&Value> = got
            .iter()
            .rev()
            .take(2)
            .map(|event| &event["type"])
            .collect();
        assert_eq!(ends, ["response.completed", "response.output_item.done"]);
        assert_eq!(answer(&stream).to_string(), whole);
        assert_eq!(stream.answer().text(0).as_deref(), Some(text.as_str()));
    }
}

#[test]
fn repeated_interruptions_of_any_kind_are_resumed() {
    let server = StoredResponse::start(
        events(20),
        with_breaks(&[
            Break::Reset(5),
            Break::Close(5),
            Break::Inside(5),
            Break::Stall(5),
            Break::Reset(1),
        ]),
    );
    let session = Session::new();
    let mut options = options(2);
    options.timeouts.idle = Some(Duration::from_millis(200));
    let stream = open(&session, &server, BACKGROUND, options);
    let (got, end) = read_all(&stream);
    assert_eq!(end, End::Complete);
    assert!(got == server.events);
    assert_eq!(server.later_requests().len(), 5);
}

#[test]
fn resuming_starts_after_the_last_event() {
    let server = StoredResponse::start(events(3), with_breaks(&[Break::Close(4)]));
    let session = Session::new();
    let body = BACKGROUND.replace("\"input\"", "\"include\":[\"a\"],\"input\"");
    let (got, end) = read_all(&open(&session, &server, &body, options(2)));
    assert_eq!((got.len(), end), (8, End::Complete));
    assert_eq!(
        server.later_requests(),
        ["/v1/responses/resp_1?include%5B%5D=a&stream=true&starting_after=3"]
    );
}

#[test]
fn a_stream_of_a_stored_response_resumes() {
    let server = StoredResponse::start(events(3), with_breaks(&[Break::Close(2)]));
    let session = Session::new();
    let path = ["responses".to_owned(), "resp_1".to_owned()];
    let query = [("stream", "true"), ("starting_after", "0")];
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let key = "a-key".to_owned();
    let mut request =
        openaistream_core::Request::new("GET", &server.url, &path, &query, key).expect("a request");
    request.options(options(2));
    let stream = session.stream(request, EventKind::Response, Default::default());
    let (got, end) = read_all(&stream);
    // Without the event `created`, the id was unknown before the connection was lost.
    assert_eq!(end, End::Complete);
    assert!(got == server.events[1..]);
}

#[test]
fn an_old_response_is_polled_and_its_rest_delivered() {
    let script = Script {
        is_expired: true,
        pending: 2,
        ..with_breaks(&[Break::Reset(6)])
    };
    let server = StoredResponse::start(events(10), script);
    let session = Session::new();
    let stream = open(&session, &server, BACKGROUND, options(1));
    let (got, end) = read_all(&stream);
    assert_eq!(end, End::Complete);
    let types: Vec<&str> = got[6..]
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let missing = [
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(types, missing);
    assert_eq!(got[6]["delta"], "3 4 5 6 7 8 9 ");
    assert_eq!(
        server.later_requests().len(),
        4,
        "{:?}",
        server.later_requests()
    );
}

#[test]
fn without_background_an_interruption_is_an_error() {
    for body in [
        r#"{"stream":true}"#,
        r#"{"stream":true,"background":false}"#,
    ] {
        let server = StoredResponse::start(events(3), with_breaks(&[Break::Close(4)]));
        let (got, end) = read_all(&open(&Session::new(), &server, body, options(2)));
        assert_eq!(got.len(), 4);
        let error = incomplete(end);
        assert_eq!(error.kind, ErrorKind::Stream);
        assert_eq!(error.response_id.as_deref(), Some("resp_1"));
        assert!(server.later_requests().is_empty());
    }
}

#[test]
fn a_complete_response_instead_of_the_rest_gives_missing_events() {
    for (pending, count) in [(0, 4), (0, 7), (2, 5)] {
        let script = Script {
            sends_whole: true,
            pending,
            ..with_breaks(&[Break::Reset(count)])
        };
        let server = StoredResponse::start(events(10), script);
        let whole = server.events.last().expect("an end")["response"].to_string();
        let session = Session::new();
        let stream = open(&session, &server, BACKGROUND, options(3));
        let (got, end) = read_all(&stream);
        assert_eq!(end, End::Complete, "reset after {count}");
        assert_eq!(text_of(&got), text_of(&server.events));
        let answer = stream.answer();
        let document = answer.document().expect("an answer");
        assert_eq!(document.source(), whole);
        assert_eq!(answer.text(0), Some(text_of(&server.events).into()));
    }
}

#[test]
fn resuming_is_retried_as_often_as_calls() {
    for (max_retries, refusals) in [(0, 0), (1, 1), (2, 2)] {
        let script = Script {
            refusals: vec![503; 3],
            ..with_breaks(&[Break::Reset(4)])
        };
        let server = StoredResponse::start(events(3), script);
        let session = Session::new();
        let stream = open(&session, &server, BACKGROUND, options(max_retries));
        let (got, end) = read_all(&stream);
        assert_eq!(got.len(), 4);
        assert_eq!(
            server.later_requests().len(),
            refusals,
            "{max_retries} retries"
        );
        let error = incomplete(end);
        assert_eq!(error.response_id.as_deref(), Some("resp_1"));
        assert!(
            error
                .message
                .contains("the response resp_1 may be complete"),
            "{error}"
        );
        assert_eq!(error.status, Some(if refusals == 0 { 200 } else { 503 }));
        assert_eq!(error.attempts, 1 + max_retries);
        let partial = error.partial.expect("a partial answer");
        assert_eq!((partial.events, partial.text.as_str()), (4, "0 "));
    }
}

#[test]
fn temporary_errors_are_ignored() {
    let script = Script {
        refusals: vec![503],
        ..with_breaks(&[Break::Reset(4), Break::Reset(1)])
    };
    let server = StoredResponse::start(events(3), script);
    let session = Session::new();
    let (got, end) = read_all(&open(&session, &server, BACKGROUND, options(2)));
    assert_eq!(end, End::Complete);
    assert!(got == server.events);
}

#[test]
fn a_stream_without_new_events_is_not_resumed_forever() {
    let breaks = [
        Break::Reset(4),
        Break::Reset(0),
        Break::Reset(0),
        Break::Reset(0),
    ];
    let server = StoredResponse::start(events(3), with_breaks(&breaks));
    let session = Session::new();
    let (got, end) = read_all(&open(&session, &server, BACKGROUND, options(2)));
    assert_eq!(got.len(), 4);
    assert_eq!(incomplete(end).kind, ErrorKind::Connection);
    assert_eq!(server.later_requests().len(), 2);
}

#[test]
fn a_stream_closed_while_resuming_disconnects() {
    let breaks = [Break::Reset(4), Break::Stall(0)];
    let server = StoredResponse::start(events(3), with_breaks(&breaks));
    let session = Session::new();
    let stream = open(&session, &server, BACKGROUND, options(2));
    assert_eq!(read(&stream, 4).len(), 4);
    eventually("it requests the rest", || {
        (server.later_requests().len() == 1).then_some(())
    });
    stream.channel().close();
    eventually("the server detects the disconnect", || {
        (server.script().left == 1).then_some(())
    });
    assert_eq!(server.later_requests().len(), 1);
}
