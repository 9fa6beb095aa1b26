//! The usage of responses, grouped by what determines their prices.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::usage::{ReportedUsage, Tokens};

const SECONDS_OF_DAY: u64 = 86_400;

/// Requests with more input tokens than this have higher prices
/// (<https://platform.openai.com/docs/pricing>).
pub(crate) const LONG_INPUT: u64 = 272_000;

/// The key of a tally.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The day (UTC) of the answer, counted from 1970-01-01.
    pub day: u64,
    /// The model in the answer or the request; empty if unknown.
    pub model: String,
    /// The service tier in the answer; empty if unknown.
    pub tier: String,
    /// Whether the prices of long requests apply.
    pub is_long: bool,
}

/// The number of answered requests, and their tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub requests: u64,
    /// The number of answers without usage.
    pub unreported: u64,
    /// The number of answers whose usage is estimated, because they reported none.
    pub estimated: u64,
    pub tokens: Tokens,
}

impl Tally {
    pub(crate) fn add(&mut self, more: Tally) {
        self.requests += more.requests;
        self.unreported += more.unreported;
        self.estimated += more.estimated;
        self.tokens.add(more.tokens);
    }
}

/// The tally of one answer, with its key.
pub(crate) fn tally(reported: &ReportedUsage, is_estimated: bool) -> (Key, Tally) {
    let key = Key {
        day: today(),
        model: reported.model.clone().unwrap_or_default(),
        tier: reported.tier.clone().unwrap_or_default(),
        is_long: reported.tokens.is_some_and(|it| it.input > LONG_INPUT),
    };
    let tally = Tally {
        requests: 1,
        unreported: u64::from(reported.tokens.is_none()),
        estimated: u64::from(is_estimated),
        tokens: reported.tokens.unwrap_or_default(),
    };
    (key, tally)
}

fn today() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH);
    passed.unwrap_or_default().as_secs() / SECONDS_OF_DAY
}
