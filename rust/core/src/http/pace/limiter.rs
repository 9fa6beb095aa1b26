//! Decides when the next request of a run may be sent.
//!
//! Times are given by the caller in seconds since the start of the run, so nothing in this module
//! waits.

/// How many seconds early a request may be sent, so that timers with a resolution of one
/// millisecond can keep up with thousands of requests per second.
const EARLY: f64 = 0.05;

/// Limits on requests and tokens per minute, and the waits that servers requested.
#[derive(Debug)]
pub(super) struct Limiter {
    requests: Option<Meter>,
    tokens: Option<Meter>,
    blocked_until: f64,
}

impl Limiter {
    /// Without a value there is no limit. `debt` is the number of seconds for which an earlier run
    /// has used up the limits.
    pub fn new(
        requests_per_minute: Option<f64>,
        tokens_per_minute: Option<f64>,
        debt: f64,
    ) -> Self {
        let meter = |per_minute| Meter::new(per_minute, debt);
        Limiter {
            requests: requests_per_minute.map(meter),
            tokens: tokens_per_minute.map(meter),
            blocked_until: 0.0,
        }
    }

    /// Counts a request with this number of tokens, if it may be sent now.
    ///
    /// # Errors
    /// Otherwise returns the number of seconds to wait before the next try.
    pub fn admit(&mut self, tokens: f64, now: f64) -> Result<(), f64> {
        let meters = [&self.requests, &self.tokens];
        let due = meters
            .into_iter()
            .flatten()
            .map(|meter| meter.free_at - EARLY)
            .fold(self.blocked_until, f64::max);
        if due > now {
            return Err(due - now);
        }
        if let Some(meter) = &mut self.requests {
            meter.take(1.0, now);
        }
        if let Some(meter) = &mut self.tokens {
            meter.take(tokens, now);
        }
        Ok(())
    }

    /// Counts the difference between the tokens that a request used and those it was admitted with.
    pub fn correct(&mut self, tokens: f64) {
        if let Some(meter) = &mut self.tokens {
            meter.free_at += tokens * meter.seconds;
        }
    }

    /// Admits nothing until this time.
    pub fn hold(&mut self, until: f64) {
        self.blocked_until = self.blocked_until.max(until);
    }

    /// The number of seconds for which the limits are used up. A following run with the same limits
    /// starts with this value.
    pub fn debt(&self, now: f64) -> f64 {
        let meters = [&self.requests, &self.tokens].into_iter().flatten();
        meters.fold(0.0, |debt, meter| (meter.free_at - now).max(debt))
    }

    /// The number of seconds for which `hold` blocks requests.
    pub fn blocked_seconds(&self, now: f64) -> f64 {
        (self.blocked_until - now).max(0.0)
    }
}

/// A token bucket with a capacity of one request, represented by the time at which it is full again
/// (the virtual scheduling of ITU-T I.371). Requests are spread over the minute, because servers
/// that count per second reject bursts.
#[derive(Debug)]
struct Meter {
    /// Seconds until one unit is available again.
    seconds: f64,
    free_at: f64,
}

impl Meter {
    fn new(per_minute: f64, free_at: f64) -> Self {
        Meter {
            seconds: 60.0 / per_minute,
            free_at,
        }
    }

    fn take(&mut self, units: f64, now: f64) {
        self.free_at = self.free_at.max(now) + units * self.seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times at which requests with these tokens are sent, if each is retried as soon as
    /// possible.
    fn sent(limiter: &mut Limiter, tokens: &[f64]) -> Vec<f64> {
        let mut now = 0.0;
        let times = tokens.iter().map(|tokens| {
            while let Err(wait) = limiter.admit(*tokens, now) {
                assert!(wait > 0.0);
                now += wait + 1e-9;
            }
            now
        });
        times.collect()
    }

    fn assert_near(times: &[f64], expected: &[f64]) {
        assert_eq!(times.len(), expected.len());
        for (time, expected) in times.iter().zip(expected) {
            assert!((time - expected).abs() < 1e-6, "{times:?}");
        }
    }

    #[test]
    fn without_limits_nothing_waits() {
        assert_eq!(
            sent(&mut Limiter::new(None, None, 0.0), &[1e9; 3]),
            [0.0; 3]
        );
    }

    #[test]
    fn requests_are_spread_over_the_minute() {
        let times = sent(&mut Limiter::new(Some(60.0), None, 0.0), &[0.0; 4]);
        assert_near(&times, &[0.0, 0.95, 1.95, 2.95]);
    }

    #[test]
    fn no_minute_exceeds_the_request_limit() {
        for rate in [7.0, 100.0, 6_000.0] {
            let count = 3 * rate as usize;
            let times = sent(&mut Limiter::new(Some(rate), None, 0.0), &vec![0.0; count]);
            let most = (rate * (1.0 + EARLY / 60.0)).ceil() as usize;
            for (first, start) in times.iter().enumerate() {
                let in_minute = times[first..].iter().take_while(|t| **t < start + 60.0);
                assert!(in_minute.count() <= most, "{rate} from {start}");
            }
        }
    }

    #[test]
    fn idle_time_is_not_made_up_for() {
        let mut limiter = Limiter::new(Some(60.0), None, 0.0);
        limiter.admit(0.0, 0.0).unwrap();
        limiter.admit(0.0, 100.0).unwrap();
        assert!(limiter.admit(0.0, 100.5).is_err());
    }

    #[test]
    fn consecutive_runs_share_the_limits() {
        let mut whole = Limiter::new(Some(60.0), Some(600.0), 0.0);
        let expected = sent(&mut whole, &[5.0, 30.0, 5.0, 5.0, 5.0, 5.0]);
        let mut first = Limiter::new(Some(60.0), Some(600.0), 0.0);
        let mut times = sent(&mut first, &[5.0, 30.0, 5.0]);
        let now = times[2] + 0.25;
        let mut second = Limiter::new(Some(60.0), Some(600.0), first.debt(now));
        times.extend(sent(&mut second, &[5.0; 3]).iter().map(|time| now + time));
        assert_near(&times, &expected);
        assert_eq!(first.debt(1e3), 0.0);
    }

    #[test]
    fn a_request_larger_than_the_limit_is_sent_and_delays_the_next() {
        let times = sent(&mut Limiter::new(None, Some(600.0), 0.0), &[6_000.0, 1.0]);
        assert_near(&times, &[0.0, 599.95]);
    }

    #[test]
    fn unused_tokens_are_returned() {
        let mut limiter = Limiter::new(None, Some(600.0), 0.0);
        limiter.admit(1_000.0, 0.0).unwrap();
        limiter.correct(-900.0);
        assert_near(&[limiter.admit(1.0, 0.0).unwrap_err()], &[9.95]);
        limiter.correct(10.0);
        assert_near(&[limiter.admit(1.0, 0.0).unwrap_err()], &[10.95]);
    }

    #[test]
    fn the_longest_wait_applies() {
        let mut limiter = Limiter::new(Some(60.0), Some(60.0), 0.0);
        limiter.admit(5.0, 0.0).unwrap();
        assert_near(&[limiter.admit(5.0, 0.0).unwrap_err()], &[4.95]);
        limiter.hold(30.0);
        limiter.hold(20.0);
        assert_near(&[limiter.admit(5.0, 0.0).unwrap_err()], &[30.0]);
        assert_near(
            &[limiter.blocked_seconds(0.0), limiter.blocked_seconds(40.0)],
            &[30.0, 0.0],
        );
        limiter.admit(5.0, 30.0).unwrap();
    }
}
