//! Reads from response headers how long to wait before the next request.
//!
//! `retry-after-ms` and `retry-after` (RFC 9110, section 10.2.3) take precedence over the rate
//! limits of the account (<https://platform.openai.com/docs/guides/rate-limits>, "Rate limits in
//! headers").

mod header;
mod limits;
mod times;

use std::time::SystemTime;

use reqwest::header::HeaderMap;
use reqwest::StatusCode;

use header::header;
use times::{from_now, number, until};

pub(crate) use limits::{rate_limits, until_refilled};
pub use limits::{Bucket, RateLimits};

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

#[cfg(test)]
mod tests {
    use super::limits::{REQUESTS, TOKENS};
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
    fn each_combination_of_headers_has_its_wait() {
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
    fn retry_after_is_parsed_in_the_formats_of_servers() {
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
}
