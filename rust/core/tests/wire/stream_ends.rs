use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use openaistream_core::stream::{End, EventKind};
use openaistream_core::{Body, Error, ErrorKind};
use openaistream_server::{Ending, Framing, Reply};
use socket2::SockRef;

use crate::support::{
    delta, event_stream, finish, incomplete, read, read_all, request, Session, DONE,
};

/// The end of a stream with these chunks.
fn end_of(pieces: &[String]) -> End {
    read_all(&Session::answering([event_stream(pieces.to_vec())]).chat()).1
}

/// The error after two events, which must have been delivered.
fn after_two_events(reply: Reply) -> Error {
    let (events, end) = read_all(&Session::answering([reply]).chat());
    assert_eq!(events, ["one", "two"]);
    incomplete(end)
}

fn two_events() -> Vec<Vec<u8>> {
    vec![delta("one").into(), delta("two").into()]
}

#[test]
fn without_done_every_choice_must_finish() {
    let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n".to_owned();
    let complete = [
        vec![delta("a"), finish(0, "stop")],
        vec![delta("a"), finish(0, "tool_calls"), usage.clone()],
        vec![finish(1, "stop"), delta("a"), finish(0, "length")],
        vec![delta("a"), finish(0, "stop").trim_end().to_owned()],
        vec![delta("a"), DONE.trim_end().to_owned()],
    ];
    for pieces in complete {
        assert_eq!(end_of(&pieces), End::Complete, "{pieces:?}");
    }
    let cut = [
        vec![delta("a")],
        vec![delta("a"), finish(0, "")],
        vec![delta("a"), finish(1, "stop")],
        vec![usage],
    ];
    for pieces in cut {
        let error = incomplete(end_of(&pieces));
        assert_eq!(error.kind, ErrorKind::Stream, "{pieces:?}");
        assert!(
            error.message.contains("before the answer was complete"),
            "{error}"
        );
    }
}

#[test]
fn an_answer_that_ends_with_an_error_is_incomplete() {
    for last in [
        finish(0, "error"),
        finish(0, "error") + DONE,
        delta("two").replace("}}]", "},\"finish_reason\":\"error\"}]"),
    ] {
        let session = Session::answering([event_stream([delta("one"), last.clone()])]);
        let (events, end) = read_all(&session.chat());
        assert_eq!(events[0], "one", "{last}");
        assert_eq!(events.len(), 2, "events before the end are kept: {last}");
        let error = incomplete(end);
        assert_eq!(error.kind, ErrorKind::Stream, "{last}");
        assert!(error.message.contains("finish reason \"error\""), "{error}");
    }
    let whole = r#"{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"error"}]}"#;
    let session = Session::answering([Reply {
        chunks: vec![whole.into()],
        ..Reply::default()
    }]);
    let (events, end) = read_all(&session.chat());
    assert_eq!(events.len(), 1);
    assert_eq!(incomplete(end).kind, ErrorKind::Stream);
}

#[test]
fn a_run_is_complete_in_a_final_state() {
    let end_after = |name: &str| {
        let event = format!("event: {name}\ndata: {{}}\n\n");
        let session = Session::answering([event_stream([event])]);
        read_all(&session.events(EventKind::Run, Default::default())).1
    };
    assert_eq!(end_after("thread.run.completed"), End::Complete);
    assert_eq!(end_after("thread.run.requires_action"), End::Complete);
    assert_eq!(
        incomplete(end_after("thread.run.in_progress")).kind,
        ErrorKind::Stream
    );
}

#[test]
fn a_lost_connection_keeps_received_events() {
    let stream = event_stream(two_events());
    let breaks = [
        Reply {
            ending: Ending::Close,
            ..stream.clone()
        },
        Reply {
            headers: vec![("content-length".to_owned(), "9999".to_owned())],
            framing: Framing::Length,
            ending: Ending::Close,
            ..stream.clone()
        },
        Reply {
            headers: vec![("transfer-encoding".to_owned(), "chunked".to_owned())],
            chunks: two_events()
                .iter()
                .map(|event| [format!("{:x}\r\n", event.len()).as_bytes(), event, b"\r\n"].concat())
                .chain([b"not a size\r\n".to_vec()])
                .collect(),
            framing: Framing::Length,
            ..stream
        },
    ];
    for reply in breaks {
        let error = after_two_events(reply.clone());
        assert_eq!(error.kind, ErrorKind::Connection, "{reply:?}: {error}");
        assert!(error.message.contains("lost before"), "{error}");
    }
}

#[test]
fn a_reset_keeps_received_events() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let (received, reset) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a client");
        let _ = connection.read(&mut [0; 4096]).expect("a request");
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_vec();
        let response = [vec![head], two_events()].concat().concat();
        connection.write_all(&response).expect("a client");
        reset.recv().expect("the client has received the response");
        SockRef::from(&connection)
            .set_linger(Some(Duration::ZERO))
            .expect("an open connection");
    });
    let session = Session::new();
    let body = Body::Json(r#"{"stream":true}"#.into());
    let request = request(&url, "POST", &["chat", "completions"], body);
    let stream = session.stream(request, EventKind::Chat, Default::default());
    // The second event arrives together with the first.
    assert_eq!(read(&stream, 1), ["one"]);
    received.send(()).expect("a server");
    server.join().expect("no panic");
    let (events, end) = read_all(&stream);
    assert_eq!(events, ["two"]);
    let error = incomplete(end);
    assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    assert!(error.message.contains("lost before"), "{error}");
}

#[test]
fn a_connection_closed_within_an_event_is_reported() {
    let pieces = [
        delta("one"),
        delta("two"),
        "data: {\"choices\":[{\"ind".to_owned(),
    ];
    let error = after_two_events(Reply {
        framing: Framing::Close,
        ..event_stream(pieces)
    });
    assert_eq!(error.kind, ErrorKind::Stream, "{error}");
}

#[test]
fn an_error_event_ends_the_stream_with_its_message() {
    let object = r#"{"message":"overloaded","type":"server_error","code":"busy","param":null}"#;
    for event in [
        format!("data: {{\"error\":{object}}}\n\n"),
        format!("event: error\ndata: {{\"error\":{object}}}\n\n"),
        format!("event: error\ndata: {object}\n\n"),
    ] {
        let error = after_two_events(event_stream([
            delta("one"),
            delta("two"),
            event,
            DONE.into(),
        ]));
        assert_eq!(error.kind, ErrorKind::Stream);
        assert_eq!(
            error.message,
            "The server reported an error in the stream: overloaded"
        );
        assert_eq!(error.error_type.as_deref(), Some("server_error"));
        assert_eq!(error.code.as_deref(), Some("busy"));
    }
}

#[test]
fn an_event_without_an_error_is_not_an_error() {
    let event = "data: {\"error\":null,\"choices\":[]}\n\n".to_owned();
    assert_eq!(end_of(&[event, DONE.to_owned()]), End::Complete);
}

#[test]
fn invalid_json_ends_the_stream_with_the_reason() {
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    for broken in ["data: {\"choices\": oops}\n\n", "data: \0\n\n", &deep] {
        let pieces = [
            delta("one"),
            delta("two"),
            broken.to_owned(),
            delta("three"),
        ];
        let error = after_two_events(event_stream(pieces));
        assert_eq!(error.kind, ErrorKind::Stream);
        assert!(error.message.contains("is not JSON"), "{error}");
    }
}

#[test]
fn a_rejected_request_ends_its_stream() {
    let body = r#"{"error": {"message": "Wrong key.", "code": "invalid_api_key"}}"#;
    let session = Session::answering([Reply::body(401, "application/json", body)]);
    let (events, end) = read_all(&session.chat());
    assert!(events.is_empty());
    let error = incomplete(end);
    assert_eq!((error.kind, error.status), (ErrorKind::Status, Some(401)));
    assert_eq!(
        error.message,
        "HTTP 401 Unauthorized. Wrong key. Check that the API key is correct and belongs to this server."
    );
    assert_eq!(error.code.as_deref(), Some("invalid_api_key"));
}

#[test]
fn an_unreachable_server_ends_its_stream() {
    let session = Session::new();
    session.server.stop();
    let (events, end) = read_all(&session.chat());
    assert!(events.is_empty());
    assert_eq!(incomplete(end).kind, ErrorKind::Connection);
}
