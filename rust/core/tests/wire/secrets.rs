use std::sync::Arc;

use openaistream_core::stream::EventKind;
use openaistream_core::{Body, LogLevel, Secrets, Trace};
use openaistream_server::Reply;

use crate::support::{event_stream, incomplete, read_all, Session, KEY};

/// An error object that repeats the key in every field.
fn echo() -> String {
    let fields = ["message", "type", "param", "code"];
    let fields = fields.map(|field| format!(r#""{field}": "{KEY}""#));
    format!(r#"{{"error": {{{}}}}}"#, fields.join(", "))
}

/// Responses of a server that repeats the key.
fn echoes() -> Vec<Reply> {
    // The limit of what is quoted or read of the body is inside the key.
    let cut = |before: usize| format!("{}{KEY}", "x".repeat(before));
    let blank = |before: usize| format!("{}{KEY}", " ".repeat(before));
    let headers = ["x-request-id", "location", "server"];
    let headers = headers.map(|name| (name.to_owned(), KEY.to_owned()));
    let mut replies: Vec<Reply> = [
        echo(),
        KEY.to_owned(),
        cut(280),
        cut(290),
        cut(299),
        blank(4080),
    ]
    .into_iter()
    .map(|body| Reply::body(401, "text/plain", body))
    .collect();
    replies.push(Reply {
        headers: headers.to_vec(),
        ..Reply::body(307, "text/plain", "")
    });
    replies
}

/// All lines of a trace.
fn shown(trace: &Trace) -> String {
    let lines = trace.take().into_iter().map(|line| line.text);
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a text contains the key or a large part of it.
fn shows_key(text: &str) -> bool {
    text.contains(&KEY[..5])
}

#[test]
fn the_key_is_in_no_error_of_a_call() {
    let session = Session::answering(echoes());
    for _ in echoes() {
        let error = session.get().expect_err("an error");
        assert!(!shows_key(&format!("{error:?}")), "{error:?}");
    }
}

#[test]
fn the_key_is_in_no_error_of_a_stream() {
    let in_stream = [
        format!("data: {}\n\n", echo()),
        format!("event: error\ndata: \"{KEY}\"\n\n"),
    ];
    let in_stream: Vec<Reply> = in_stream.map(|event| event_stream([event])).into();
    let replies = [echoes(), in_stream].concat();
    let session = Session::answering(replies.clone());
    for _ in replies {
        let error = incomplete(read_all(&session.chat()).1);
        assert!(!shows_key(&format!("{error:?}")), "{error:?}");
    }
}

#[test]
fn the_key_is_not_in_the_error_of_an_invalid_response() {
    let session = Session::answering([Reply::body(200, "text/plain", KEY)]);
    let error = session.get().expect_err("no JSON");
    assert!(!shows_key(&error.message), "{error}");
}

#[test]
fn the_key_is_in_no_trace() {
    let session = Session::answering(echoes());
    let body = Body::Json(format!(r#"{{"prompt": "{KEY} sk-abcdefghijkl"}}"#).into());
    for _ in echoes() {
        let trace = Arc::new(Trace::new(3, LogLevel::Off, Secrets::of(KEY)));
        let request = session.request("POST", &["chat", KEY], body.clone());
        session.send_traced(request, &trace).expect_err("an error");
        let lines = shown(&trace);
        assert!(lines.contains("-> authorization: <REDACTED>"), "{lines}");
        assert!(
            lines.contains(r#">> {"prompt": "<REDACTED> <REDACTED>"}"#),
            "{lines}"
        );
        assert!(!shows_key(&lines) && !lines.contains("sk-"), "{lines}");
    }
}

#[test]
fn a_key_split_by_the_network_is_not_in_a_trace() {
    let text = format!("data: {{\"echo\": \"{KEY}\"}}\n\n");
    let (first, second) = text.split_at(text.len() / 2);
    let session = Session::answering([event_stream([first, second, "data: [DONE]\n\n"])]);
    let trace = Arc::new(Trace::new(2, LogLevel::Off, Secrets::of(KEY)));
    read_all(&session.events(EventKind::Chat, Arc::clone(&trace)));
    let lines = shown(&trace);
    assert!(
        lines.contains(r#"<< data: {"echo": "<REDACTED>"}"#),
        "{lines}"
    );
}
