//! What answers say of the limits of the account
//! (<https://platform.openai.com/docs/guides/rate-limits>, "Rate limits in headers").

use std::time::Duration;

use reqwest::header::HeaderMap;

/// What is counted, as the headers name it.
const COUNTED: [&str; 2] = ["requests", "tokens"];

/// How long nothing more may be sent, if an answer says that nothing is left.
pub(super) fn exhausted_for(headers: &HeaderMap) -> Option<Duration> {
    COUNTED
        .into_iter()
        .filter_map(|counted| {
            let header = |what: &str| {
                let value = headers.get(format!("x-ratelimit-{what}-{counted}"))?;
                value.to_str().ok()
            };
            let remaining: f64 = header("remaining")?.trim().parse().ok()?;
            (remaining <= 0.0).then(|| duration(header("reset")?))?
        })
        .max()
}

/// A time such as `1s`, `6m0s`, `20ms` or `1h2m3.5s`; without a unit it is in seconds.
fn duration(text: &str) -> Option<Duration> {
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
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(headers: &[(&'static str, &str)]) -> Option<f64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        exhausted_for(&map).map(|pause| pause.as_secs_f64())
    }

    #[test]
    fn times_as_servers_write_them() {
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
            let read = duration(text).map(|duration| duration.as_secs_f64());
            assert_eq!(read, expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_left_holds_nothing_back() {
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("x-ratelimit-reset-requests", "1s")]), None);
        let left = [
            ("x-ratelimit-remaining-requests", "1"),
            ("x-ratelimit-reset-requests", "6m0s"),
        ];
        assert_eq!(told(&left), None);
    }

    #[test]
    fn the_longer_pause_counts_of_what_is_used_up() {
        let used_up = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "20ms"),
        ];
        assert_eq!(told(&used_up), Some(1.0));
        assert_eq!(told(&used_up[2..]), Some(0.02));
        assert_eq!(told(&used_up[..1]), None);
    }
}
