//! The debug log (`OPENAI_LOG`), and the lines of a trace.

use std::time::{SystemTime, UNIX_EPOCH};

/// The level of the debug log. Bodies are never logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    #[default]
    Off,
    /// A line for each call and each retry.
    Info,
    /// Also headers, connections and the ends of streams.
    Debug,
}

impl LogLevel {
    /// The level in the environment variable `OPENAI_LOG`, with the values of openai-python; other
    /// values are ignored.
    pub fn from_environment() -> Self {
        match std::env::var("OPENAI_LOG").as_deref() {
            Ok("info") => LogLevel::Info,
            Ok("debug") => LogLevel::Debug,
            _ => LogLevel::Off,
        }
    }
}

/// The destination of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The output of a verbose call.
    Verbose,
    /// The debug log.
    Log,
}

/// A line of a trace, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub output: Output,
    pub text: String,
}

/// The time of day (UTC) that starts a log line, because lines are printed later.
pub(crate) fn stamp(now: SystemTime) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs() % 86_400;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let milliseconds = since.subsec_millis();
    format!("[openai {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z] ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_stamp_is_the_time_of_day() {
        let now = UNIX_EPOCH + Duration::from_millis(86_400_000 * 3 + 45_296_007);
        assert_eq!(stamp(now), "[openai 12:34:56.007Z] ");
    }
}
