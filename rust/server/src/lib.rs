//! An OpenAI-compatible server on loopback, for demos without a key and for tests without a
//! network.
//!
//! By itself it answers every operation of the API, always the same way for the same requests. It
//! keeps what is made (responses, conversations, stored chats, files, vector stores, batches), of
//! every kind the newest 10,000 up to 128 MiB, of files up to 512 MiB. A script can replace any answer by exact bytes, pauses and
//! endings ([`Server::reply`]) and then look at what a client sent and when ([`Server::requests`]).
//!
//! HTTP/1.1 is written by hand here, not by an HTTP library: a library repairs or refuses the
//! broken chunk sizes, short bodies and resets that a client must be tested against.
//!
//! ```
//! use openaistream_server::{Ending, Framing, Options, Reply, Server};
//!
//! let server = Server::start(Options::default())?;
//! // The next request gets one event and then a connection that breaks.
//! server.reply(Reply {
//!     headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
//!     chunks: vec![b"data: {}\n\n".to_vec()],
//!     framing: Framing::Chunked,
//!     ending: Ending::Reset,
//!     ..Reply::default()
//! });
//! println!("base URL of the client: {}", server.url());
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod api;
mod api_error;
mod call;
mod connection;
mod events;
mod form;
mod journal;
mod listener;
mod media;
mod model;
mod operations;
mod page;
mod parameters;
mod reply;
mod request;
mod request_body;
mod router;
mod routes;
mod scripted;
mod skeleton;
mod socket;
mod stable_hash;
mod store;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use journal::Journal;
use listener::Listener;
use scripted::{Queue, Scripted};
use store::Store;

pub use journal::SeenRequest;
pub use reply::{Ending, Framing, Reply};
pub use request_body::BODY_LIMIT;
pub use scripted::{ChatMessage, ToolCall};

/// The longest delay, a year; longer ones are as long.
const LONGEST_DELAY: Duration = Duration::from_secs(365 * 24 * 3600);

/// How the server answers by itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of 127.0.0.1 to listen on; 0, the default, is a free one.
    pub port: u16,
    /// The pause before each event of a stream; none by default. An answer in the background takes
    /// as long as its stream.
    pub token_delay: Duration,
    /// How long a response in the background waits in the queue, and a batch or a run before each of
    /// its steps; none by default.
    pub background_delay: Duration,
    /// How old a response in the background may be to be streamed again; 5 minutes by default, as at
    /// OpenAI.
    pub resume_limit: Duration,
    /// Whether the Assistants API is still there: by default it is not, as at OpenAI since
    /// 2026-08-26.
    pub assistants: bool,
    /// How old a run of an assistant becomes before it expires; 10 minutes by default, as at OpenAI.
    pub run_limit: Duration,
    /// How old a batch becomes before it expires; a day by default, as at OpenAI.
    pub batch_limit: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            token_delay: Duration::ZERO,
            background_delay: Duration::ZERO,
            resume_limit: Duration::from_secs(300),
            assistants: false,
            run_limit: Duration::from_secs(600),
            batch_limit: Duration::from_secs(24 * 3600),
        }
    }
}

/// A running server on a port of 127.0.0.1; dropping it stops it.
///
/// It has one thread of its own, named `openaistream-server`, however many clients it has.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    listener: Listener,
}

impl Server {
    /// Starts a server; it takes connections from the moment this returns.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound or no thread be started.
    pub fn start(mut options: Options) -> std::io::Result<Server> {
        // So that times can be added up.
        options.token_delay = options.token_delay.min(LONGEST_DELAY);
        options.background_delay = options.background_delay.min(LONGEST_DELAY);
        options.run_limit = options.run_limit.min(LONGEST_DELAY);
        options.batch_limit = options.batch_limit.min(LONGEST_DELAY);
        let shared = Arc::new(Shared {
            options,
            journal: Journal::default(),
            replies: Mutex::default(),
            breaks: Mutex::default(),
            store: Mutex::default(),
        });
        let listener = Listener::start(Arc::clone(&shared))?;
        Ok(Server { shared, listener })
    }

    /// The base URL to give to a client: `http://127.0.0.1:PORT/v1`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port())
    }

    /// The port it listens on, or listened on before it was stopped.
    pub fn port(&self) -> u16 {
        self.listener.port()
    }

    /// Queues an exact answer. The next request takes it, whatever that request is; queued answers
    /// are taken in the order in which they were queued.
    pub fn reply(&self, reply: Reply) {
        self.queue(None, Scripted::Exact(reply));
    }

    /// Queues an exact answer for requests to that path, such as `/v1/embeddings`, alone. Others
    /// leave it in the queue.
    pub fn reply_to(&self, path: &str, reply: Reply) {
        self.queue(Some(path), Scripted::Exact(reply));
    }

    /// Queues a message for the next chat completion, response or run, whichever is asked for first.
    /// It is sent as a whole or as a stream, as the request says.
    pub fn reply_chat(&self, message: ChatMessage) {
        self.queue(None, Scripted::Chat(message));
    }

    /// Breaks off the next stream of events that the server makes by itself: it closes the
    /// connection behind so many events. What the stream tells goes on at the server.
    pub fn break_stream(&self, after: usize) {
        lock(&self.shared.breaks).push_back(after);
    }

    fn queue(&self, path: Option<&str>, answer: Scripted) {
        lock(&self.shared.replies).push(path, answer);
    }

    /// The requests seen so far, in the order in which they arrived.
    ///
    /// Only complete, well-formed requests count. Memory is bounded: the oldest requests are
    /// forgotten beyond 10 000 requests or 256 MiB of bodies.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.journal.requests()
    }

    /// How many connections have been accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.journal.connections()
    }

    /// Frees the port, closes all connections and ends the thread; harmless when done twice.
    ///
    /// Waits at most 200 ms for the thread. In a forked child, which has no such thread, it does
    /// nothing.
    pub fn stop(&self) {
        self.listener.stop();
    }
}

/// What the caller's thread and the server's thread both see.
#[derive(Debug)]
struct Shared {
    options: Options,
    journal: Journal,
    replies: Mutex<Queue>,
    /// Behind how many events the next streams break off.
    breaks: Mutex<VecDeque<usize>>,
    store: Mutex<Store>,
}

/// Locks even after a panic elsewhere: what is kept under these locks is never half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
