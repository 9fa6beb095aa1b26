//! Records of calls, which can be read while a call runs and afterwards.
//!
//! A call is one request with its attempts, or several requests that belong together, such as the
//! pages of a list, the parts of a matrix, or the prompts of a run.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use crate::error::Error;
use crate::redact::{redact, Secrets};
use crate::tally::{Key, Tally};
use crate::waits::{rate_limits, RateLimits};

/// Maximum number of attempts that are kept, the last ones.
const MAX_ATTEMPTS: usize = 100;

/// The target and the start of a call.
#[derive(Debug, Clone)]
pub struct Started {
    pub method: String,
    /// Scheme, host and port.
    pub server: String,
    pub path: String,
    pub time: SystemTime,
    instant: Instant,
}

/// The state of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Running,
    Complete,
    Failed,
    Cancelled,
}

impl State {
    /// Its name for users.
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Complete => "complete",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }
}

/// The current activity of a running call.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Phase {
    /// Waiting for the response.
    #[default]
    Waiting,
    Connecting,
    /// Receiving the text of a stream.
    Receiving,
    /// Waiting to send the request again.
    Pausing {
        until: Instant,
        reason: String,
    },
}

/// A completed attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// `None` if there was no response.
    pub status: Option<u16>,
    /// The reason for the failure.
    pub reason: Option<String>,
    pub seconds: f64,
    /// The pause before the next attempt, in seconds.
    pub wait: Option<f64>,
    pub request_id: Option<String>,
}

/// The facts about a call. Durations are measured from its start.
#[derive(Debug, Default)]
pub struct Facts {
    pub state: State,
    pub phase: Phase,
    /// The number of requests: started, answered, failed.
    pub requests: u64,
    pub answered: u64,
    pub failed: u64,
    /// The last attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The number of completed attempts.
    pub sent: u64,
    /// The number of failed attempts by reason.
    pub reasons: Vec<(String, u64)>,
    /// The sum of all pauses between attempts, in seconds.
    pub waited: f64,
    /// The time to establish the last connection; None if one was reused.
    pub connect: Option<Duration>,
    /// When the headers of the last response arrived.
    pub first_byte: Option<Duration>,
    /// When the first text of a stream arrived.
    pub first_token: Option<Duration>,
    pub ended: Option<Duration>,
    /// The status and the id of the last attempt, if there was a response.
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The id of the response or run, if it can be retrieved.
    pub response_id: Option<String>,
    /// The last rate limits that were reported, and when.
    pub limits: Option<(RateLimits, SystemTime)>,
    /// The usage.
    pub tallies: Vec<(Key, Tally)>,
    /// The message of the last failed request.
    pub error: Option<String>,
    active: u64,
}

/// The record of a call, written while it runs.
#[derive(Debug, Default)]
pub struct CallRecord {
    started: OnceLock<Started>,
    facts: Mutex<Facts>,
}

impl CallRecord {
    /// The target and the start of the call; None before it starts.
    pub fn started(&self) -> Option<&Started> {
        self.started.get()
    }

    /// What `look` returns for the facts known so far.
    pub fn facts<T>(&self, look: impl FnOnce(&Facts) -> T) -> T {
        look(&self.lock())
    }

    /// The current activity.
    pub fn phase(&self) -> Phase {
        self.lock().phase.clone()
    }

    /// The time since the start of the call.
    pub fn elapsed(&self) -> Duration {
        self.started
            .get()
            .map_or(Duration::ZERO, |it| it.instant.elapsed())
    }

    /// Marks a running call as cancelled.
    pub fn cancelled(&self) {
        let now = self.elapsed();
        let mut facts = self.lock();
        if facts.state == State::Running {
            facts.state = State::Cancelled;
            facts.ended = Some(now);
            facts.active = 0;
        }
    }

    pub(crate) fn begin(&self, method: &Method, url: &Url, secrets: &Secrets) {
        self.started.get_or_init(|| Started {
            method: method.to_string(),
            server: redact(&url.origin().ascii_serialization(), secrets),
            path: redact(url.path(), secrets),
            time: SystemTime::now(),
            instant: Instant::now(),
        });
    }

    /// Records the start of a request; the returned guard records its end.
    pub(crate) fn request(self: &Arc<Self>) -> Ongoing {
        let mut facts = self.lock();
        facts.requests += 1;
        facts.active += 1;
        facts.ended = None;
        facts.state = State::Running;
        Ongoing(Some(Arc::clone(self)))
    }

    pub(crate) fn sending(&self) {
        let mut facts = self.lock();
        facts.phase = Phase::Waiting;
        facts.connect = None;
    }

    pub(crate) fn connecting(&self) {
        self.lock().phase = Phase::Connecting;
    }

    pub(crate) fn connected(&self, took: Duration) {
        let mut facts = self.lock();
        facts.phase = Phase::Waiting;
        facts.connect = Some(took);
    }

    /// Records the headers of a response.
    pub(crate) fn responded(&self, headers: &HeaderMap) {
        let now = self.elapsed();
        let time = SystemTime::now();
        let limits = rate_limits(headers, time);
        let mut facts = self.lock();
        facts.phase = Phase::Waiting;
        facts.first_byte = Some(now);
        facts.first_token = None;
        facts.limits = limits.map(|limits| (limits, time)).or(facts.limits);
    }

    /// Records the first text of a stream.
    pub(crate) fn has_text(&self) {
        let now = self.elapsed();
        let mut facts = self.lock();
        facts.phase = Phase::Receiving;
        facts.first_token.get_or_insert(now);
    }

    /// Records a successful attempt.
    pub(crate) fn succeeded(&self, took: Duration, status: u16, request_id: Option<&str>) {
        self.lock().attempted(Attempt {
            status: Some(status),
            reason: None,
            seconds: took.as_secs_f64(),
            wait: None,
            request_id: request_id.map(str::to_owned),
        });
    }

    /// Records a failed attempt, and the pause before the next one.
    pub(crate) fn failed(&self, took: Duration, error: &Error, pause: Option<Duration>) {
        let reason = error.summary();
        let mut facts = self.lock();
        facts.attempted(Attempt {
            status: error.status,
            reason: Some(reason.clone()),
            seconds: took.as_secs_f64(),
            wait: pause.map(|pause| pause.as_secs_f64()),
            request_id: error.request_id.clone(),
        });
        *entry(&mut facts.reasons, &reason) += 1;
        if let Some(pause) = pause {
            facts.waited += pause.as_secs_f64();
            if let Some(until) = Instant::now().checked_add(pause) {
                facts.phase = Phase::Pausing { until, reason };
            }
        }
    }

    /// Records the id of a response that can be retrieved.
    pub(crate) fn named(&self, response_id: &str) {
        self.lock().response_id = Some(response_id.to_owned());
    }

    /// Adds the usage of an answer.
    pub(crate) fn count(&self, key: Key, tally: Tally) {
        entry(&mut self.lock().tallies, &key).add(tally);
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    fn attempted(&mut self, attempt: Attempt) {
        if self.attempts.len() == MAX_ATTEMPTS {
            self.attempts.remove(0);
        }
        self.sent += 1;
        self.status = attempt.status;
        self.request_id.clone_from(&attempt.request_id);
        self.attempts.push(attempt);
    }
}

/// The value of a key, which is added if it is new. There are few keys.
fn entry<'a, K: Clone + PartialEq, V: Default>(entries: &'a mut Vec<(K, V)>, key: &K) -> &'a mut V {
    let position = entries.iter().position(|(known, _)| known == key);
    let position = position.unwrap_or_else(|| {
        entries.push((key.clone(), V::default()));
        entries.len() - 1
    });
    &mut entries[position].1
}

/// A running request. Dropping it cancels it in the record.
#[derive(Debug)]
pub(crate) struct Ongoing(Option<Arc<CallRecord>>);

impl Ongoing {
    /// Records the end of the request: answered, unless there is an error.
    pub fn ends(mut self, error: Option<&Error>) {
        let Some(record) = self.0.take() else {
            return;
        };
        let now = record.elapsed();
        let mut facts = record.lock();
        facts.active = facts.active.saturating_sub(1);
        match error {
            None => facts.answered += 1,
            Some(error) => {
                facts.failed += 1;
                facts.error = Some(error.message.clone());
            }
        }
        if facts.active == 0 && facts.state == State::Running {
            let is_failure = error.is_some() && facts.answered == 0;
            facts.state = if is_failure {
                State::Failed
            } else {
                State::Complete
            };
            facts.ended = Some(now);
        }
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        let Some(record) = self.0.take() else {
            return;
        };
        let mut facts = record.lock();
        facts.active = facts.active.saturating_sub(1);
        let is_over = facts.active == 0;
        drop(facts);
        if is_over {
            record.cancelled();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn record() -> Arc<CallRecord> {
        let record = Arc::new(CallRecord::default());
        let url = "http://user:secret@host:81/v1/sk-1234567890ab/models?key=x";
        let url = Url::parse(url).expect("a URL");
        record.begin(&Method::GET, &url, &Secrets::default());
        record
    }

    fn state(record: &CallRecord) -> State {
        record.facts(|facts| facts.state)
    }

    fn failure() -> Error {
        Error {
            status: Some(429),
            error_type: Some("requests".to_owned()),
            ..Error::new(ErrorKind::Status, "Too fast.")
        }
    }

    #[test]
    fn the_url_contains_no_secret() {
        let record = record();
        let started = record.started().expect("it began");
        assert_eq!(started.server, "http://host:81");
        assert_eq!(started.path, "/v1/<REDACTED>/models");
    }

    #[test]
    fn a_call_runs_as_long_as_one_of_its_requests() {
        let record = record();
        let (one, other) = (record.request(), record.request());
        one.ends(Some(&failure()));
        assert_eq!(state(&record), State::Running);
        other.ends(None);
        assert_eq!(state(&record), State::Complete);
        let counts = record.facts(|it| (it.requests, it.answered, it.failed));
        assert_eq!(counts, (2, 1, 1));
        record.request().ends(Some(&failure()));
        let error = record.facts(|facts| facts.error.clone());
        assert_eq!(error.as_deref(), Some("Too fast."));
        drop(record.request());
        assert_eq!(state(&record), State::Cancelled);
    }

    #[test]
    fn the_last_attempts_are_kept_and_all_are_counted() {
        let record = record();
        let pause = Some(Duration::from_secs(2));
        for _ in 0..MAX_ATTEMPTS + 5 {
            record.failed(Duration::ZERO, &failure(), pause);
        }
        let reason = "HTTP 429 (limit of requests)";
        record.facts(|facts| {
            assert_eq!(facts.attempts.len(), MAX_ATTEMPTS);
            assert_eq!(facts.sent, 105);
            assert_eq!(facts.waited, 210.0);
            assert_eq!(facts.reasons, [(reason.to_owned(), 105)]);
        });
        let phase = record.phase();
        assert!(matches!(phase, Phase::Pausing { reason: recorded, .. } if recorded == reason));
    }
}
