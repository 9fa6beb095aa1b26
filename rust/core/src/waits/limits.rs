//! Rate limits in response headers.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use super::header::header;
use super::times::{number, reset};

/// The suffixes of rate-limit headers for requests.
pub(super) const REQUESTS: [&str; 2] = ["-requests", ""];
pub(super) const TOKENS: &str = "-tokens";

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
