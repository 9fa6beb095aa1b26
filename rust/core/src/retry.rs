//! Sending again what may succeed the next time, by the rules of openai-python
//! (<https://github.com/openai/openai-python>, `_base_client.py`).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::StatusCode;
use tokio::time::sleep;

use crate::error::{Error, TimeoutKind};
use crate::options::Clock;
use crate::request::Request;
use crate::trace::Trace;
use crate::waits::Wait;

/// The reason of a failure that no repetition can mend.
pub(crate) const QUOTA: &str = "insufficient_quota";
/// The first pause of those that grow, and how long all requests of a run wait after a refusal.
pub(crate) const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(8);
/// By what part of it a back-off may be shorter, so that clients do not come back all at once.
const JITTER: f64 = 0.25;

/// Whether a failed attempt may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    /// After a pause that grows with the attempts.
    BackOff,
    /// The same, but after this time at least.
    BackOffFrom(Duration),
    /// After the pause that the server asked for.
    After(Duration),
}

impl Retry {
    /// What the answer of a failed call says of a repetition; `wait` is how many seconds it tells
    /// to wait (see `waits`), and `longest_wait` how many the caller waits at most.
    pub fn of_answer(
        status: StatusCode,
        headers: &HeaderMap,
        reason: Option<&str>,
        wait: Option<Wait>,
        longest_wait: f64,
    ) -> Retry {
        let is_too_long = matches!(wait, Some(Wait::Asked(seconds)) if seconds > longest_wait);
        if is_too_long || reason == Some(QUOTA) {
            return Retry::Never;
        }
        let transient = matches!(status.as_u16(), 408 | 409 | 429) || status.is_server_error();
        let should_retry = headers.get("x-should-retry");
        let wanted = match should_retry.map(HeaderValue::as_bytes) {
            Some(b"true") => true,
            Some(b"false") => false,
            _ => transient,
        };
        match wait {
            _ if !wanted => Retry::Never,
            Some(Wait::Asked(seconds)) if seconds > 0.0 => Retry::After(duration(seconds)),
            // A longer one is left to the next attempts, which may be lucky.
            Some(Wait::Refill(seconds)) if seconds <= longest_wait => {
                Retry::BackOffFrom(duration(seconds))
            }
            _ => Retry::BackOff,
        }
    }

    /// The pause before the next attempt after `attempts` of them.
    pub fn pause(self, attempts: u32) -> Option<Duration> {
        match self {
            Retry::Never => None,
            Retry::After(wait) => Some(wait),
            Retry::BackOff => Some(back_off(attempts, random_unit())),
            Retry::BackOffFrom(wait) => Some(back_off(attempts, random_unit()).max(wait)),
        }
    }
}

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    request: &'a Request,
    clock: &'a Clock,
    trace: &'a Trace,
    made: u32,
}

impl<'a> Attempts<'a> {
    pub fn new(request: &'a Request, clock: &'a Clock, trace: &'a Trace) -> Self {
        trace.begin(request);
        Attempts {
            request,
            clock,
            trace,
            made: 0,
        }
    }

    /// The number of the attempt that is being made.
    pub fn current(&self) -> u32 {
        self.made + 1
    }

    /// Waits until the next attempt is due.
    ///
    /// # Errors
    /// `error`, which the last attempt ended in, if no other is due; the timeout, if there is no
    /// time left to wait.
    pub async fn wait_after(&mut self, mut error: Error) -> Result<(), Error> {
        self.made += 1;
        error.attempts = self.made;
        let retries_left =
            self.made <= self.request.options.max_retries && self.request.can_be_repeated();
        let pause = error.retry.pause(self.made).filter(|_| retries_left);
        let Some(pause) = pause else {
            self.trace.failed(&error);
            return Err(error);
        };
        self.trace.retry(&error, pause);
        let waited = self.clock.limit(TimeoutKind::Total, sleep(pause)).await;
        let waited = waited.map_err(|timeout| Error {
            attempts: self.made,
            cause: Some(error.message),
            ..timeout
        });
        waited.inspect_err(|error| self.trace.failed(error))
    }

    /// The attempt that is being made succeeded.
    pub fn succeeded(&self, status: u16, request_id: Option<&str>) {
        self.trace.answered(status, self.current(), request_id);
    }
}

/// A wait that may be without end.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// 0.5 s, doubled for each attempt up to 8 s, shortened by up to a quarter.
fn back_off(attempts: u32, random: f64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let longest = (FIRST_BACK_OFF * 2u32.pow(doublings)).min(LONGEST_BACK_OFF);
    longest.mul_f64(1.0 - JITTER * random)
}

/// A number from 0 to 1; the standard library's hasher is seeded by the system.
fn random_unit() -> f64 {
    let bits = RandomState::new().hash_one(0u8) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    #[test]
    fn the_back_off_doubles_to_eight_seconds_and_is_shortened_by_a_quarter_at_most() {
        let bounds = |attempts| {
            let shown = |random| back_off(attempts, random).as_secs_f64();
            (shown(1.0), shown(0.0))
        };
        assert_eq!(bounds(1), (0.375, 0.5));
        assert_eq!(bounds(2), (0.75, 1.0));
        assert_eq!(bounds(5), (6.0, 8.0));
        assert_eq!(bounds(1000), (6.0, 8.0));
        assert!((0.0..1.0).contains(&random_unit()));
    }

    #[test]
    fn what_is_repeated() {
        let of = |status: u16, should_retry: Option<&'static str>, code, wait| {
            let mut headers = HeaderMap::new();
            if let Some(value) = should_retry {
                headers.insert("x-should-retry", HeaderValue::from_static(value));
            }
            let status = StatusCode::from_u16(status).expect("a status");
            Retry::of_answer(status, &headers, code, wait, 120.0)
        };
        for status in [408, 409, 429, 500, 502, 503, 529] {
            assert_eq!(of(status, None, None, None), Retry::BackOff, "{status}");
        }
        for status in [301, 400, 401, 403, 404, 422] {
            assert_eq!(of(status, None, None, None), Retry::Never, "{status}");
        }
        assert_eq!(
            of(429, None, Some("insufficient_quota"), None),
            Retry::Never
        );
        assert_eq!(of(503, Some("false"), None, None), Retry::Never);
        assert_eq!(of(400, Some("true"), None, None), Retry::BackOff);
        assert_eq!(of(400, None, None, Some(Wait::Asked(3.0))), Retry::Never);
    }

    #[test]
    fn how_long_a_wait_may_be() {
        let of = |wait, should_retry| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static("x-should-retry"),
                HeaderValue::from_static(should_retry),
            )]);
            Retry::of_answer(
                StatusCode::TOO_MANY_REQUESTS,
                &headers,
                None,
                Some(wait),
                120.0,
            )
        };
        let three = Duration::from_secs(3);
        for (wait, expected) in [
            (Wait::Asked(3.0), Retry::After(three)),
            (Wait::Asked(120.0), Retry::After(Duration::from_secs(120))),
            (Wait::Asked(120.001), Retry::Never),
            (Wait::Asked(f64::INFINITY), Retry::Never),
            (Wait::Asked(0.0), Retry::BackOff),
            (Wait::Asked(-10.0), Retry::BackOff),
            (Wait::Refill(3.0), Retry::BackOffFrom(three)),
            (Wait::Refill(86_400.0), Retry::BackOff),
        ] {
            assert_eq!(of(wait, "true"), expected, "{wait:?}");
        }
        assert_eq!(of(Wait::Asked(3.0), "false"), Retry::Never);
    }

    #[test]
    fn a_limit_that_refills_soon_is_not_asked_sooner_than_the_back_off() {
        let soon = Retry::BackOffFrom(Duration::from_millis(6));
        assert!(soon.pause(1).expect("a pause") >= Duration::from_millis(375));
        let late = Retry::BackOffFrom(Duration::from_secs(20));
        assert_eq!(late.pause(1), Some(Duration::from_secs(20)));
    }
}
