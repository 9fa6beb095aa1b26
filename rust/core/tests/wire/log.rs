//! The debug log.

use std::sync::Arc;

use openaistream_core::stream::{End, EventKind};
use openaistream_core::{Body, CallOptions, LogLevel, Output, Secrets, Trace};
use openaistream_server::{Ending, Reply};

use crate::support::{delta, event_stream, object, read, read_all, Session, DONE, KEY};

/// A trace of a call that is not verbose.
fn trace(level: LogLevel) -> Arc<Trace> {
    Arc::new(Trace::new(0, level, Secrets::of(KEY)))
}

/// The lines of the log without times and durations.
fn lines(trace: &Trace) -> Vec<String> {
    let lines = trace.take().into_iter().map(|line| {
        assert_eq!(line.output, Output::Log, "nothing is written elsewhere");
        let (_, text) = line.text.split_once("Z] ").expect("a time");
        match text.rsplit_once(", ") {
            Some((what, seconds)) if seconds.ends_with(" s") => what.to_owned(),
            _ => text.to_owned(),
        }
    });
    lines.collect()
}

fn identified(mut reply: Reply) -> Reply {
    let id = ("x-request-id".to_owned(), "req_1".to_owned());
    reply.headers.push(id);
    reply
}

#[test]
fn info_logs_a_line_per_call() {
    let session = Session::answering([
        identified(object()),
        identified(Reply::body(404, "application/json", r#"{"error":"gone"}"#)),
    ]);
    let trace = trace(LogLevel::Info);
    let request = || session.request("GET", &["models", "m"], Body::Empty);
    session.send_traced(request(), &trace).expect("an answer");
    assert_eq!(
        lines(&trace),
        ["GET /v1/models/m: HTTP 200, attempt 1, request req_1"]
    );
    session.send_traced(request(), &trace).expect_err("a 404");
    assert_eq!(
        lines(&trace),
        ["GET /v1/models/m: HTTP 404, attempt 1, request req_1"]
    );
}

#[test]
fn info_logs_retries_with_cause_and_wait() {
    let mut busy = identified(Reply::body(503, "text/plain", "busy"));
    let requested_wait = ("retry-after-ms".to_owned(), "20".to_owned());
    busy.headers.push(requested_wait);
    let session = Session::answering([busy, object()]);
    let trace = trace(LogLevel::Info);
    let mut request = session.request("GET", &["models", "m"], Body::Empty);
    request.options(CallOptions::default());
    session.send_traced(request, &trace).expect("an answer");
    assert_eq!(
        lines(&trace),
        [
            "GET /v1/models/m: HTTP 503, retrying in 0.02 s, attempt 1, request req_1",
            "GET /v1/models/m: HTTP 200, attempt 2"
        ]
    );
}

#[test]
fn info_logs_incomplete_and_closed_streams() {
    let cut = event_stream([delta("one")]);
    let session = Session::answering([
        cut,
        Reply {
            ending: Ending::Stall,
            ..event_stream([delta("one")])
        },
    ]);
    let begun = "POST /v1/chat/completions: HTTP 200, attempt 1";
    let stream = session.events(EventKind::Chat, trace(LogLevel::Info));
    read_all(&stream);
    let bytes = delta("one").len();
    let ended = format!(
        "POST /v1/chat/completions: stream incomplete: stream error, 1 events, {bytes} bytes"
    );
    assert_eq!(lines(stream.channel().trace()), [begun, &ended]);
    let stream = session.events(EventKind::Chat, trace(LogLevel::Info));
    read(&stream, 1);
    stream.channel().close();
    let cancelled = "POST /v1/chat/completions: cancelled";
    assert_eq!(lines(stream.channel().trace()), [begun, cancelled]);
}

#[test]
fn debug_logs_headers_connections_and_ends_but_no_body() {
    let text = [delta("TEXT"), DONE.to_owned()].concat();
    let session = Session::answering([event_stream([text.clone()])]);
    let stream = session.events(EventKind::Chat, trace(LogLevel::Debug));
    assert_eq!(read_all(&stream).1, End::Complete);
    let lines = lines(stream.channel().trace());
    let port = session.server.port();
    for expected in [
        "-> POST /v1/chat/completions HTTP/1.1".to_owned(),
        "-> authorization: <REDACTED>".to_owned(),
        format!("*  Connected to 127.0.0.1:{port}, HTTP/1.1"),
        "<- content-type: text/event-stream".to_owned(),
        "POST /v1/chat/completions: HTTP 200, attempt 1".to_owned(),
        format!(
            "POST /v1/chat/completions: stream complete, 1 events, {} bytes",
            text.len()
        ),
    ] {
        assert!(lines.contains(&expected), "{expected} is not in {lines:?}");
    }
    let all = lines.join("\n");
    assert!(!all.contains("TEXT") && !all.contains(KEY), "{all}");
}

#[test]
fn without_a_level_nothing_is_logged() {
    let session = Session::answering([Reply::body(404, "application/json", "{}")]);
    let trace = trace(LogLevel::Off);
    let request = session.request("GET", &["models"], Body::Empty);
    session.send_traced(request, &trace).expect_err("a 404");
    assert_eq!(trace.take(), []);
}
