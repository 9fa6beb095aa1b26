//! Streams: a task reads the socket, decodes what arrives, and queues it for a reader in another
//! thread.

mod answer;
mod as_run;
mod bytes;
mod chat_answer;
mod content;
mod count;
mod delta;
mod event;
mod event_stream;
mod events;
mod kind;
mod merge;
mod observed;
mod pattern;
mod pieces;
mod progress;
mod reader;
mod sniff;
mod stored;
mod tool_calls;

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

pub use self::answer::StreamedAnswer;
pub use self::as_run::AsRun;
pub use self::bytes::ByteStream;
pub use self::delta::Delta;
pub use self::event::{Addition, Event};
pub use self::event_stream::EventStream;
pub use self::events::EventDecoder;
pub use self::kind::EventKind;
pub use self::observed::Observations;
pub use self::pieces::{Piece, Pieces};
pub use crate::queue::{End, Taken, Wake, Weight};

use self::observed::Observed;
use self::reader::Reader;
pub use self::stored::Bookmark;
use self::stored::Stored;
use crate::call_record::CallRecord;
use crate::error::{Error, Partial};
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::Document;
use crate::queue::Queue;
use crate::usage::ReportedUsage;

/// Decodes the items of a stream from the bytes of its response. A clone starts from the beginning.
pub trait Decode: Clone + Send + Sync + 'static {
    type Item: Weight + Send + 'static;
    /// The value of the `Accept` header.
    const ACCEPT: &'static str = "text/event-stream";
    /// Sets the content type of the response that follows.
    fn begin(&mut self, content_type: &str);
    /// Decodes `bytes`, which arrived at `arrived`. Returns the completed items, and the end if it
    /// is among them.
    fn feed(&mut self, bytes: ::bytes::Bytes, arrived: Instant) -> (Vec<Self::Item>, Option<End>);
    /// Called at the end of the response. Returns the remaining items and the kind of end.
    fn finish(&mut self) -> (Vec<Self::Item>, End);
    /// The content decoded so far.
    fn partial(&self) -> &Partial;
    /// The position from which the stream can resume, if the server may have stored the response.
    fn bookmark(&self) -> Option<Bookmark> {
        None
    }
    /// Sets the content type of a second response, which continues after a lost connection.
    fn resume(&mut self, content_type: &str) {
        self.begin(content_type);
    }
    /// The items that are missing from the complete response, and the end.
    fn catch_up(&mut self, _whole: &Document, _arrived: Instant) -> (Vec<Self::Item>, Option<End>) {
        (Vec::new(), None)
    }
    /// The usage reported so far.
    fn reported_usage(&self) -> Option<&ReportedUsage> {
        None
    }
    /// Whether there is any text, or any bytes of audio.
    fn has_text(&self) -> bool;
}

/// A stream that is being read. Dropping it closes the connection.
pub struct Stream<T: Weight> {
    queue: Arc<Queue<T>>,
    trace: Arc<Trace>,
    observed: Arc<Observed>,
    task: AbortHandle,
}

impl<T: Weight + Send + 'static> Stream<T> {
    /// Sends `request` immediately, on the runtime of `handle`. `stored` is set if the response can
    /// be resumed.
    fn open<D: Decode<Item = T>>(
        handle: &Handle,
        transport: Transport,
        mut request: Request,
        stored: Option<Stored>,
        decoder: D,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        request.header("accept", D::ACCEPT)?;
        let queue = Arc::new(Queue::default());
        let observed = Arc::new(Observed::of(&request));
        let reader = Reader {
            transport,
            request,
            stored,
            queue: Arc::clone(&queue),
            trace: Arc::clone(&trace),
            observed: Arc::clone(&observed),
        };
        let task = handle.spawn(reader.read(decoder)).abort_handle();
        Ok(Stream {
            queue,
            trace,
            observed,
            task,
        })
    }

    /// Cancels the stream and closes its connection.
    pub fn close(&self) {
        if !self.queue.has_ended() {
            self.trace.cancelled();
            self.observed.cancelled();
        }
        // A cancelled task cannot report an end any more.
        self.queue.close();
        self.cancel();
    }

    /// Calls `wake` once, from any thread, when there is something to take; see [`Wake`].
    pub fn wake_when_ready(&self, wake: Wake) {
        self.queue.wake_when_ready(wake);
    }

    /// The trace of a verbose stream.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The times of the stream.
    pub fn observations(&self) -> Observations {
        self.observed.so_far()
    }

    /// The record of its call.
    pub fn record(&self) -> &Arc<CallRecord> {
        self.observed.record()
    }

    /// When the stream was opened.
    pub fn opened(&self) -> Instant {
        self.observed.opened()
    }
}

impl<T: Weight> Stream<T> {
    /// Stops the task, unless it is about to finish and return the connection to the pool.
    fn cancel(&self) {
        if !self.queue.has_ended() {
            self.task.abort();
        }
    }
}

impl<T: Weight> Drop for Stream<T> {
    fn drop(&mut self) {
        self.observed.ended();
        self.cancel();
    }
}
