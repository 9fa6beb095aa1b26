//! The options of a call.

use std::time::Duration;

use crate::json::LargeIntegers;

/// The kinds of timeouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutKind {
    Connect,
    FirstByte,
    Idle,
    Total,
}

impl TimeoutKind {
    /// The name of the timeout in options.
    pub fn name(self) -> &'static str {
        match self {
            TimeoutKind::Connect => "connect",
            TimeoutKind::FirstByte => "first_byte",
            TimeoutKind::Idle => "idle",
            TimeoutKind::Total => "total",
        }
    }
}

/// The timeouts of a call; `None` means no limit.
///
/// There are four, because one timeout does not fit streams: a model may think for minutes before
/// the first byte and write for an hour after it, but a dead connection should be noticed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To establish a connection: name resolution, TCP, proxy, TLS.
    pub connect: Option<Duration>,
    /// From sending the request to receiving the response headers.
    pub first_byte: Option<Duration>,
    /// Between two chunks of the response.
    pub idle: Option<Duration>,
    /// For the whole call, including retries.
    pub total: Option<Duration>,
}

impl Timeouts {
    /// The timeouts of calls without streaming.
    pub const CALL: Timeouts = Timeouts {
        total: Some(Duration::from_secs(600)),
        ..Timeouts::STREAM
    };

    /// The timeouts of streams, which may continue as long as data arrives.
    pub const STREAM: Timeouts = Timeouts {
        connect: Some(Duration::from_secs(10)),
        first_byte: Some(Duration::from_secs(600)),
        idle: Some(Duration::from_secs(120)),
        total: None,
    };

    pub(crate) fn of(&self, kind: TimeoutKind) -> Option<Duration> {
        match kind {
            TimeoutKind::Connect => self.connect,
            TimeoutKind::FirstByte => self.first_byte,
            TimeoutKind::Idle => self.idle,
            TimeoutKind::Total => None,
        }
    }
}

/// The options of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallOptions {
    pub timeouts: Timeouts,
    /// The maximum number of retries.
    pub max_retries: u32,
    /// The longest wait in seconds that a server may request before a retry; the call fails if it
    /// requests more.
    pub max_wait: f64,
    /// The maximum size of a response body in memory, in bytes.
    pub max_bytes: u64,
    /// How to represent large integers in the response.
    pub large_integers: LargeIntegers,
    /// Whether to skip events of a stream that are not JSON, instead of failing.
    pub skip_broken_events: bool,
}

impl CallOptions {
    /// Two retries, as in openai-python.
    pub const MAX_RETRIES: u32 = 2;
    /// The default of `max_wait`, in seconds.
    pub const MAX_WAIT: f64 = 120.0;
    /// The default of `max_bytes`.
    pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;
    /// The maximum of `max_bytes`: positions in a JSON document have 32 bits.
    pub const MAX_BYTES_LIMIT: u64 = (1 << 31) - 1;
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            timeouts: Timeouts::CALL,
            max_retries: CallOptions::MAX_RETRIES,
            max_wait: CallOptions::MAX_WAIT,
            max_bytes: CallOptions::DEFAULT_MAX_BYTES,
            large_integers: LargeIntegers::default(),
            skip_broken_events: false,
        }
    }
}
