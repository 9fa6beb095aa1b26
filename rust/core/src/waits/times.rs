//! Times and durations in the formats of servers.

use std::time::{Duration, SystemTime};

/// Larger values are times in seconds since 1970, or in milliseconds since 1970.
const UNIX_SECONDS: f64 = 1e9;
const UNIX_MILLISECONDS: f64 = 1e11;

/// A decimal number; words such as `inf` are rejected.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    // A number that is too large becomes infinite, which exceeds any limit.
    text.parse().ok().filter(|_| decimal)
}

/// The seconds until a limit is full again, given as a duration or as a time; `None` for a time in
/// the past.
pub(super) fn reset(text: &str, now: SystemTime) -> Option<f64> {
    let point = number(text).and_then(|given| from_now(given, now));
    let seconds = point.or_else(|| seconds(text)).or_else(|| until(text, now));
    seconds.map(|seconds| seconds.max(0.0))
}

/// The seconds until a time in seconds or milliseconds since 1970; `None` if the number is not such
/// a time.
pub(super) fn from_now(given: f64, now: SystemTime) -> Option<f64> {
    let unix = match given {
        _ if given < UNIX_SECONDS || !given.is_finite() => return None,
        _ if given < UNIX_MILLISECONDS => given,
        _ => given / 1000.0,
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(unix - now.as_secs_f64())
}

/// The seconds until an HTTP date or an RFC 3339 date in UTC.
pub(super) fn until(text: &str, now: SystemTime) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_in_the_formats_of_servers() {
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
