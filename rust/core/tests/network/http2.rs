use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Response, Version};
use openaistream_core::stream::{EventKind, EventStream};
use openaistream_core::{Body, ErrorKind};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};

use crate::certificates::{trusting, Authority, TemporaryFile};
use crate::listeners::{accept, Listener};
use crate::support::{delta, incomplete, read, read_all, request, Session, DONE};

/// The next action of the server.
#[derive(Debug)]
enum Step {
    Send(String),
    Finish,
    Reset,
}

/// An HTTP/2 server that answers each request with a stream controlled by a test.
struct Http2 {
    listener: Listener,
    session: Session,
    steps: UnboundedSender<Step>,
    /// The HTTP version of each request.
    seen: Arc<Mutex<Vec<Version>>>,
    _bundle: TemporaryFile,
}

impl Http2 {
    /// A server whose responses have a header of this size.
    fn start(header_bytes: usize) -> Http2 {
        let authority = Authority::new("Company");
        let bundle = TemporaryFile::new(&authority.certificate);
        let mut config = authority.issue(&["127.0.0.1"]).server();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let config = Arc::new(config);
        let (steps, directed) = unbounded_channel();
        let directed = Arc::new(tokio::sync::Mutex::new(directed));
        let seen: Arc<Mutex<Vec<Version>>> = Arc::default();
        let versions = Arc::clone(&seen);
        let listener = Listener::start(move |socket| {
            let (config, directed) = (Arc::clone(&config), Arc::clone(&directed));
            let versions = Arc::clone(&versions);
            async move {
                let stream = accept(config, socket).await?;
                let Ok(mut connection) = h2::server::handshake(stream).await else {
                    return Ok(());
                };
                while let Some(Ok((request, respond))) = connection.accept().await {
                    versions.lock().unwrap().push(request.version());
                    let directed = Arc::clone(&directed);
                    tokio::spawn(async move {
                        answer(respond, header_bytes, &mut *directed.lock().await).await;
                    });
                }
                Ok(())
            }
        });
        Http2 {
            listener,
            session: Session::through(&trusting(&bundle)),
            steps,
            seen,
            _bundle: bundle,
        }
    }

    fn chat(&self) -> EventStream {
        let url = self.listener.url("https", "127.0.0.1");
        let body = Body::Json(r#"{"stream":true}"#.into());
        let call = request(&url, "POST", &["chat", "completions"], body);
        self.session.stream(call, EventKind::Chat, Arc::default())
    }

    fn next(&self, step: Step) {
        assert!(self.steps.send(step).is_ok(), "the server listens");
    }
}

async fn answer(
    mut respond: SendResponse<Bytes>,
    header_bytes: usize,
    steps: &mut UnboundedReceiver<Step>,
) {
    let head = Response::builder()
        .header("content-type", "text/event-stream")
        .header("x-padding", "x".repeat(header_bytes))
        .body(())
        .unwrap();
    let Ok(mut body) = respond.send_response(head, false) else {
        return;
    };
    while let Some(step) = steps.recv().await {
        let sent = match step {
            Step::Send(text) => body.send_data(text.into(), false),
            Step::Finish => return drop(body.send_data(Bytes::new(), true)),
            Step::Reset => return body.send_reset(h2::Reason::INTERNAL_ERROR),
        };
        if sent.is_err() {
            return;
        }
    }
}

#[test]
fn a_stream_over_http_2_delivers_events_before_its_end() {
    let server = Http2::start(0);
    for round in 1..=2 {
        let stream = server.chat();
        for text in ["a", "b"] {
            server.next(Step::Send(delta(text)));
            // The server sends nothing more until this has been received.
            assert_eq!(read(&stream, 1), [text]);
        }
        server.next(Step::Send(DONE.to_owned()));
        server.next(Step::Finish);
        assert!(read_all(&stream).0.is_empty());
        assert_eq!(*server.seen.lock().unwrap(), vec![Version::HTTP_2; round]);
    }
}

#[test]
fn a_reset_http_2_stream_keeps_received_events() {
    let server = Http2::start(0);
    let stream = server.chat();
    server.next(Step::Send(delta("a")));
    assert_eq!(read(&stream, 1), ["a"]);
    server.next(Step::Reset);
    let error = incomplete(read_all(&stream).1);
    assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    assert_eq!(
        error.partial.map(|partial| partial.text).as_deref(),
        Some("a")
    );
}

#[test]
fn http_2_headers_have_the_same_limit() {
    let large = Http2::start(100 << 10);
    let stream = large.chat();
    large.next(Step::Send(format!("{}{DONE}", delta("a"))));
    large.next(Step::Finish);
    assert_eq!(read_all(&stream).0, ["a"]);

    let too_large = Http2::start(300 << 10);
    let stream = too_large.chat();
    let taken = stream.take(1, Duration::from_secs(30));
    let error = incomplete(taken.end.expect("an end"));
    assert_eq!(error.kind, ErrorKind::Response, "{error}");
    assert!(error.message.contains("response headers"), "{error}");
}
