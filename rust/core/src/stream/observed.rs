//! The times and the usage of a stream.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::count::Count;
use crate::call_record::CallRecord;
use crate::http::request::Request;
use crate::usage::ReportedUsage;

/// The observations so far. Times are relative to the opening of the stream.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    /// The first bytes of the response body.
    pub first_byte: Option<Duration>,
    /// The first text; for streams of bytes, the first byte.
    pub first_token: Option<Duration>,
    /// The end of any kind.
    pub ended: Option<Duration>,
    /// The header `x-request-id` of the response.
    pub request_id: Option<String>,
}

/// Observations, written by the reading task and read by others.
#[derive(Debug)]
pub(super) struct Observed {
    opened: Instant,
    seen: Mutex<Observations>,
    count: Count,
    record: Arc<CallRecord>,
}

impl Observed {
    /// No observations yet for the stream of `request`.
    pub fn of(request: &Request) -> Self {
        Observed {
            opened: Instant::now(),
            seen: Mutex::default(),
            count: Count::of(request),
            record: Arc::clone(&request.record),
        }
    }

    pub fn opened(&self) -> Instant {
        self.opened
    }

    pub fn so_far(&self) -> Observations {
        self.lock().clone()
    }

    /// A response with this id has started; observations of an earlier one that failed are
    /// discarded.
    pub fn answered(&self, request_id: Option<String>) {
        *self.lock() = Observations {
            request_id,
            ..Observations::default()
        };
        self.count.begin();
    }

    /// Notes the usage reported so far.
    pub fn uses(&self, reported: &ReportedUsage) {
        self.count.note(reported);
    }

    /// Notes a chunk of the body. `has_text` says whether there is any text so far.
    pub fn received(&self, arrived: Instant, has_text: bool) {
        let arrived = Some(arrived.saturating_duration_since(self.opened));
        let mut seen = self.lock();
        seen.first_byte = seen.first_byte.or(arrived);
        if has_text && seen.first_token.is_none() {
            seen.first_token = arrived;
            self.record.has_text();
        }
    }

    pub fn ended(&self) {
        let now = Some(self.opened.elapsed());
        let mut seen = self.lock();
        seen.ended = seen.ended.or(now);
        drop(seen);
        self.count.end();
    }

    /// The call was cancelled.
    pub fn cancelled(&self) {
        self.ended();
        self.record.cancelled();
    }

    pub fn record(&self) -> &Arc<CallRecord> {
        &self.record
    }

    fn lock(&self) -> MutexGuard<'_, Observations> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
