//! Computes the wait before a retry, by the rules of openai-python
//! (<https://github.com/openai/openai-python>, `_base_client.py`).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use crate::error::Error;
use crate::waits::Wait;

/// The first back-off. All requests of a run wait this long after a rate-limit error.
pub(crate) const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const MAX_BACK_OFF: Duration = Duration::from_secs(8);
/// The maximum fraction by which a back-off is shortened, so that clients do not retry all at once.
const JITTER: f64 = 0.25;

/// The wait before the next attempt after `attempts` attempts, the last of which failed with
/// `error`: the wait that the server requested, otherwise an exponential back-off. `None` if a
/// retry cannot help, or if the server requested more than `max_wait` seconds.
pub(crate) fn pause_after(error: &Error, attempts: u32, max_wait: f64) -> Option<Duration> {
    if !error.is_transient {
        return None;
    }
    let back_off = back_off(attempts, random_unit());
    match error.wait {
        Some(Wait::Asked(seconds)) if seconds > max_wait => None,
        Some(Wait::Asked(seconds)) if seconds > 0.0 => Some(duration(seconds)),
        // A longer refill is ignored: an earlier retry may still succeed.
        Some(Wait::Refill(seconds)) if seconds <= max_wait => Some(back_off.max(duration(seconds))),
        _ => Some(back_off),
    }
}

/// Converts seconds to a duration; infinity becomes the maximum.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// 0.5 s, doubled with each attempt up to 8 s, then shortened by up to a quarter.
fn back_off(attempts: u32, random: f64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let longest = (FIRST_BACK_OFF * 2u32.pow(doublings)).min(MAX_BACK_OFF);
    longest.mul_f64(1.0 - JITTER * random)
}

/// A random number from 0 to 1; the system seeds the standard library's hasher.
fn random_unit() -> f64 {
    let bits = RandomState::new().hash_one(0u8) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

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

    fn pause(wait: Option<Wait>, is_transient: bool) -> Option<f64> {
        let error = Error {
            is_transient,
            wait,
            ..Error::new(ErrorKind::Status, "no")
        };
        pause_after(&error, 1, 120.0).map(|pause| pause.as_secs_f64())
    }

    #[test]
    fn a_requested_wait_is_respected() {
        for seconds in [3.0, 120.0] {
            assert_eq!(pause(Some(Wait::Asked(seconds)), true), Some(seconds));
        }
        for seconds in [120.001, f64::INFINITY] {
            assert_eq!(pause(Some(Wait::Asked(seconds)), true), None);
        }
        assert_eq!(pause(Some(Wait::Asked(3.0)), false), None);
        assert_eq!(pause(None, false), None);
    }

    #[test]
    fn without_a_requested_wait_the_back_off_applies() {
        let waits = [
            None,
            Some(Wait::Asked(0.0)),
            Some(Wait::Asked(-10.0)),
            Some(Wait::Refill(86_400.0)),
            // A limit that refills soon does not shorten the back-off.
            Some(Wait::Refill(0.006)),
        ];
        for wait in waits {
            let pause = pause(wait, true).expect("a pause");
            assert!((0.375..=0.5).contains(&pause), "{wait:?}: {pause}");
        }
        assert_eq!(pause(Some(Wait::Refill(20.0)), true), Some(20.0));
    }
}
