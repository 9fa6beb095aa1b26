//! An OpenAI-compatible server on loopback, for demos without a key and for tests without a
//! network.
//!
//! It implements every operation of the API, and responds in the same way to the same requests. It
//! stores the objects that clients create (responses, conversations, stored chats, files, vector
//! stores, batches): of each kind the newest 10,000, up to 128 MiB, or 512 MiB of files. A script
//! can replace any response by exact bytes, delays and endings ([`Server::reply`]), and inspect what
//! a client sent and when ([`Server::requests`]).
//!
//! HTTP/1.1 is implemented here, because an HTTP library would repair or refuse the invalid chunk
//! sizes, short bodies and resets that a client must be tested against.
//!
//! ```
//! use openaistream_server::{Ending, Framing, Options, Reply, Server};
//!
//! let server = Server::start(Options::default())?;
//! // The next request receives one event, then the connection is reset.
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
mod dialect;
mod events;
mod form;
mod journal;
mod listener;
mod malformed;
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

pub use dialect::Dialect;
pub use journal::SeenRequest;
pub use reply::{Ending, Framing, Reply};
pub use request_body::BODY_LIMIT;
pub use scripted::{ChatMessage, ToolCall};

/// The maximum delay, one year; longer ones are reduced to it.
const MAX_DELAY: Duration = Duration::from_secs(365 * 24 * 3600);

/// Options of the server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on 127.0.0.1; 0, the default, selects a free one.
    pub port: u16,
    /// The delay before each event of a stream; none by default. A background response takes as
    /// long as its stream.
    pub token_delay: Duration,
    /// How long a background response is queued, and how long a batch or a run waits before each of
    /// its steps; none by default.
    pub background_delay: Duration,
    /// How long a background response can be streamed again; 5 minutes by default, as at OpenAI.
    pub resume_limit: Duration,
    /// Whether the Assistants API is available; not by default, as OpenAI shut it down on
    /// 2026-08-26.
    pub assistants: bool,
    /// The age at which a run of an assistant expires; 10 minutes by default, as at OpenAI.
    pub run_limit: Duration,
    /// The age at which a batch expires; one day by default, as at OpenAI.
    pub batch_limit: Duration,
    /// The server to imitate; OpenAI by default.
    pub dialect: Dialect,
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
            dialect: Dialect::default(),
        }
    }
}

/// A running server on a port of 127.0.0.1. Dropping it stops it.
///
/// It uses a single thread, named `openaistream-server`, for all clients.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    listener: Listener,
}

impl Server {
    /// Starts a server. It accepts connections as soon as this function returns.
    ///
    /// # Errors
    /// Fails if the port cannot be bound or the thread cannot be started.
    pub fn start(mut options: Options) -> std::io::Result<Server> {
        // Prevents overflow when delays are added.
        options.token_delay = options.token_delay.min(MAX_DELAY);
        options.background_delay = options.background_delay.min(MAX_DELAY);
        options.run_limit = options.run_limit.min(MAX_DELAY);
        options.batch_limit = options.batch_limit.min(MAX_DELAY);
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

    /// The base URL for clients: `http://127.0.0.1:PORT/v1`, or with the path of another dialect.
    pub fn url(&self) -> String {
        let base = self.shared.options.dialect.rules().base;
        format!("http://127.0.0.1:{}{base}", self.port())
    }

    /// The port of the server, also after it was stopped.
    pub fn port(&self) -> u16 {
        self.listener.port()
    }

    /// Queues a response. The next request receives it, whatever it is. Queued responses are sent
    /// in order.
    pub fn reply(&self, reply: Reply) {
        self.queue(None, Scripted::Exact(reply));
    }

    /// Queues a response that only requests to this path, such as `/v1/embeddings`, receive.
    pub fn reply_to(&self, path: &str, reply: Reply) {
        self.queue(Some(path), Scripted::Exact(reply));
    }

    /// Queues a message for the next chat completion, response or run, streamed or not as the
    /// request demands.
    pub fn reply_chat(&self, message: ChatMessage) {
        self.queue(None, Scripted::Chat(message));
    }

    /// Interrupts the next stream that the server generates: closes the connection after this
    /// number of events. A background response continues on the server.
    pub fn break_stream(&self, after: usize) {
        lock(&self.shared.breaks).push_back(after);
    }

    fn queue(&self, path: Option<&str>, answer: Scripted) {
        lock(&self.shared.replies).push(path, answer);
    }

    /// The requests so far, in order of arrival.
    ///
    /// Only complete and well-formed requests are recorded. To limit memory use, the oldest
    /// requests are discarded beyond 10,000 requests or 256 MiB of bodies.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.journal.requests()
    }

    /// The number of connections accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.journal.connections()
    }

    /// Closes the port and all connections, and stops the thread. May be called twice.
    ///
    /// Waits up to 200 ms for the thread. Does nothing in a forked child, which does not have the
    /// thread.
    pub fn stop(&self) {
        self.listener.stop();
    }
}

/// State shared by the caller's thread and the server's thread.
#[derive(Debug)]
struct Shared {
    options: Options,
    journal: Journal,
    replies: Mutex<Queue>,
    /// After how many events the next streams are interrupted.
    breaks: Mutex<VecDeque<usize>>,
    store: Mutex<Store>,
}

/// Locks even if the mutex is poisoned: the data under these locks is never left inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
