//! What a caller may set for each call.

use std::future::{poll_fn, Future};
use std::pin::{pin, Pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{timeout, Instant};

use crate::error::{Error, TimeoutKind};
use crate::json::LargeIntegers;

/// How long each part of a call may take; `None` is without limit.
///
/// There are four because one limit cannot serve streams: a model may think for minutes before its
/// first byte and write for an hour after it, while a line that went dead should be noticed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Making a connection: name resolution, TCP, proxy, TLS.
    pub connect: Option<Duration>,
    /// From the request to the head of its answer.
    pub first_byte: Option<Duration>,
    /// Between two pieces of the answer, whatever they hold.
    pub idle: Option<Duration>,
    /// The whole call with all its attempts.
    pub total: Option<Duration>,
}

impl Timeouts {
    /// The limits of calls that wait for a whole answer.
    pub const CALL: Timeouts = Timeouts {
        total: Some(Duration::from_secs(600)),
        ..Timeouts::STREAM
    };

    /// The limits of streams, which may go on as long as something comes.
    pub const STREAM: Timeouts = Timeouts {
        connect: Some(Duration::from_secs(10)),
        first_byte: Some(Duration::from_secs(600)),
        idle: Some(Duration::from_secs(120)),
        total: None,
    };

    fn of(&self, kind: TimeoutKind) -> Option<Duration> {
        match kind {
            TimeoutKind::Connect => self.connect,
            TimeoutKind::FirstByte => self.first_byte,
            TimeoutKind::Idle => self.idle,
            TimeoutKind::Total => None,
        }
    }
}

/// What a caller may set for each call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallOptions {
    pub timeouts: Timeouts,
    /// How often a call is sent again at most.
    pub max_retries: u32,
    /// The longest wait that a server may ask for, in seconds; beyond it nothing is sent again.
    pub max_wait: f64,
    /// The largest body of an answer that is kept in memory, in bytes.
    pub max_bytes: u64,
    /// What becomes of the large integers of the answer.
    pub large_integers: LargeIntegers,
    /// Whether events of a stream that are not JSON are passed over; else they end it.
    pub skip_broken_events: bool,
}

impl CallOptions {
    /// Two retries, as openai-python has them.
    pub const MAX_RETRIES: u32 = 2;
    /// The longest wait by default, in seconds.
    pub const MAX_WAIT: f64 = 120.0;
    /// The largest body that is kept by default.
    pub const MAX_BYTES: u64 = 1 << 30;
    /// The largest body that can be kept: positions in a JSON document have 32 bits.
    pub const MOST_BYTES: u64 = (1 << 31) - 1;
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            timeouts: Timeouts::CALL,
            max_retries: CallOptions::MAX_RETRIES,
            max_wait: CallOptions::MAX_WAIT,
            max_bytes: CallOptions::MAX_BYTES,
            large_integers: LargeIntegers::default(),
            skip_broken_events: false,
        }
    }
}

/// The limits of one call while it runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    timeouts: Timeouts,
    deadline: Option<Instant>,
}

impl Clock {
    /// Begins to count the total.
    pub fn start(timeouts: Timeouts) -> Self {
        // A limit beyond what the clock counts is none.
        let deadline = timeouts
            .total
            .and_then(|total| Instant::now().checked_add(total));
        Clock { timeouts, deadline }
    }

    /// Waits for `work` within the limit of its kind and within what is left of the total.
    pub async fn limit<F: Future>(&self, kind: TimeoutKind, work: F) -> Result<F::Output, Error> {
        let own = self.timeouts.of(kind);
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let (kind, limit) = match (own, left) {
            (None, None) => return Ok(work.await),
            (Some(own), left) if left.is_none_or(|left| own <= left) => (kind, own),
            (_, left) => (TimeoutKind::Total, left.unwrap_or_default()),
        };
        let told = if kind == TimeoutKind::Total {
            self.timeouts.total.unwrap_or(limit)
        } else {
            limit
        };
        let mut work = pin!(work);
        // What is there already needs no timer.
        if let Some(done) = poll_once(work.as_mut()).await {
            return Ok(done);
        }
        timeout(limit, work)
            .await
            .map_err(|_| Error::timeout(kind, told))
    }
}

/// What `work` has by now, `None` if it is not done.
pub(crate) async fn poll_once<F: Future + ?Sized>(mut work: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| {
        Poll::Ready(match work.as_mut().poll(context) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        })
    })
    .await
}
