use std::time::Duration;

use openaistream_core::{Body, CallOptions, ErrorKind, TimeoutKind, Timeouts, TransportSettings};
use openaistream_server::Reply;

use crate::certificates::direct;
use crate::listeners::Listener;
use crate::support::{request, Session};

#[test]
fn localhost_works_with_ipv4_only() {
    let session = Session::new();
    let url = format!("http://localhost:{}/v1", session.server.port());
    let answer = session.send(request(&url, "GET", &["models"], Body::Empty));
    answer.expect("an answer over 127.0.0.1");
}

#[test]
fn a_redirect_to_another_origin_sends_nothing_there() {
    let (session, other) = (Session::new(), Session::new());
    for status in [301, 302, 303, 307, 308] {
        session.server.reply(Reply {
            status,
            headers: vec![("location".to_owned(), other.server.url() + "/models")],
            ..Reply::default()
        });
        let error = session.get().expect_err("an error");
        let place = format!("redirects to {}/models.", other.server.url());
        assert!(error.message.contains(&place), "{error}");
    }
    assert_eq!(session.server.requests().len(), 5);
    assert_eq!(other.server.connections(), 0);
}

/// A server that accepts connections but sends nothing, so the TLS handshake never starts.
#[test]
fn a_connection_timeout_is_reported() {
    let listener = Listener::start(|mut socket| async move {
        // Keeps the connection open until the client closes it.
        tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
        Ok(())
    });
    let limit = Some(Duration::from_millis(200));
    let session = Session::through(&TransportSettings {
        connect_timeout: limit,
        ..direct()
    });
    let mut call = request(
        &listener.url("https", "127.0.0.1"),
        "GET",
        &["models"],
        Body::Empty,
    );
    call.options(CallOptions {
        timeouts: Timeouts {
            connect: limit,
            ..Timeouts::CALL
        },
        max_retries: 0,
        ..CallOptions::default()
    });
    let error = session.send(call).expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Timeout(TimeoutKind::Connect));
    let place = format!("The connection was to https://127.0.0.1:{}.", listener.port);
    assert!(error.message.ends_with(&place), "{error}");
}
