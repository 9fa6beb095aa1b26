//! Streams: a task reads the socket, decodes what arrives and queues it for a reader elsewhere.

mod bytes;
mod events;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

pub use self::bytes::ByteStream;
pub use self::events::{Event, EventKind, EventStream};
pub use self::queue::{End, Taken};

use self::queue::{Queue, Weight};
use crate::error::Error;
use crate::request::Request;
use crate::send::respond;
use crate::trace::Trace;
use crate::transport::Transport;

/// Events are small and must not wait for a compressor's block to fill.
const ENCODINGS: &str = "identity";

/// How long the rest of an answer is awaited after the end of its stream was announced, so that
/// the connection can serve the next request. Nobody waits for this.
const DRAIN: Duration = Duration::from_millis(50);

/// Makes the items of a stream from the bytes of its answer.
trait Decode: Send + 'static {
    type Item: Weight + Send + 'static;
    /// The header `accept` of the request.
    const ACCEPT: &'static str = "text/event-stream";
    /// What `bytes` complete, and the end, if they announce it.
    fn feed(&mut self, bytes: ::bytes::Bytes) -> (Vec<Self::Item>, Option<End>);
    /// What is left when the answer is over, and what kind of end that is.
    fn finish(&mut self) -> (Vec<Self::Item>, End);
}

/// A stream that is being read; dropping it closes the connection.
struct Stream<T: Weight> {
    queue: Arc<Queue<T>>,
    trace: Arc<Trace>,
    task: AbortHandle,
}

impl<T: Weight + Send + 'static> Stream<T> {
    /// Sends `request` at once, on the runtime of `handle`.
    fn open<D: Decode<Item = T>>(
        handle: &Handle,
        transport: Transport,
        mut request: Request,
        decoder: D,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        request.header("accept", D::ACCEPT)?;
        let queue = Arc::new(Queue::default());
        let reader = read(
            transport,
            request,
            decoder,
            Arc::clone(&queue),
            Arc::clone(&trace),
        );
        let task = handle.spawn(reader).abort_handle();
        Ok(Stream { queue, trace, task })
    }

    fn close(&self) {
        self.cancel();
        self.queue.close();
    }
}

impl<T: Weight> Stream<T> {
    /// Ends the task, unless it is about to end by itself and keep the connection for others.
    fn cancel(&self) {
        if !self.queue.has_ended() {
            self.task.abort();
        }
    }
}

impl<T: Weight> Drop for Stream<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

async fn read<D: Decode>(
    transport: Transport,
    request: Request,
    mut decoder: D,
    queue: Arc<Queue<D::Item>>,
    trace: Arc<Trace>,
) {
    let secret = request.secret();
    let incomplete = |error: Error| Some(End::Incomplete(error.without(secret.as_deref())));
    let mut response = match respond(&transport, request, ENCODINGS, &trace).await {
        Ok(response) => response,
        Err(error) => {
            queue.push(Vec::new(), incomplete(error)).await;
            return;
        }
    };
    loop {
        let (items, end) = match response.chunk().await {
            Ok(Some(bytes)) => {
                trace.piece_received(&bytes);
                decoder.feed(bytes)
            }
            Ok(None) => {
                let (items, end) = decoder.finish();
                (items, Some(end))
            }
            Err(error) => (Vec::new(), incomplete(Error::from_transport(&error))),
        };
        let ended = end.is_some();
        if ended {
            trace.last_piece_received();
        }
        let read_on = items.is_empty() && !ended || queue.push(items, end).await;
        if ended {
            let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
            let _ = tokio::time::timeout(DRAIN, rest).await;
        }
        if ended || !read_on {
            return;
        }
    }
}
