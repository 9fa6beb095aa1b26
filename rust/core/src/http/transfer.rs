//! The progress of a call: its transferred bytes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The maximum number of bytes passed to the connection at once, so that the count is accurate.
const MAX_FRAME_BYTES: usize = 64 << 10;

/// The direction of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// The progress of a body with a known length.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub direction: Direction,
    pub bytes: u64,
    pub total: u64,
    pub began: Instant,
}

/// The number of pages of a list received so far, and of their objects.
#[derive(Debug, Clone, Copy)]
pub struct PagesSoFar {
    pub pages: u64,
    pub objects: u64,
    /// When the first page arrived.
    pub began: Instant,
}

/// The bytes that are sent or received, shared with progress displays.
#[derive(Debug, Default)]
pub struct Transfer {
    body: Mutex<Option<Progress>>,
    pages: Mutex<Option<PagesSoFar>>,
}

impl Transfer {
    /// The progress of the current body; `None` if its length is unknown.
    pub fn progress(&self) -> Option<Progress> {
        *self.lock()
    }

    /// A body starts.
    pub(crate) fn begin(&self, direction: Direction, total: Option<u64>) {
        *self.lock() = total.map(|total| Progress {
            direction,
            bytes: 0,
            total,
            began: Instant::now(),
        });
    }

    /// Counts bytes. A request body no longer counts once the response has started.
    pub(crate) fn add(&self, direction: Direction, bytes: usize) {
        if let Some(progress) = self.lock().as_mut() {
            if progress.direction == direction {
                progress.bytes += bytes as u64;
            }
        }
    }

    /// The pages received so far; `None` if the call requests a single page.
    pub fn pages(&self) -> Option<PagesSoFar> {
        *self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts received pages that are followed by others.
    pub(crate) fn add_page(&self, pages: u64, objects: u64) {
        let mut so_far = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        *so_far = Some(PagesSoFar {
            pages,
            objects,
            began: so_far.map_or_else(Instant::now, |so_far| so_far.began),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Progress>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request body that counts the bytes sent.
pub(crate) struct CountedBody {
    body: reqwest::Body,
    /// The rest of the current chunk.
    rest: Bytes,
    transfer: Arc<Transfer>,
}

impl CountedBody {
    pub fn new(body: reqwest::Body, transfer: Arc<Transfer>) -> Self {
        CountedBody {
            body,
            rest: Bytes::new(),
            transfer,
        }
    }

    /// The next bytes of the current chunk.
    fn hand_over(&mut self) -> Bytes {
        let next = self.rest.split_to(self.rest.len().min(MAX_FRAME_BYTES));
        self.transfer.add(Direction::Up, next.len());
        next
    }
}

impl Body for CountedBody {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) => self.rest = piece,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.hand_over()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let left = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(left.lower() + rest);
        if let Some(upper) = left.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
