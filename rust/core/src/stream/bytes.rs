//! Streams of bytes, such as speech.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;

use super::queue::{End, Taken, Weight};
use super::{Decode, Stream};
use crate::error::{Error, Partial};
use crate::request::Request;
use crate::trace::Trace;
use crate::transport::Transport;

impl Weight for Bytes {
    fn bytes(&self) -> usize {
        self.len()
    }
}

/// Hands the bytes on as they come; only the end of the answer ends the stream.
#[derive(Clone, Default)]
struct ByteDecoder {
    partial: Partial,
}

impl Decode for ByteDecoder {
    type Item = Bytes;

    fn begin(&mut self, _content_type: &str) {}

    fn feed(&mut self, bytes: Bytes) -> (Vec<Bytes>, Option<End>) {
        self.partial.bytes += bytes.len() as u64;
        (vec![bytes], None)
    }

    fn finish(&mut self) -> (Vec<Bytes>, End) {
        (Vec::new(), End::Complete)
    }

    fn partial(&self) -> &Partial {
        &self.partial
    }
}

/// A stream of bytes, taken in pieces of the size that the reader wants.
pub struct ByteStream {
    stream: Stream<Bytes>,
    /// Bytes that came but do not fill the reader's piece yet.
    waiting: Mutex<BytesMut>,
}

impl ByteStream {
    /// Sends `request` and begins to read.
    pub fn open(
        handle: &Handle,
        transport: Transport,
        request: Request,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        let stream = Stream::open(handle, transport, request, ByteDecoder::default(), trace)?;
        Ok(ByteStream {
            stream,
            waiting: Mutex::default(),
        })
    }

    /// Takes exactly `count` bytes, or what is left at the end, waiting at most `patience`.
    /// No item means that they have not come yet.
    pub fn take(&self, count: usize, patience: Duration) -> Taken<Bytes> {
        let deadline = Instant::now() + patience;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.len() >= count {
                return Taken {
                    items: vec![waiting.split_to(count).freeze()],
                    end: None,
                };
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Taken { items, end } = self.stream.queue.take(usize::MAX, left);
            if items.is_empty() && end.is_none() {
                return Taken { items, end };
            }
            items
                .iter()
                .for_each(|piece| waiting.extend_from_slice(piece));
            if end.is_some() && waiting.len() < count {
                let rest = waiting.split().freeze();
                let items = if rest.is_empty() {
                    Vec::new()
                } else {
                    vec![rest]
                };
                return Taken { items, end };
            }
        }
    }

    /// Cancels the stream and closes its connection.
    pub fn close(&self) {
        self.stream.close();
    }

    /// The lines of a verbose stream that were not taken yet.
    pub fn trace(&self) -> &Trace {
        &self.stream.trace
    }
}
