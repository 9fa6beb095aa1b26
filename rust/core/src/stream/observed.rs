//! When what happened to a stream, and what it used.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::count::Count;
use crate::http::request::Request;
use crate::usage::Told;

/// What was seen of a stream so far; times count from its opening.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    /// The first piece of the answer's body.
    pub first_byte: Option<Duration>,
    /// The first text; of bytes the first of them.
    pub first_token: Option<Duration>,
    /// The end, however it came.
    pub ended: Option<Duration>,
    /// The header `x-request-id` of the answer.
    pub request_id: Option<String>,
}

/// Observations that the reading task makes and others look at.
#[derive(Debug)]
pub(super) struct Observed {
    opened: Instant,
    seen: Mutex<Observations>,
    count: Count,
}

impl Observed {
    /// Nothing was seen yet of the stream that answers `request`.
    pub fn of(request: &Request) -> Self {
        Observed {
            opened: Instant::now(),
            seen: Mutex::default(),
            count: Count::of(request),
        }
    }

    pub fn opened(&self) -> Instant {
        self.opened
    }

    pub fn so_far(&self) -> Observations {
        self.lock().clone()
    }

    /// An answer begins, with this id; an earlier one that broke off counts no more.
    pub fn answered(&self, request_id: Option<String>) {
        *self.lock() = Observations {
            request_id,
            ..Observations::default()
        };
        self.count.begin();
    }

    /// The answer told so much of its use.
    pub fn told(&self, told: &Told) {
        self.count.note(told);
    }

    /// A part of the body arrived then; with those before it, it has text or not.
    pub fn received(&self, arrived: Instant, has_text: bool) {
        let arrived = Some(arrived.saturating_duration_since(self.opened));
        let mut seen = self.lock();
        seen.first_byte = seen.first_byte.or(arrived);
        if has_text {
            seen.first_token = seen.first_token.or(arrived);
        }
    }

    pub fn ended(&self) {
        let now = Some(self.opened.elapsed());
        let mut seen = self.lock();
        seen.ended = seen.ended.or(now);
        drop(seen);
        self.count.end();
    }

    fn lock(&self) -> MutexGuard<'_, Observations> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
