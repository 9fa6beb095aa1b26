//! The state shared by the requests of a run: their rate limits, and the waits that servers
//! request.

mod limiter;
mod tokens;

use std::fmt;
use std::future::{ready, Future};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderMap;
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::timeout;

use self::limiter::Limiter;
pub use self::tokens::Forecast;
use crate::error::{Error, QUOTA};
use crate::http::back_off::FIRST_BACK_OFF;
use crate::http::clock::poll_once;
use crate::waits::until_refilled;

/// The maximum duration of a timer; longer waits start another one.
const MAX_SLEEP: f64 = 3_600.0;

/// The rate limits of a run.
pub(crate) struct Pace {
    began: Instant,
    limiter: Mutex<Limiter>,
    /// The longest wait in seconds that a server may request.
    max_wait: f64,
    /// The error that ended the run: the server requested a longer wait.
    ended: Mutex<Option<Error>>,
    /// Only one request at a time waits for the limiter, so that requests are sent in order.
    turn: Arc<tokio::sync::Mutex<()>>,
    changed: Notify,
}

/// A place in the queue for the limiter.
type Turn = Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>;

impl Pace {
    pub fn new(
        requests_per_minute: Option<f64>,
        tokens_per_minute: Option<f64>,
        debt: f64,
        max_wait: f64,
    ) -> Self {
        let limiter = Limiter::new(requests_per_minute, tokens_per_minute, debt);
        Pace {
            began: Instant::now(),
            limiter: Mutex::new(limiter),
            max_wait,
            ended: Mutex::default(),
            turn: Arc::default(),
            changed: Notify::new(),
        }
    }

    async fn admit(&self, turn: Option<Turn>, tokens: f64) -> Result<(), Error> {
        let _turn = match turn {
            Some(turn) => turn.await,
            None => Arc::clone(&self.turn).lock_owned().await,
        };
        loop {
            if let Some(error) = lock(&self.ended).clone() {
                return Err(error);
            }
            let Err(wait) = self.try_admit(tokens) else {
                return Ok(());
            };
            let wait = Duration::from_secs_f64(wait.min(MAX_SLEEP));
            // A change may shorten the wait.
            let _ = timeout(wait, self.changed.notified()).await;
        }
    }

    fn try_admit(&self, tokens: f64) -> Result<(), f64> {
        lock(&self.limiter).admit(tokens, self.now())
    }

    /// Sends nothing for this number of seconds. A wait that is too long for one request does not
    /// delay the others.
    fn hold(&self, seconds: Option<f64>) {
        if let Some(seconds) = seconds.filter(|seconds| *seconds <= self.max_wait) {
            lock(&self.limiter).hold(self.now() + seconds);
        }
    }

    /// The number of seconds for which the server blocks requests.
    pub fn blocked_seconds(&self) -> f64 {
        lock(&self.limiter).blocked_seconds(self.now())
    }

    /// The number of seconds for which the limits are used up.
    pub fn debt(&self) -> f64 {
        lock(&self.limiter).debt(self.now())
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn correct(&self, tokens: f64) {
        lock(&self.limiter).correct(tokens);
        self.changed.notify_one();
    }

    fn end(&self, error: Error) {
        lock(&self.ended).get_or_insert(error);
        self.changed.notify_one();
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request that is subject to the limits of its run.
#[derive(Clone)]
pub(crate) struct Paced {
    pace: Arc<Pace>,
    /// The estimated number of tokens of an attempt.
    tokens: f64,
    /// Its place in the queue for the first attempt, until that is sent.
    turn: Arc<Mutex<Option<Turn>>>,
}

impl Paced {
    /// Queues a request after the earlier ones.
    pub async fn new(pace: &Arc<Pace>, tokens: f64) -> Self {
        let mut turn: Turn = Box::pin(Arc::clone(&pace.turn).lock_owned());
        // Polling once puts the request into the queue.
        let turn = match poll_once(turn.as_mut()).await {
            None => turn,
            Some(guard) => Box::pin(ready(guard)),
        };
        Paced {
            pace: Arc::clone(pace),
            tokens,
            turn: Arc::new(Mutex::new(Some(turn))),
        }
    }

    /// Waits until an attempt may be sent.
    ///
    /// # Errors
    /// Fails if the server requested a wait that is too long.
    pub async fn admit(&self) -> Result<(), Error> {
        let turn = lock(&self.turn).take();
        self.pace.admit(turn, self.tokens).await
    }

    /// The request is not sent; the next one may proceed.
    pub fn leave(&self) {
        lock(&self.turn).take();
    }

    /// A successful response has started. If its headers say that another request of this size
    /// would exceed the limit, the next request waits.
    pub fn answered(&self, headers: &HeaderMap, tokens: impl FnOnce() -> f64) {
        self.pace
            .hold(until_refilled(headers, tokens, SystemTime::now()));
    }

    /// An attempt failed. A wait that the server requested applies to all requests.
    pub fn failed(&self, error: &Error) {
        self.used(0.0);
        let is_quota = [&error.code, &error.error_type]
            .into_iter()
            .any(|reason| reason.as_deref() == Some(QUOTA));
        if is_quota {
            return;
        }
        let first_back_off = FIRST_BACK_OFF.as_secs_f64();
        let wait = error.retry_after.filter(|wait| *wait <= self.pace.max_wait);
        let refused = error.status == Some(429);
        self.pace
            .hold(wait.or_else(|| refused.then_some(first_back_off)));
    }

    /// The request failed for good. If the reason was a wait that is too long, the others fail too.
    pub fn record_final_failure(&self, error: &Error) {
        if error
            .retry_after
            .is_some_and(|wait| wait > self.pace.max_wait)
        {
            self.pace.end(Error {
                attempts: 0,
                ..error.clone()
            });
        }
    }

    /// Records the number of tokens that an attempt used.
    pub fn used(&self, tokens: f64) {
        self.pace.correct(tokens - self.tokens);
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Paced").finish_non_exhaustive()
    }
}
