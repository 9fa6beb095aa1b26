//! What a caller may set for each call.

use std::time::Duration;

use crate::json::LargeIntegers;

/// Which of the limits was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutKind {
    Connect,
    FirstByte,
    Idle,
    Total,
}

impl TimeoutKind {
    /// The name by which callers set the limit.
    pub fn name(self) -> &'static str {
        match self {
            TimeoutKind::Connect => "connect",
            TimeoutKind::FirstByte => "first_byte",
            TimeoutKind::Idle => "idle",
            TimeoutKind::Total => "total",
        }
    }
}

/// How long each part of a call may take; `None` is without limit.
///
/// There are four because one limit cannot serve streams: a model may think for minutes before its
/// first byte and write for an hour after it, while a line that went dead should be noticed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Making a connection: name resolution, TCP, proxy, TLS.
    pub connect: Option<Duration>,
    /// From the request to the head of its answer.
    pub first_byte: Option<Duration>,
    /// Between two pieces of the answer, whatever they hold.
    pub idle: Option<Duration>,
    /// The whole call with all its attempts.
    pub total: Option<Duration>,
}

impl Timeouts {
    /// The limits of calls that wait for a whole answer.
    pub const CALL: Timeouts = Timeouts {
        total: Some(Duration::from_secs(600)),
        ..Timeouts::STREAM
    };

    /// The limits of streams, which may go on as long as something comes.
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

/// What a caller may set for each call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallOptions {
    pub timeouts: Timeouts,
    /// How often a call is sent again at most.
    pub max_retries: u32,
    /// The longest wait that a server may ask for, in seconds; beyond it nothing is sent again.
    pub max_wait: f64,
    /// The largest body of an answer that is kept in memory, in bytes.
    pub max_bytes: u64,
    /// What becomes of the large integers of the answer.
    pub large_integers: LargeIntegers,
    /// Whether events of a stream that are not JSON are passed over; else they end it.
    pub skip_broken_events: bool,
}

impl CallOptions {
    /// Two retries, as openai-python has them.
    pub const MAX_RETRIES: u32 = 2;
    /// The longest wait by default, in seconds.
    pub const MAX_WAIT: f64 = 120.0;
    /// The largest body that is kept by default.
    pub const MAX_BYTES: u64 = 1 << 30;
    /// The largest body that can be kept: positions in a JSON document have 32 bits.
    pub const MOST_BYTES: u64 = (1 << 31) - 1;
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            timeouts: Timeouts::CALL,
            max_retries: CallOptions::MAX_RETRIES,
            max_wait: CallOptions::MAX_WAIT,
            max_bytes: CallOptions::MAX_BYTES,
            large_integers: LargeIntegers::default(),
            skip_broken_events: false,
        }
    }
}
