//! Streams of bytes, such as speech.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;

use super::{Decode, Stream};
use crate::error::{Error, Partial, Reported};
use crate::expected::Expected;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::queue::{End, Taken, Weight};
use crate::redact::Secrets;
use crate::sound::{may_be_json, not_a_sound};

impl Weight for Bytes {
    fn bytes(&self) -> usize {
        self.len()
    }
}

/// Passes bytes on as they arrive; the stream ends with the response. If the bytes look like an
/// HTML page or JSON, they are buffered and checked as a whole.
#[derive(Clone)]
struct ByteDecoder {
    secrets: Secrets,
    content_type: String,
    /// The response so far, while it may be something other than audio.
    doubtful: Option<Vec<u8>>,
    partial: Partial,
}

/// The maximum number of buffered bytes; errors are shorter.
const MAX_DOUBTFUL: usize = 1 << 20;

impl ByteDecoder {
    fn new(secrets: Secrets) -> Self {
        ByteDecoder {
            secrets,
            content_type: String::new(),
            doubtful: Some(Vec::new()),
            partial: Partial::default(),
        }
    }

    fn may_be_other(&self, bytes: &[u8]) -> bool {
        let suspicious = ["html", "json"];
        let is_suspicious = suspicious
            .iter()
            .any(|name| self.content_type.contains(name));
        bytes.len() < MAX_DOUBTFUL
            && (is_suspicious || may_be_json(bytes) || bytes.trim_ascii().is_empty())
    }

    fn refused(&self, bytes: &[u8], why: &str) -> Error {
        match Reported::in_bytes(bytes) {
            Some(reported) => {
                Error::from_event(reported, &String::from_utf8_lossy(bytes), &self.secrets)
            }
            None => {
                let expected = Expected::Sound.name();
                Error::unexpected(expected, why, bytes, &self.content_type, &self.secrets)
            }
        }
    }
}

impl Decode for ByteDecoder {
    type Item = Bytes;

    fn begin(&mut self, content_type: &str) {
        content_type.clone_into(&mut self.content_type);
    }

    fn feed(&mut self, bytes: Bytes, _arrived: Instant) -> (Vec<Bytes>, Option<End>) {
        self.partial.bytes += bytes.len() as u64;
        let Some(mut doubtful) = self.doubtful.take() else {
            return (vec![bytes], None);
        };
        doubtful.extend_from_slice(&bytes);
        if self.may_be_other(&doubtful) {
            self.doubtful = Some(doubtful);
            return (Vec::new(), None);
        }
        (vec![doubtful.into()], None)
    }

    fn finish(&mut self) -> (Vec<Bytes>, End) {
        let Some(bytes) = self.doubtful.take() else {
            return (Vec::new(), End::Complete);
        };
        match not_a_sound(&bytes, &self.content_type) {
            Some(why) => (Vec::new(), End::Incomplete(self.refused(&bytes, why))),
            None => (vec![bytes.into()], End::Complete),
        }
    }

    fn partial(&self) -> &Partial {
        &self.partial
    }

    fn has_text(&self) -> bool {
        self.partial.bytes > 0
    }
}

/// A stream of bytes, read in chunks of the size that the reader chooses.
pub struct ByteStream {
    stream: Stream<Bytes>,
    buffer: Mutex<Buffer>,
}

#[derive(Default)]
struct Buffer {
    /// Bytes that have arrived but do not fill a chunk yet.
    waiting: BytesMut,
    /// The chunks that were taken.
    taken: Vec<Bytes>,
}

impl ByteStream {
    /// Sends `request` and starts reading.
    pub fn open(
        handle: &Handle,
        transport: Transport,
        request: Request,
        trace: Arc<Trace>,
    ) -> Result<Self, Error> {
        let decoder = ByteDecoder::new(request.secrets().clone());
        let stream = Stream::open(handle, transport, request, None, decoder, trace)?;
        Ok(ByteStream {
            stream,
            buffer: Mutex::default(),
        })
    }

    /// Takes exactly `count` bytes, or the rest at the end of the stream. Returns no item if they
    /// have not arrived within `patience`.
    pub fn take(&self, count: usize, patience: Duration) -> Taken<Bytes> {
        let deadline = Instant::now() + patience;
        let mut buffer = self.buffer();
        loop {
            if buffer.waiting.len() >= count {
                return buffer.take_chunk(count, None);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Taken { items, end } = self.stream.queue.take(usize::MAX, left);
            if items.is_empty() && end.is_none() {
                return Taken { items, end };
            }
            buffer.fill(&items);
            if end.is_some() && buffer.waiting.len() < count {
                let rest = buffer.waiting.len();
                return buffer.take_chunk(rest, end);
            }
        }
    }

    /// Takes all bytes that have arrived as one chunk; waits up to `patience` for the first byte.
    pub fn take_arrived(&self, patience: Duration) -> Taken<Bytes> {
        let Taken { items, end } = self.stream.queue.take(usize::MAX, patience);
        let mut buffer = self.buffer();
        buffer.fill(&items);
        let all = buffer.waiting.len();
        buffer.take_chunk(all, end)
    }

    /// All bytes taken so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.buffer().taken.concat()
    }

    /// The underlying stream.
    pub fn channel(&self) -> &Stream<Bytes> {
        &self.stream
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffer {
    fn fill(&mut self, pieces: &[Bytes]) {
        let waiting = &mut self.waiting;
        pieces
            .iter()
            .for_each(|piece| waiting.extend_from_slice(piece));
    }

    /// Returns the first `count` waiting bytes as one chunk.
    fn take_chunk(&mut self, count: usize, end: Option<End>) -> Taken<Bytes> {
        let mut items = Vec::new();
        if count > 0 {
            let piece = self.waiting.split_to(count).freeze();
            self.taken.push(piece.clone());
            items.push(piece);
        }
        Taken { items, end }
    }
}
