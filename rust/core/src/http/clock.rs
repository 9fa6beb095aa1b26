//! Enforces the timeouts of a call.

use std::future::{poll_fn, Future};
use std::pin::{pin, Pin};
use std::task::Poll;

use tokio::time::{timeout, Instant};

use crate::error::Error;
use crate::options::{TimeoutKind, Timeouts};

/// The timeouts of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    timeouts: Timeouts,
    deadline: Option<Instant>,
}

impl Clock {
    /// Starts the total timeout.
    pub fn start(timeouts: Timeouts) -> Self {
        // A timeout that the clock cannot represent counts as none.
        let deadline = timeouts
            .total
            .and_then(|total| Instant::now().checked_add(total));
        Clock { timeouts, deadline }
    }

    /// Waits for `work` within the timeout of this kind and the rest of the total timeout.
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
        let exceeded = if kind == TimeoutKind::Total {
            self.timeouts.total.unwrap_or(limit)
        } else {
            limit
        };
        let mut work = pin!(work);
        // Work that is ready needs no timer.
        if let Some(done) = poll_once(work.as_mut()).await {
            return Ok(done);
        }
        timeout(limit, work)
            .await
            .map_err(|_| Error::timeout(kind, exceeded))
    }
}

/// Returns the output of `work` if it is ready.
pub(crate) async fn poll_once<F: Future + ?Sized>(mut work: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| {
        Poll::Ready(match work.as_mut().poll(context) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        })
    })
    .await
}
