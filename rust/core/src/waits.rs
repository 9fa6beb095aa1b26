//! Reads from response headers how long to wait before the next request.
//!
//! `retry-after-ms` and `retry-after` (RFC 9110, section 10.2.3) take precedence over the rate
//! limits of the account (<https://platform.openai.com/docs/guides/rate-limits>, "Rate limits in
//! headers").

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::StatusCode;

/// The suffixes of rate-limit headers for requests.
const REQUESTS: [&str; 2] = ["-requests", ""];
const TOKENS: &str = "-tokens";
/// Larger values are times in seconds since 1970, or in milliseconds since 1970.
const UNIX_SECONDS: f64 = 1e9;
const UNIX_MILLISECONDS: f64 = 1e11;

/// A wait in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wait {
    /// Requested by the server; may be zero or negative.
    Asked(f64),
    /// Until a rate limit allows the request.
    Refill(f64),
}

impl Wait {
    /// The wait after a request failed with `status`. `tokens` returns the tokens of the request,
    /// and is called only if the headers have a token limit. `None` if the headers request no wait.
    pub fn of_refusal(
        status: StatusCode,
        headers: &HeaderMap,
        tokens: impl FnOnce() -> f64,
        now: SystemTime,
    ) -> Option<Wait> {
        let refilled = || until_refilled(headers, tokens, now).map(Wait::Refill);
        let asked = retry_after(headers, now).map(Wait::Asked);
        // Every response has rate-limit headers; only status 429 is caused by them.
        asked.or_else(|| (status == StatusCode::TOO_MANY_REQUESTS).then(refilled)?)
    }

    pub fn seconds(self) -> f64 {
        match self {
            Wait::Asked(seconds) | Wait::Refill(seconds) => seconds,
        }
    }
}

/// The seconds in `retry-after-ms` or `retry-after`; negative for a date in the past.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<f64> {
    let milliseconds = header(headers, "retry-after-ms").and_then(number);
    milliseconds
        .map(|milliseconds| from_now(milliseconds, now).unwrap_or(milliseconds / 1000.0))
        .or_else(|| {
            let text = header(headers, "retry-after")?;
            let given = number(text).map(|given| from_now(given, now).unwrap_or(given));
            given.or_else(|| until(text, now))
        })
}

/// The seconds until the rate limits allow a request with this number of tokens; `None` if no limit
/// blocks it.
pub(crate) fn until_refilled(
    headers: &HeaderMap,
    tokens: impl FnOnce() -> f64,
    now: SystemTime,
) -> Option<f64> {
    let of_requests = REQUESTS
        .into_iter()
        .filter_map(|counted| Some(Bucket::read(headers, counted, now)?.wait(1.0)));
    let of_tokens = Bucket::read(headers, TOKENS, now).map(|bucket| bucket.wait(tokens()));
    let waits = of_requests.chain(of_tokens);
    waits.reduce(f64::max).filter(|wait| *wait > 0.0)
}

/// The rate limits that a response reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimits {
    pub requests: Option<Bucket>,
    pub tokens: Option<Bucket>,
}

/// Reads the rate limits in the headers of a response; `None` if there are none.
pub(crate) fn rate_limits(headers: &HeaderMap, now: SystemTime) -> Option<RateLimits> {
    let mut of_requests = REQUESTS.into_iter();
    let requests = of_requests.find_map(|counted| Bucket::read(headers, counted, now));
    let tokens = Bucket::read(headers, TOKENS, now);
    let has_limits = requests.is_some() || tokens.is_some();
    has_limits.then_some(RateLimits { requests, tokens })
}

/// The state of a limit, which refills at a constant rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Its capacity, if known.
    pub limit: Option<f64>,
    pub remaining: f64,
    /// Seconds until it is full again.
    pub reset: f64,
}

impl Bucket {
    fn read(headers: &HeaderMap, counted: &str, now: SystemTime) -> Option<Bucket> {
        let header = |what: &str| header(headers, &format!("x-ratelimit-{what}{counted}"));
        Some(Bucket {
            limit: header("limit").and_then(number),
            remaining: header("remaining").and_then(number)?,
            reset: header("reset").and_then(|text| reset(text, now))?,
        })
    }

    /// The seconds until `need` is available; the time of the full reset if the capacity is unknown
    /// or smaller than `need`.
    fn wait(&self, need: f64) -> f64 {
        // Each request needs at least one unit.
        let missing = need.max(1.0) - self.remaining;
        if missing <= 0.0 {
            return 0.0;
        }
        let used = self.limit.map(|limit| limit - self.remaining);
        match used.filter(|used| *used > 0.0) {
            Some(used) => (missing * self.reset / used).min(self.reset),
            None => self.reset,
        }
    }
}

/// A decimal number; words such as `inf` are rejected.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    // A number that is too large becomes infinite, which exceeds any limit.
    text.parse().ok().filter(|_| decimal)
}

/// The seconds until a limit is full again, given as a duration or as a time; `None` for a time in
/// the past.
fn reset(text: &str, now: SystemTime) -> Option<f64> {
    let point = number(text).and_then(|given| from_now(given, now));
    let seconds = point.or_else(|| seconds(text)).or_else(|| until(text, now));
    seconds.map(|seconds| seconds.max(0.0))
}

/// The seconds until a time in seconds or milliseconds since 1970; `None` if the number is not such
/// a time.
fn from_now(given: f64, now: SystemTime) -> Option<f64> {
    let unix = match given {
        _ if given < UNIX_SECONDS || !given.is_finite() => return None,
        _ if given < UNIX_MILLISECONDS => given,
        _ => given / 1000.0,
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(unix - now.as_secs_f64())
}

/// The seconds until an HTTP date or an RFC 3339 date in UTC.
fn until(text: &str, now: SystemTime) -> Option<f64> {
    let text = text.trim();
    let date = httpdate::parse_http_date(text).ok().or_else(|| {
        let text = text.replace("+00:00", "Z");
        humantime::parse_rfc3339_weak(&text).ok()
    })?;
    Some(match date.duration_since(now) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(past) => -past.duration().as_secs_f64(),
    })
}

/// The seconds of a duration such as `1s`, `6m0s`, `20ms` or `1h2m3.5s`; without a unit it is in
/// seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        rest = &rest[letters..];
        seconds += number * unit;
    }
    let given = Duration::try_from_secs_f64(seconds).ok()?;
    Some(given.as_secs_f64())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Sun, 22 Nov 2026 10:00:00 GMT";

    fn now() -> SystemTime {
        httpdate::parse_http_date(NOW).expect("a date")
    }

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        map
    }

    fn limits(counted: &str, [limit, remaining, reset]: [&str; 3]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (what, value) in [("limit", limit), ("remaining", remaining), ("reset", reset)] {
            let name =
                format!("x-ratelimit-{what}{counted}").parse::<reqwest::header::HeaderName>();
            if value != "-" {
                map.insert(name.expect("a name"), value.parse().expect("a header"));
            }
        }
        map
    }

    /// Retry-After, then limit, remaining and reset ("-": missing), and the wait of a request, or
    /// of 500 tokens.
    #[test]
    fn a_wait_for_each_combination_of_headers() {
        let table = [
            // Retry-After takes precedence over the limits.
            ("1", REQUESTS[0], ["60", "0", "6m0s"], Some(1.0)),
            ("1", TOKENS, ["60000", "0", "6m0s"], Some(1.0)),
            ("20", REQUESTS[0], ["60", "59", "1s"], Some(20.0)),
            ("20", REQUESTS[0], ["-", "-", "-"], Some(20.0)),
            ("0", REQUESTS[0], ["60", "0", "60s"], Some(0.0)),
            (
                "Sun, 22 Nov 2026 10:00:07 GMT",
                TOKENS,
                ["60000", "0", "6m0s"],
                Some(7.0),
            ),
            // An invalid time is ignored.
            ("soon", REQUESTS[0], ["60", "0", "60s"], Some(1.0)),
            // The request limit is exhausted: wait until one request is available, not for the full
            // reset.
            ("-", REQUESTS[0], ["60", "0", "60s"], Some(1.0)),
            ("-", REQUESTS[0], ["200", "0", "6m0s"], Some(1.8)),
            ("-", REQUESTS[0], ["60", "1", "59s"], None),
            ("-", REQUESTS[0], ["60", "60", "0s"], None),
            // The token limit is exhausted: wait until enough tokens are available.
            ("-", TOKENS, ["60000", "0", "60s"], Some(0.5)),
            ("-", TOKENS, ["60000", "300", "59.7s"], Some(0.2)),
            ("-", TOKENS, ["60000", "500", "59.5s"], None),
            ("-", TOKENS, ["1000", "0", "6m0s"], Some(180.0)),
            // More tokens than the capacity: wait for the full reset.
            ("-", TOKENS, ["400", "0", "6m0s"], Some(360.0)),
            ("-", TOKENS, ["400", "400", "0s"], None),
            // Without a plausible capacity the refill rate is unknown.
            ("-", REQUESTS[0], ["-", "0", "3s"], Some(3.0)),
            ("-", REQUESTS[0], ["0", "0", "3s"], Some(3.0)),
            ("-", REQUESTS[0], ["many", "0", "3s"], Some(3.0)),
            ("-", REQUESTS[0], ["-", "5", "3s"], None),
            // The reset may be given as a time: 10:00:03 on the day of `NOW`.
            ("-", REQUESTS[0], ["-", "0", "1795341603"], Some(3.0)),
            ("-", REQUESTS[0], ["-", "0", "1795341603000"], Some(3.0)),
            ("-", REQUESTS[0], ["-", "0", "1795341603.5"], Some(3.5)),
            (
                "-",
                REQUESTS[0],
                ["-", "0", "2026-11-22T10:00:03Z"],
                Some(3.0),
            ),
            (
                "-",
                REQUESTS[0],
                ["-", "0", "2026-11-22T10:00:03.5+00:00"],
                Some(3.5),
            ),
            (
                "-",
                REQUESTS[0],
                ["-", "0", "Sun, 22 Nov 2026 10:00:03 GMT"],
                Some(3.0),
            ),
            ("-", REQUESTS[0], ["-", "0", "1795341590"], None),
            ("-", REQUESTS[0], ["60", "0", "1795341660"], Some(1.0)),
            ("-", TOKENS, ["60000", "0", "1795341660000"], Some(0.5)),
            ("1795341607", TOKENS, ["-", "-", "-"], Some(7.0)),
            ("1795341607000", TOKENS, ["-", "-", "-"], Some(7.0)),
            ("2026-11-22T10:00:07Z", TOKENS, ["-", "-", "-"], Some(7.0)),
            // OpenRouter's headers have no suffix.
            ("-", REQUESTS[1], ["20", "0", "1795341603000"], Some(0.15)),
            ("-", REQUESTS[1], ["-", "0", "23h59m0s"], Some(86_340.0)),
            // Without the remaining amount or the reset, nothing is known.
            ("-", REQUESTS[0], ["60", "-", "6m0s"], None),
            ("-", REQUESTS[0], ["60", "0", "-"], None),
            ("-", REQUESTS[0], ["60", "0", "soon"], None),
        ];
        for (retry_after, counted, given, expected) in table {
            let mut headers = limits(counted, given);
            if retry_after != "-" {
                headers.insert("retry-after", retry_after.parse().expect("a header"));
            }
            let status = StatusCode::TOO_MANY_REQUESTS;
            let wait = Wait::of_refusal(status, &headers, || 500.0, now()).map(Wait::seconds);
            let close = match (wait, expected) {
                (Some(wait), Some(expected)) => (wait - expected).abs() < 1e-9,
                (wait, expected) => wait == expected,
            };
            assert!(
                close,
                "{retry_after} {counted} {given:?}: {wait:?}, not {expected:?}"
            );
        }
    }

    #[test]
    fn the_longer_of_two_waits_applies() {
        let mut headers = limits(REQUESTS[0], ["60", "0", "60s"]);
        headers.extend(limits(TOKENS, ["60000", "0", "60s"]));
        assert_eq!(until_refilled(&headers, || 500.0, now()), Some(1.0));
        assert_eq!(until_refilled(&headers, || 5_000.0, now()), Some(5.0));
    }

    #[test]
    fn limits_do_not_delay_other_failures() {
        let headers = limits(REQUESTS[0], ["60", "0", "60s"]);
        let of = |status| Wait::of_refusal(status, &headers, || 1.0, now());
        assert_eq!(of(StatusCode::TOO_MANY_REQUESTS), Some(Wait::Refill(1.0)));
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE), None);
    }

    #[test]
    fn tokens_are_not_counted_without_token_headers() {
        let headers = limits(REQUESTS[0], ["60", "0", "60s"]);
        assert_eq!(
            until_refilled(&headers, || unreachable!(), now()),
            Some(1.0)
        );
    }

    #[test]
    fn durations_in_the_formats_of_servers() {
        for (name, value, expected) in [
            ("retry-after", "20", Some(20.0)),
            ("retry-after", "0.5", Some(0.5)),
            ("retry-after", " 3 ", Some(3.0)),
            ("retry-after", "1e1", Some(10.0)),
            ("retry-after", "0", Some(0.0)),
            ("retry-after", "-10", Some(-10.0)),
            ("retry-after", "", None),
            ("retry-after", "soon", None),
            ("retry-after", "inf", None),
            ("retry-after", "nan", None),
            ("retry-after", "1e400", Some(f64::INFINITY)),
            ("retry-after", "Sun, 22 Nov 2026 10:00:20 GMT", Some(20.0)),
            ("retry-after", "Sunday, 22-Nov-26 10:00:20 GMT", Some(20.0)),
            ("retry-after", "Sun Nov 22 10:00:20 2026", Some(20.0)),
            ("retry-after", "Sun, 22 Nov 2026 09:59:00 GMT", Some(-60.0)),
            ("retry-after-ms", "300", Some(0.3)),
            ("retry-after-ms", "soon", None),
        ] {
            let read = retry_after(&map(&[(name, value)]), now());
            assert_eq!(read, expected, "{name}: {value:?}");
        }
    }

    #[test]
    fn milliseconds_take_precedence_over_seconds() {
        let headers = map(&[("retry-after", "20"), ("retry-after-ms", "250")]);
        assert_eq!(retry_after(&headers, now()), Some(0.25));
        let headers = map(&[("retry-after", "20"), ("retry-after-ms", "soon")]);
        assert_eq!(retry_after(&headers, now()), Some(20.0));
    }

    #[test]
    fn dates_in_the_formats_of_servers() {
        for (text, expected) in [
            ("1s", Some(1.0)),
            ("6m0s", Some(360.0)),
            ("20ms", Some(0.02)),
            ("1h2m3.5s", Some(3_723.5)),
            (" 2s ", Some(2.0)),
            ("30", Some(30.0)),
            ("0s", Some(0.0)),
            ("1d", Some(86_400.0)),
            ("1.2.3s", None),
            ("s", None),
            ("-5s", None),
            ("soon", None),
            ("5 s", None),
            ("7w", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
    }
}
