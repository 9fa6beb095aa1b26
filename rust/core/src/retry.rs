//! Sending again what may succeed the next time, by the rules of openai-python
//! (<https://github.com/openai/openai-python>, `_base_client.py`).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::StatusCode;
use tokio::time::sleep;

use crate::error::{Error, TimeoutKind};
use crate::options::Clock;
use crate::request::Request;
use crate::trace::Trace;

/// The reason of a failure that no repetition can mend.
pub(crate) const QUOTA: &str = "insufficient_quota";
/// The longest wait that a server may ask for; beyond it nothing is retried.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
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
    /// After the pause that the server asked for.
    After(Duration),
}

impl Retry {
    /// What the answer of a failed call says of a repetition.
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, reason: Option<&str>) -> Retry {
        let asked = retry_after(headers, SystemTime::now());
        if asked == Some(Wait::TooLong) || reason == Some(QUOTA) {
            return Retry::Never;
        }
        let transient = matches!(status.as_u16(), 408 | 409 | 429) || status.is_server_error();
        let wanted = match header(headers, "x-should-retry") {
            Some("true") => true,
            Some("false") => false,
            _ => transient,
        };
        match (wanted, asked) {
            (false, _) => Retry::Never,
            (true, Some(Wait::For(wait))) => Retry::After(wait),
            (true, _) => Retry::BackOff,
        }
    }

    /// The pause before the next attempt after `attempts` of them.
    fn pause(self, attempts: u32) -> Option<Duration> {
        match self {
            Retry::Never => None,
            Retry::After(wait) => Some(wait),
            Retry::BackOff => Some(back_off(attempts, random_unit())),
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

/// How long a server asks to wait.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wait {
    For(Duration),
    TooLong,
}

/// The pause of `retry-after-ms` or `retry-after` (RFC 9110, section 10.2.3), if it is one that
/// counts: more than nothing.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Wait> {
    let seconds = seconds_asked(headers, now)?;
    if seconds > LONGEST_WAIT.as_secs_f64() {
        Some(Wait::TooLong)
    } else if seconds > 0.0 {
        Some(Wait::For(Duration::from_secs_f64(seconds)))
    } else {
        None
    }
}

/// What the headers say, in seconds, whether it counts or not.
fn seconds_asked(headers: &HeaderMap, now: SystemTime) -> Option<f64> {
    let milliseconds = header(headers, "retry-after-ms").and_then(number);
    milliseconds
        .map(|milliseconds| milliseconds / 1000.0)
        .or_else(|| {
            let text = header(headers, "retry-after")?;
            number(text).or_else(|| until(text, now))
        })
}

/// A decimal number; words such as `inf` are none.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    // What is too large for a number becomes infinite, and so too long.
    text.parse().ok().filter(|_| decimal)
}

/// The seconds until a date of HTTP.
fn until(text: &str, now: SystemTime) -> Option<f64> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    Some(match date.duration_since(now) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(past) => -past.duration().as_secs_f64(),
    })
}

/// How long the server asked to wait, in seconds, as people are told.
pub(crate) fn asked_seconds(headers: &HeaderMap) -> Option<f64> {
    seconds_asked(headers, SystemTime::now()).filter(|seconds| *seconds > 0.0)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Sun, 22 Nov 2026 10:00:00 GMT";

    fn asked(name: &'static str, value: &str) -> Option<Wait> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        retry_after(&headers, httpdate::parse_http_date(NOW).expect("a date"))
    }

    fn seconds(count: f64) -> Option<Wait> {
        Some(Wait::For(Duration::from_secs_f64(count)))
    }

    /// How servers ask, and the wait that it must give.
    #[test]
    fn twenty_spellings_of_a_pause() {
        for (name, value, expected) in [
            ("retry-after", "20", seconds(20.0)),
            ("retry-after", "0.5", seconds(0.5)),
            ("retry-after", " 3 ", seconds(3.0)),
            ("retry-after", "1e1", seconds(10.0)),
            ("retry-after", "120", seconds(120.0)),
            ("retry-after", "0", None),
            ("retry-after", "-10", None),
            ("retry-after", "", None),
            ("retry-after", "soon", None),
            ("retry-after", "inf", None),
            ("retry-after", "nan", None),
            ("retry-after", "120.001", Some(Wait::TooLong)),
            ("retry-after", "1e400", Some(Wait::TooLong)),
            (
                "retry-after",
                "99999999999999999999999999999999999",
                Some(Wait::TooLong),
            ),
            (
                "retry-after",
                "Sun, 22 Nov 2026 10:00:20 GMT",
                seconds(20.0),
            ),
            (
                "retry-after",
                "Sunday, 22-Nov-26 10:00:20 GMT",
                seconds(20.0),
            ),
            ("retry-after", "Sun Nov 22 10:00:20 2026", seconds(20.0)),
            ("retry-after", "Sun, 22 Nov 2026 09:59:00 GMT", None),
            (
                "retry-after",
                "Sun, 22 Nov 2026 10:30:00 GMT",
                Some(Wait::TooLong),
            ),
            ("retry-after-ms", "300", seconds(0.3)),
            ("retry-after-ms", "300000", Some(Wait::TooLong)),
        ] {
            assert_eq!(asked(name, value), expected, "{name}: {value:?}");
        }
    }

    #[test]
    fn milliseconds_come_before_seconds() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "20".parse().expect("a header"));
        headers.insert("retry-after-ms", "250".parse().expect("a header"));
        let wait = retry_after(&headers, SystemTime::now());
        assert_eq!(wait, seconds(0.25));
    }

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
        let of = |status: u16, headers: &[(&'static str, &str)], code| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().expect("a header"));
            }
            Retry::of_answer(StatusCode::from_u16(status).expect("a status"), &map, code)
        };
        for status in [408, 409, 429, 500, 502, 503, 529] {
            assert_eq!(of(status, &[], None), Retry::BackOff, "{status}");
        }
        for status in [301, 400, 401, 403, 404, 422] {
            assert_eq!(of(status, &[], None), Retry::Never, "{status}");
        }
        assert_eq!(of(429, &[], Some("insufficient_quota")), Retry::Never);
        assert_eq!(of(503, &[("x-should-retry", "false")], None), Retry::Never);
        assert_eq!(of(400, &[("x-should-retry", "true")], None), Retry::BackOff);
        assert_eq!(of(429, &[("retry-after", "600")], None), Retry::Never);
        let long_wait = [("x-should-retry", "true"), ("retry-after", "600")];
        assert_eq!(of(429, &long_wait, None), Retry::Never);
        let after = Retry::After(Duration::from_secs(3));
        assert_eq!(of(429, &[("retry-after", "3")], None), after);
    }
}
