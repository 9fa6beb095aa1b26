//! A client with its runtime and a local server.

use std::sync::{Arc, Once};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use openaistream_core::stream::{ByteStream, End, Event, EventKind, EventStream, Taken};
use openaistream_core::{send, Answer, Body, CallOptions, Content, Error, Request, Trace};
use openaistream_core::{Transport, TransportSettings, Transports};
use openaistream_server::{Framing, Options, Reply, SeenRequest, Server};
use tokio::runtime::{Builder, Runtime};

/// Does not look like an OpenAI key, so that it cannot be recognised by its format.
pub const KEY: &str = "not-a-key-that-looks-like-one";
/// The number of successive calls in tests of connection reuse.
pub const CALLS: usize = 20;
pub const DONE: &str = "data: [DONE]\n\n";

/// The time limit for operations that should complete immediately.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A client with its own server.
pub struct Session {
    pub server: Server,
    pub runtime: Runtime,
    pub transport: Transport,
}

impl Session {
    pub fn new() -> Session {
        ignore_proxies();
        Session::through(&TransportSettings::default())
    }

    /// A session with this connection timeout.
    pub fn connecting_within(limit: Duration) -> Session {
        ignore_proxies();
        Session::through(&TransportSettings {
            connect_timeout: Some(limit),
            ..TransportSettings::default()
        })
    }

    /// A session with these connection settings.
    pub fn through(settings: &TransportSettings) -> Session {
        Session {
            server: Server::start(Options::default()).expect("a port of this machine"),
            runtime: Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a thread"),
            transport: Transports::default()
                .get(settings)
                .expect("settings that can be used"),
        }
    }

    /// A session whose server sends these responses first.
    pub fn answering(replies: impl IntoIterator<Item = Reply>) -> Session {
        let session = Session::new();
        replies
            .into_iter()
            .for_each(|reply| session.server.reply(reply));
        session
    }

    /// A request with [`KEY`] to a path below the server's base URL.
    pub fn request(&self, method: &str, path: &[&str], body: Body) -> Request {
        request(&self.server.url(), method, path, body)
    }

    pub fn get(&self) -> Result<Answer, Error> {
        self.send(self.request("GET", &["models"], Body::Empty))
    }

    /// Retrieves the content of a file from the server.
    pub fn file(&self) -> Result<Bytes, Error> {
        let path = ["files", "f", "content"];
        let answer = self.send(self.request("GET", &path, Body::Empty))?;
        Ok(bytes_of(answer))
    }

    pub fn send(&self, request: Request) -> Result<Answer, Error> {
        self.send_traced(request, &Arc::default())
    }

    /// Sends from another thread than the runtime's, as the bridge does.
    pub fn send_traced(&self, request: Request, trace: &Arc<Trace>) -> Result<Answer, Error> {
        let (transport, trace) = (self.transport.clone(), Arc::clone(trace));
        let call = async move { send(&transport, &request, &trace).await };
        self.runtime
            .block_on(self.runtime.spawn(call))
            .expect("a call that does not panic")
    }

    /// Sends a chat completion and reads its stream.
    pub fn chat(&self) -> EventStream {
        self.events(EventKind::Chat, Arc::default())
    }

    pub fn events(&self, kind: EventKind, trace: Arc<Trace>) -> EventStream {
        let body = Body::Json(r#"{"stream":true}"#.into());
        let request = self.request("POST", &["chat", "completions"], body);
        self.stream(request, kind, trace)
    }

    pub fn stream(&self, request: Request, kind: EventKind, trace: Arc<Trace>) -> EventStream {
        let handle = self.runtime.handle();
        EventStream::open(handle, self.transport.clone(), request, kind, trace)
            .expect("a request that can be made")
    }

    pub fn speech(&self) -> ByteStream {
        let request = self.request("POST", &["audio", "speech"], Body::Json("{}".into()));
        let handle = self.runtime.handle();
        ByteStream::open(handle, self.transport.clone(), request, Arc::default())
            .expect("a request that can be made")
    }

    /// The latest request that the server received.
    pub fn seen(&self) -> SeenRequest {
        self.server.requests().pop().expect("a request")
    }

    pub fn assert_one_connection(&self) {
        assert_eq!(self.server.connections(), 1);
    }

    /// Waits until the client has closed the connection of the latest response before its end.
    pub fn wait_for_close(&self) {
        eventually("the server sees the connection closed", || {
            self.seen().closed_at
        });
    }
}

/// An object of the API, for calls of which only the request matters.
pub fn object() -> Reply {
    Reply::body(200, "application/json", r#"{"id":"1"}"#)
}

pub fn bytes_of(answer: Answer) -> Bytes {
    match answer.content {
        Content::Bytes(bytes) => bytes,
        other => panic!("{other:?} are no bytes"),
    }
}

/// Proxies in the environment cannot reach ports of this machine.
fn ignore_proxies() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            std::env::remove_var(name);
        }
    });
}

pub fn request(base_url: &str, method: &str, path: &[&str], body: Body) -> Request {
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    let mut request =
        Request::new(method, base_url, &path, &[], KEY.to_owned()).expect("a valid request");
    request.body(body);
    // Failures should be visible; retries are tested in `retries`.
    request.options(CallOptions {
        max_retries: 0,
        ..CallOptions::default()
    });
    request
}

/// The value of a request header, which must not be repeated.
pub fn header<'a>(request: &'a SeenRequest, name: &str) -> Option<&'a str> {
    let mut values = request.headers.iter().filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.as_str());
    assert_eq!(values.next(), None, "{name} is repeated");
    value
}

/// Polls until there is a value; fails after a time limit.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = look() {
            return value;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(2));
    }
}

/// An event of a chat completion that adds `text`.
pub fn delta(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

/// An event of a chat completion that ends a choice.
pub fn finish(choice: usize, reason: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":{choice},\"finish_reason\":\"{reason}\"}}]}}\n\n")
}

/// A stream of events with one HTTP chunk per piece.
pub fn event_stream(pieces: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Reply {
    Reply {
        headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
        chunks: pieces.into_iter().map(Into::into).collect(),
        framing: Framing::Chunked,
        ..Reply::default()
    }
}

/// The text that a chat event adds; the whole event if it adds none.
pub fn text(event: &Event) -> String {
    let root = event.document.root();
    let choices = root.get("choices").and_then(|choices| choices.as_array());
    let choice = choices.and_then(|choices| choices.iter().next());
    let content = choice.and_then(|choice| choice.get("delta")?.get("content")?.as_str());
    content.unwrap_or(event.document.source()).to_owned()
}

/// Takes events until the end; returns their texts and the end.
pub fn read_all(stream: &EventStream) -> (Vec<String>, End) {
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    (events.iter().map(text).collect(), end)
}

/// Takes this number of events.
pub fn read(stream: &EventStream, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        let taken = stream.take(count - texts.len(), DEADLINE);
        assert!(!taken.items.is_empty(), "after {texts:?}: {:?}", taken.end);
        texts.extend(taken.items.iter().map(text));
    }
    texts
}

/// Takes items until the end, which must arrive in time.
pub fn take_all<T>(mut take: impl FnMut(Duration) -> Taken<T>) -> (Vec<T>, End) {
    let mut all = Vec::new();
    loop {
        let Taken { items, end } = take(DEADLINE);
        assert!(
            !items.is_empty() || end.is_some(),
            "nothing arrived in time"
        );
        all.extend(items);
        if let Some(end) = end {
            return (all, end);
        }
    }
}

/// The error that ended a stream before it was complete.
pub fn incomplete(end: End) -> Error {
    match end {
        End::Incomplete(error) => error,
        End::Complete => panic!("the stream is complete"),
    }
}
