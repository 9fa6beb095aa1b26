//! Retries: what is retried, how often, and what the error reports.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openaistream_core::{Body, CallOptions, ErrorKind, TimeoutKind, Timeouts, Trace};
use openaistream_server::{Ending, Reply};

use crate::support::{bytes_of, request, Session};

/// A failure with a short requested wait.
fn failing(status: u16) -> Reply {
    let mut reply = Reply::body(status, "text/plain", "no");
    let pause = ("retry-after-ms".to_owned(), "1".to_owned());
    reply.headers.push(pause);
    reply
}

fn with_timeouts(timeouts: Timeouts, max_retries: u32) -> CallOptions {
    CallOptions {
        timeouts,
        max_retries,
        ..CallOptions::default()
    }
}

#[test]
fn an_unreadable_response_reports_its_attempts() {
    let page = Reply::body(200, "text/html", "<p>");
    let session = Session::answering([failing(503), page]);
    let mut request = session.request("GET", &["models"], Body::Empty);
    request.options(CallOptions::default());
    let error = session.send(request).expect_err("a page");
    assert_eq!((error.kind, error.attempts), (ErrorKind::Response, 2));
}

#[test]
fn a_trace_reports_attempts_and_duration() {
    for last in [Reply::body(200, "application/json", "{}"), failing(404)] {
        let mut first = Reply::body(503, "text/plain", "busy");
        let pause = ("retry-after-ms".to_owned(), "50".to_owned());
        first.headers.push(pause);
        let session = Session::answering([first, last]);
        let trace = Arc::new(Trace::default());
        assert_eq!(trace.effort().attempts, 0);
        let mut request = session.request("GET", &["models"], Body::Empty);
        request.options(CallOptions::default());
        let _ = session.send_traced(request, &trace);
        assert_eq!(trace.effort().attempts, 2);
        assert!(trace.effort().seconds >= 0.05);
    }
}

#[test]
fn the_total_timeout_includes_waits_and_reports_the_last_failure() {
    let mut reply = Reply::body(503, "text/plain", "busy");
    let pause = ("retry-after".to_owned(), "60".to_owned());
    reply.headers.push(pause);
    let session = Session::answering([reply]);
    let mut request = session.request("GET", &["models"], Body::Empty);
    request.options(with_timeouts(
        Timeouts {
            total: Some(Duration::from_millis(200)),
            ..Timeouts::CALL
        },
        2,
    ));
    let began = Instant::now();
    let error = session.send(request).expect_err("an error");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(error.kind, ErrorKind::Timeout(TimeoutKind::Total));
    assert_eq!(error.attempts, 1);
    assert!(error.cause.is_some_and(|cause| cause.contains("busy")));
    assert_eq!(session.server.requests().len(), 1);
}

/// A port of this machine that accepts no connection, because its queue is full. On Linux the queue
/// holds one connection more than requested.
#[cfg(target_os = "linux")]
fn full_port() -> (tokio::net::TcpListener, Vec<std::net::TcpStream>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let _entered = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(any_port).expect("a port");
    let listener = socket.listen(1).expect("a queue");
    let address = listener.local_addr().expect("an address");
    let patience = Duration::from_millis(300);
    let mut waiting = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) {
        waiting.push(stream);
        assert!(waiting.len() < 10, "the queue is never full");
    }
    (listener, waiting)
}

#[test]
#[cfg(target_os = "linux")]
fn a_connection_that_is_not_established_in_time_is_a_timeout() {
    let (listener, _waiting) = full_port();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let limit = Duration::from_millis(200);
    let timeouts = Timeouts {
        connect: Some(limit),
        ..Timeouts::CALL
    };
    let mut call = request(&base_url, "GET", &["models"], Body::Empty);
    call.options(with_timeouts(timeouts, 1));
    let error = Session::connecting_within(limit).send(call);
    let error = error.expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Timeout(TimeoutKind::Connect));
    let place = format!(
        "The connection was to http://{}.",
        listener.local_addr().unwrap()
    );
    assert_eq!(
        error.message,
        format!(
            "No connection was established within 0.2 s (timeout \"connect\"). To wait longer, \
             raise \"connect\" in `timeouts`. {place}"
        )
    );
    assert_eq!(error.attempts, 2);
}

#[test]
fn a_call_that_succeeds_at_last_is_a_success() {
    let broken = Reply {
        headers: vec![("content-length".to_owned(), "900".to_owned())],
        ending: Ending::Close,
        ..Reply::body(200, "text/plain", "the beginning")
    };
    let whole = Reply::body(200, "text/plain", "all of it");
    let session = Session::answering([failing(408), broken, whole]);
    let mut request = session.request("GET", &["files", "f", "content"], Body::Empty);
    request.options(CallOptions::default());
    let answer = session.send(request).unwrap();
    assert_eq!(bytes_of(answer), "all of it");
    assert_eq!(session.server.requests().len(), 3);
}
