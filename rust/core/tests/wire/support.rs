//! A client with its runtime and the server that it talks to.

use std::sync::{Arc, Once};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use openaistream_core::stream::{ByteStream, End, Event, EventKind, EventStream, Taken};
use openaistream_core::{send, Answer, Body, CallOptions, Content, Error, Request, Trace};
use openaistream_core::{Transport, TransportSettings, Transports};
use openaistream_server::{Framing, Options, Reply, SeenRequest, Server};
use tokio::runtime::{Builder, Runtime};

/// No key of OpenAI, so that it cannot be known by how it looks.
pub const KEY: &str = "not-a-key-that-looks-like-one";
/// How many calls are made one after the other where connections may be shared.
pub const CALLS: usize = 20;
pub const DONE: &str = "data: [DONE]\n\n";

/// How long something is awaited that should come at once.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A client of a server of its own.
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

    /// A session whose connections must be made within `limit`.
    pub fn connecting_within(limit: Duration) -> Session {
        ignore_proxies();
        Session::through(&TransportSettings {
            connect_timeout: Some(limit),
            ..TransportSettings::default()
        })
    }

    /// A session that reaches servers so.
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

    /// A session whose server gives these answers first.
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

    /// The bytes of a file of the server.
    pub fn file(&self) -> Result<Bytes, Error> {
        let path = ["files", "f", "content"];
        let answer = self.send(self.request("GET", &path, Body::Empty))?;
        Ok(bytes_of(answer))
    }

    pub fn send(&self, request: Request) -> Result<Answer, Error> {
        self.send_traced(request, &Arc::default())
    }

    /// Sends from the runtime's own thread, as the bridge does.
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

    /// What the server saw of the latest request.
    pub fn seen(&self) -> SeenRequest {
        self.server.requests().pop().expect("a request")
    }

    pub fn assert_one_connection(&self) {
        assert_eq!(self.server.connections(), 1);
    }

    /// Waits until the client left the latest answer before its end.
    pub fn wait_for_close(&self) {
        eventually("the server sees the connection closed", || {
            self.seen().closed_at
        });
    }
}

/// An object of the API, as answer to calls of which only the request matters.
pub fn object() -> Reply {
    Reply::body(200, "application/json", r#"{"id":"1"}"#)
}

pub fn bytes_of(answer: Answer) -> Bytes {
    match answer.content {
        Content::Bytes(bytes) => bytes,
        other => panic!("{other:?} are no bytes"),
    }
}

/// The proxies of the environment do not know the way to this machine's own ports.
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
    // What fails shall show; `retries` is about sending again.
    request.options(CallOptions {
        max_retries: 0,
        ..CallOptions::default()
    });
    request
}

/// The value of a request's header; a header that came twice is a mistake.
pub fn header<'a>(request: &'a SeenRequest, name: &str) -> Option<&'a str> {
    let mut values = request.headers.iter().filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.as_str());
    assert_eq!(values.next(), None, "{name} came twice");
    value
}

/// Polls until there is a value, and fails when that takes too long.
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

/// A stream of events, a chunk for each piece.
pub fn event_stream(pieces: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Reply {
    Reply {
        headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
        chunks: pieces.into_iter().map(Into::into).collect(),
        framing: Framing::Chunked,
        ..Reply::default()
    }
}

/// The text that an event of a chat completion adds; the whole event if it adds none.
pub fn text(event: &Event) -> String {
    let root = event.document.root();
    let choices = root.get("choices").and_then(|choices| choices.as_array());
    let choice = choices.and_then(|choices| choices.iter().next());
    let content = choice.and_then(|choice| choice.get("delta")?.get("content")?.as_str());
    content.unwrap_or(event.document.source()).to_owned()
}

/// Takes until the end and returns the texts with it.
pub fn read_all(stream: &EventStream) -> (Vec<String>, End) {
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    (events.iter().map(text).collect(), end)
}

/// Takes the given number of events, whatever comes after them.
pub fn read(stream: &EventStream, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        let taken = stream.take(count - texts.len(), DEADLINE);
        assert!(!taken.items.is_empty(), "after {texts:?}: {:?}", taken.end);
        texts.extend(taken.items.iter().map(text));
    }
    texts
}

/// Takes until the end, which must come.
pub fn take_all<T>(mut take: impl FnMut(Duration) -> Taken<T>) -> (Vec<T>, End) {
    let mut all = Vec::new();
    loop {
        let Taken { items, end } = take(DEADLINE);
        assert!(!items.is_empty() || end.is_some(), "nothing came in time");
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
