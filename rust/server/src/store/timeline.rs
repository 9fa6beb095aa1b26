//! When the events of a response are sent.

use std::time::{Duration, Instant};

/// The timing of a response: some events immediately, then a wait, then one event after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    pub(crate) started: Instant,
    /// The number of immediate events.
    pub(crate) at_once: usize,
    pub(crate) wait: Duration,
    pub(crate) step: Duration,
}

impl Timeline {
    /// The time of the event at this index, relative to the start.
    pub(crate) fn at(&self, index: usize) -> Duration {
        match index.checked_sub(self.at_once) {
            None => Duration::ZERO,
            Some(later) => {
                let steps = u32::try_from(later).unwrap_or(u32::MAX);
                self.wait.saturating_add(self.step.saturating_mul(steps))
            }
        }
    }

    /// How many of `count` events have been sent after this time.
    pub(crate) fn sent(&self, count: usize, elapsed: Duration) -> usize {
        (0..count)
            .take_while(|index| self.at(*index) <= elapsed)
            .count()
    }

    /// The delays of the events from `first` on, for a stream that starts at `now`.
    pub(crate) fn pauses(&self, first: usize, count: usize, now: Instant) -> Vec<Duration> {
        let mut passed = now.saturating_duration_since(self.started);
        (first..count)
            .map(|index| {
                let pause = self.at(index).saturating_sub(passed);
                passed += pause;
                pause
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_reader_gets_past_events_immediately() {
        let started = Instant::now();
        let second = Duration::from_secs(1);
        let timeline = Timeline {
            started,
            at_once: 2,
            wait: second * 5,
            step: second,
        };
        let at: Vec<u64> = (0..5).map(|index| timeline.at(index).as_secs()).collect();
        assert_eq!(at, [0, 0, 5, 6, 7]);
        assert_eq!(timeline.sent(5, second * 6), 4);
        let pauses = timeline.pauses(1, 5, started + Duration::from_millis(6_500));
        let milliseconds: Vec<u128> = pauses.iter().map(Duration::as_millis).collect();
        assert_eq!(milliseconds, [0, 0, 0, 500]);
    }
}
