//! What the requests of a run share: their limits, and the pauses that servers ask for.

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

/// Timers need an end; who waits longer asks again.
const LONGEST_SLEEP: f64 = 3_600.0;

/// The pace of a run.
pub(crate) struct Pace {
    began: Instant,
    limiter: Mutex<Limiter>,
    /// The longest pause that a server may ask for, in seconds.
    longest_wait: f64,
    /// Why nothing is sent any more: the server asked for a longer one.
    ended: Mutex<Option<Error>>,
    /// One waits for the limiter at a time, so that requests are sent in their order.
    turn: Arc<tokio::sync::Mutex<()>>,
    changed: Notify,
}

/// A place in the queue of those who wait for the limiter.
type Turn = Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>;

impl Pace {
    pub fn new(
        requests_per_minute: Option<f64>,
        tokens_per_minute: Option<f64>,
        owed: f64,
        longest_wait: f64,
    ) -> Self {
        let limiter = Limiter::new(requests_per_minute, tokens_per_minute, owed);
        Pace {
            began: Instant::now(),
            limiter: Mutex::new(limiter),
            longest_wait,
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
            let wait = Duration::from_secs_f64(wait.min(LONGEST_SLEEP));
            // What changes meanwhile may make the wait shorter.
            let _ = timeout(wait, self.changed.notified()).await;
        }
    }

    fn try_admit(&self, tokens: f64) -> Result<(), f64> {
        lock(&self.limiter).admit(tokens, self.now())
    }

    /// Lets nothing be sent for so many seconds. A pause that one request would not wait is none
    /// for the others either.
    fn hold(&self, seconds: Option<f64>) {
        if let Some(seconds) = seconds.filter(|seconds| *seconds <= self.longest_wait) {
            lock(&self.limiter).hold(self.now() + seconds);
        }
    }

    /// For how many seconds nothing is sent because the server asked to wait.
    pub fn held(&self) -> f64 {
        lock(&self.limiter).held(self.now())
    }

    /// For how many seconds the limits are used up by what was sent.
    pub fn owed(&self) -> f64 {
        lock(&self.limiter).owed(self.now())
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

/// A request's part in the pace of its run.
#[derive(Clone)]
pub(crate) struct Paced {
    pace: Arc<Pace>,
    /// How many tokens each attempt is thought to take.
    tokens: f64,
    /// Its place in the order of the first attempts, until that is made.
    turn: Arc<Mutex<Option<Turn>>>,
}

impl Paced {
    /// Puts a request behind those that came before it.
    pub async fn new(pace: &Arc<Pace>, tokens: f64) -> Self {
        let mut turn: Turn = Box::pin(Arc::clone(&pace.turn).lock_owned());
        // To be asked once puts it into the queue.
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

    /// Waits until an attempt may be made.
    ///
    /// # Errors
    /// The server asked another request for a pause that is too long.
    pub async fn admit(&self) -> Result<(), Error> {
        let turn = lock(&self.turn).take();
        self.pace.admit(turn, self.tokens).await
    }

    /// A request is not sent: the next may go.
    pub fn leave(&self) {
        lock(&self.turn).take();
    }

    /// A successful answer began: where its headers say that another request like this one, of
    /// so many tokens, is too much yet, the next waits.
    pub fn answered(&self, headers: &HeaderMap, tokens: impl FnOnce() -> f64) {
        self.pace
            .hold(until_refilled(headers, tokens, SystemTime::now()));
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
        let first_back_off = FIRST_BACK_OFF.as_secs_f64();
        let wait = error
            .retry_after
            .filter(|wait| *wait <= self.pace.longest_wait);
        let refused = error.status == Some(429);
        self.pace
            .hold(wait.or_else(|| refused.then_some(first_back_off)));
    }

    /// The request failed for good: where it was for a pause that is too long, the others fail, too.
    pub fn gave_up(&self, error: &Error) {
        if error
            .retry_after
            .is_some_and(|wait| wait > self.pace.longest_wait)
        {
            self.pace.end(Error {
                attempts: 0,
                ..error.clone()
            });
        }
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
