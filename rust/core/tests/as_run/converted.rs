//! Streams of responses become streams of runs with the same names, order and shapes as before.

use std::time::Duration;

use openaistream_core::stream::{AsRun, End, Event, EventStream};
use openaistream_core::{Body, CallOptions, Request, Timeouts};
use serde_json::Value;

use crate::cases::{all, Case};
use crate::shapes::CREATED;
use crate::stored_response::{Script, StoredResponse};
use crate::support::{request, take_all, Session};

/// The maximum duration of a stream in these tests, in seconds.
const MAX_SECONDS: i64 = 60;

/// A request that creates a response in the background.
pub fn background(server: &StoredResponse) -> Request {
    let body = r#"{"background":true,"stream":true,"conversation":"conv_1"}"#;
    let mut request = request(&server.url, "POST", &["responses"], Body::Json(body.into()));
    request.options(CallOptions {
        max_retries: 2,
        timeouts: Timeouts {
            first_byte: Some(Duration::from_secs(MAX_SECONDS as u64)),
            ..Timeouts::STREAM
        },
        ..CallOptions::default()
    });
    request
}

pub fn open(session: &Session, request: Request, case: &Case) -> EventStream {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    let run = AsRun::of_json(
        &case.run.to_string(),
        text(&case.thread).as_deref(),
        text(&case.ended_steps).as_deref(),
    );
    let mut run = run.expect("a run");
    run.is_first_round = case.is_first_round;
    run.shows_found_texts = case.shows_found_texts;
    EventStream::open_as_run(
        session.runtime.handle(),
        session.transport.clone(),
        request,
        run,
        Default::default(),
    )
    .expect("a request that can be made")
}

/// What a reader receives: the names and data of the events, and the end.
pub fn read_all(stream: &EventStream) -> (Vec<(String, Value)>, End) {
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    (events.iter().map(received).collect(), end)
}

pub fn received(event: &Event) -> (String, Value) {
    let data = serde_json::from_str(event.document.source()).expect("it is JSON");
    (event.name.clone(), settled(data))
}

/// Replaces times that depend on the speed of the machine.
fn settled(mut object: Value) -> Value {
    for name in ["completed_at", "failed_at"] {
        let at = object.get(name).and_then(Value::as_i64);
        if at.is_some_and(|at| (CREATED..CREATED + MAX_SECONDS).contains(&at)) {
            object[name] = CREATED.into();
        }
    }
    object
}

pub fn lines<N: AsRef<str>>(events: &[(N, Value)]) -> Vec<String> {
    let line = |(name, data): &(N, Value)| format!("{} {data}", name.as_ref());
    events.iter().map(line).collect()
}

#[test]
fn each_response_stream_becomes_the_matching_run() {
    let session = Session::new();
    for case in all() {
        let server = StoredResponse::start(case.events.clone(), Script::default());
        let stream = open(&session, background(&server), &case);
        let (events, end) = read_all(&stream);
        let (got, expected) = (lines(&events), lines(&case.expected));
        for (got, expected) in got.iter().zip(&expected) {
            assert_eq!(got, expected, "{}", case.name);
        }
        assert_eq!(got.len(), expected.len(), "{}", case.name);
        assert_eq!(end, End::Complete, "{}", case.name);

        let answer = stream.answer();
        assert_eq!(answer.response_id(), Some("resp_1"));
        let run = answer.document().expect("a run");
        let (_, last) = case.expected.last().expect("an event");
        assert_eq!(run.source(), last.to_string(), "{}", case.name);
    }
}
