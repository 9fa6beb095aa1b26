//! The debug log (`OPENAI_LOG`), and where the lines of a trace go.

use std::time::{SystemTime, UNIX_EPOCH};

/// How much the debug log tells. Bodies never stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    #[default]
    Off,
    /// A line for each call and each repetition.
    Info,
    /// Headers, connections and the ends of streams too.
    Debug,
}

impl LogLevel {
    /// The level that the environment variable `OPENAI_LOG` names, by the words of openai-python;
    /// other words name none.
    pub fn from_environment() -> Self {
        match std::env::var("OPENAI_LOG").as_deref() {
            Ok("info") => LogLevel::Info,
            Ok("debug") => LogLevel::Debug,
            _ => LogLevel::Off,
        }
    }
}

/// Where a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To the person who asked for a verbose call.
    Verbose,
    /// To the debug log.
    Log,
}

/// A line of a trace, free of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub output: Output,
    pub text: String,
}

/// What a line of the log begins with: the time of day (UTC), for lines wait until they are
/// printed.
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
