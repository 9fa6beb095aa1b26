use std::sync::Arc;

use openaistream_core::stream::EventKind;
use openaistream_core::{Body, Field, LogLevel, Secrets, Trace};
use openaistream_server::Reply;

use crate::support::{delta, event_stream, finish, object, read_all, Session, DONE, KEY};

const REQUEST: &str = "\
-> POST /v1/chat/completions HTTP/1.1
-> host: 127.0.0.1:PORT
-> user-agent: AGENT
-> accept-encoding: gzip, br, zstd, deflate
-> accept: */*
-> authorization: <REDACTED>
-> content-type: application/json
-> 
";
const REQUEST_BODY: &str = ">> {\"model\":\"m\"}\n";
const RESPONSE: &str = "\
<- HTTP/1.1 400 Bad Request
<- content-type: text/plain
<- set-cookie: <REDACTED>
<- content-length: 7
<- 
";
const RESPONSE_BODY: &str = "<< line 1\n";

/// The lines of a failed call at this level.
fn lines(level: u8) -> String {
    let cookie = ("set-cookie".to_owned(), "session=1".to_owned());
    let mut reply = Reply::body(400, "text/plain", "line 1\n");
    reply.headers.push(cookie);
    let session = Session::answering([reply]);
    let body = Body::Json(r#"{"model":"m"}"#.into());
    let trace = Arc::new(Trace::new(level, LogLevel::Off, Secrets::of(KEY)));
    let request = session.request("POST", &["chat", "completions"], body);
    session.send_traced(request, &trace).expect_err("an error");
    let lines = trace
        .take()
        .into_iter()
        .map(|line| line.text + "\n")
        .collect::<String>();
    assert!(trace.take().is_empty(), "lines are taken once");
    let agent = &session.server.requests()[0].headers;
    let agent = agent
        .iter()
        .find(|(name, _)| name == "user-agent")
        .expect("a name");
    lines
        .replace(&session.server.port().to_string(), "PORT")
        .replace(&agent.1, "AGENT")
}

#[test]
fn level_0_shows_nothing() {
    assert_eq!(lines(0), "");
}

#[test]
fn level_1_shows_headers() {
    assert_eq!(lines(1), [REQUEST, RESPONSE].concat());
}

#[test]
fn level_2_shows_bodies_too() {
    assert_eq!(
        lines(2),
        [REQUEST, REQUEST_BODY, RESPONSE, RESPONSE_BODY].concat()
    );
}

#[test]
fn level_3_shows_the_connection_too() {
    let connecting = "*  Connecting to http://127.0.0.1:PORT\n";
    let connected = "*  Connected to 127.0.0.1:PORT, HTTP/1.1\n";
    let expected = [
        connecting,
        REQUEST,
        REQUEST_BODY,
        connected,
        RESPONSE,
        RESPONSE_BODY,
    ]
    .concat();
    assert_eq!(lines(3), expected);
}

/// The bodies in a trace, without their prefix.
fn bodies(trace: &Trace, mark: &str) -> Vec<String> {
    let lines = trace.take().into_iter();
    lines
        .filter_map(|line| line.text.strip_prefix(mark).map(str::to_owned))
        .collect()
}

#[test]
fn binary_bodies_are_counted_not_shown() {
    let session = Session::answering([Reply::body(200, "audio/mpeg", *b"\xff\xfb\n\x90")]);
    let trace = Arc::new(Trace::new(2, LogLevel::Off, Secrets::default()));
    let request = session.request("GET", &["files", "f", "content"], Body::Empty);
    session.send_traced(request, &trace).unwrap();
    assert_eq!(bodies(&trace, "<< "), ["4 bytes of binary data"]);
}

#[test]
fn a_form_is_shown_by_its_fields_and_the_sizes_of_its_files() {
    let session = Session::answering([object()]);
    let path = std::env::current_exe().expect("the path of this test");
    let length = path.metadata().expect("a file").len();
    let name = path
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let purpose = Field::Text {
        name: "purpose".to_owned(),
        value: "vision".to_owned(),
    };
    let file = Field::File {
        name: "file".to_owned(),
        path,
        file_name: name.clone(),
        part: None,
    };
    let trace = Arc::new(Trace::new(2, LogLevel::Off, Secrets::default()));
    let request = session.request("POST", &["files"], Body::Form(vec![purpose, file]));
    session.send_traced(request, &trace).unwrap();
    assert_eq!(
        bodies(&trace, ">> "),
        [
            "purpose: vision".to_owned(),
            format!("file: {name} ({length} bytes)")
        ]
    );
}

#[test]
fn lines_of_a_stream_are_shown_whole() {
    let text = format!("{}{}{DONE}", delta("ü☀"), finish(0, "stop"));
    let expected: Vec<&str> = text.lines().collect();
    for piece in [1, 7, text.len()] {
        let session = Session::answering([event_stream(text.as_bytes().chunks(piece))]);
        let trace = Arc::new(Trace::new(2, LogLevel::Off, Secrets::default()));
        read_all(&session.events(EventKind::Chat, Arc::clone(&trace)));
        assert_eq!(bodies(&trace, "<< "), expected);
    }
}
