//! What the requests of a run share: their limits, and the pauses that servers ask for.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::limiter::Limiter;
use crate::error::Error;
use crate::retry::{FIRST_BACK_OFF, QUOTA};
use crate::waits::until_refilled;

/// Timers need an end; who waits longer asks again.
const LONGEST_SLEEP: f64 = 3_600.0;

/// The pace of a run.
pub(super) struct Pace {
    began: Instant,
    limiter: Mutex<Limiter>,
    /// One waits for the limiter at a time, so that requests are sent in their order.
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
}

impl Pace {
    pub fn new(requests_per_minute: Option<f64>, tokens_per_minute: Option<f64>) -> Self {
        Pace {
            began: Instant::now(),
            limiter: Mutex::new(Limiter::new(requests_per_minute, tokens_per_minute)),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        }
    }

    async fn admit(&self, tokens: f64) {
        let _turn = self.turn.lock().await;
        while let Err(wait) = self.try_admit(tokens) {
            let wait = Duration::from_secs_f64(wait.min(LONGEST_SLEEP));
            // What changes meanwhile may make the wait shorter.
            let _ = timeout(wait, self.changed.notified()).await;
        }
    }

    fn try_admit(&self, tokens: f64) -> Result<(), f64> {
        self.limiter().admit(tokens, self.now())
    }

    /// Lets nothing be sent for so many seconds.
    fn hold(&self, seconds: Option<f64>) {
        if let Some(seconds) = seconds.filter(|seconds| seconds.is_finite()) {
            self.limiter().hold(self.now() + seconds);
        }
    }

    /// For how many seconds nothing is sent because the server asked to wait.
    pub fn held(&self) -> f64 {
        self.limiter().held(self.now())
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn correct(&self, tokens: f64) {
        self.limiter().correct(tokens);
        self.changed.notify_one();
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's part in the pace of its run.
#[derive(Clone)]
pub(crate) struct Paced {
    pace: Arc<Pace>,
    /// How many tokens each attempt is thought to take.
    tokens: f64,
}

impl Paced {
    pub(super) fn new(pace: &Arc<Pace>, tokens: f64) -> Self {
        Paced {
            pace: Arc::clone(pace),
            tokens,
        }
    }

    /// Waits until an attempt may be made.
    pub async fn admit(&self) {
        self.pace.admit(self.tokens).await;
    }

    /// A successful answer began: where its headers say that another request like this one, of
    /// so many tokens, is too much yet, the next waits.
    pub fn answered(&self, headers: &HeaderMap, tokens: impl FnOnce() -> f64) {
        self.pace.hold(until_refilled(headers, tokens));
    }

    /// An attempt failed: what makes the server ask one request to wait holds for all of them.
    pub fn failed(&self, error: &Error) {
        self.used(0.0);
        let is_quota = [&error.code, &error.error_type]
            .into_iter()
            .any(|reason| reason.as_deref() == Some(QUOTA));
        if is_quota {
            return;
        }
        let wait = error.retry_after;
        let refused = error.status == Some(429);
        self.pace
            .hold(wait.or_else(|| refused.then_some(FIRST_BACK_OFF.as_secs_f64())));
    }

    /// How many tokens an attempt took in truth.
    pub fn used(&self, tokens: f64) {
        self.pace.correct(tokens - self.tokens);
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Paced").finish_non_exhaustive()
    }
}
