//! The records of calls as R lists.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use extendr_api::prelude::*;
use openaistream_core::{Attempt, Bucket, CallRecord, Facts, Ledger, RateLimits, Tally, UsageKey};

use crate::outcome::{or_null, outcome};
use crate::owned::on_native;
use crate::usage::columns;
use crate::values::{r_string, r_text};

/// Returns the record of the last call of a ledger, NULL if there is none. `R/last_call.R` converts
/// it. Durations are seconds since the start of the call; `began` and the `time` of the limits are
/// seconds since 1970-01-01.
#[extendr]
fn call_last(ledger: Robj) -> Robj {
    outcome(|| {
        on_native(&ledger, "ledger", |ledger: &Arc<Ledger>| {
            Ok(or_null(ledger.last().map(|record| record_list(&record))))
        })
    })
}

/// A record as a list; unknown elements are NULL.
pub fn record_list(record: &CallRecord) -> Robj {
    let facts = record.facts();
    let text = |text: Option<&str>| -> Robj { text.map_or_else(|| ().into(), r_string) };
    let begun = record.begun();
    let tallies = facts.tallies.iter();
    let tallies: Vec<(UsageKey, Tally)> =
        tallies.map(|(key, tally)| (key.clone(), *tally)).collect();
    List::from_pairs([
        ("method", text(begun.map(|it| it.method.as_str()))),
        ("path", text(begun.map(|it| it.path.as_str()))),
        ("server", text(begun.map(|it| it.server.as_str()))),
        ("state", facts.state.name().into()),
        ("began", or_null(begun.map(|it| unix_seconds(it.time)))),
        ("elapsed", record.elapsed().as_secs_f64().into()),
        ("ended", seconds(facts.ended)),
        ("connect", seconds(facts.connect)),
        ("first_byte", seconds(facts.first_byte)),
        ("first_token", seconds(facts.first_token)),
        ("requests", (facts.requests as f64).into()),
        ("answered", (facts.answered as f64).into()),
        ("failed", (facts.failed as f64).into()),
        ("sent", (facts.sent as f64).into()),
        ("waited", facts.waited.into()),
        ("attempts", attempts(&facts).into()),
        ("reasons", reasons(&facts).into()),
        ("status", or_null(facts.status.map(i32::from))),
        ("request_id", text(facts.request_id.as_deref())),
        ("response_id", text(facts.response_id.as_deref())),
        ("error", text(facts.error.as_deref())),
        ("limits", or_null(facts.limits.map(limits))),
        ("rows", columns(&tallies).into()),
    ])
    .into()
}

/// The columns of the table of attempts.
fn attempts(facts: &Facts) -> List {
    let texts = |of: fn(&Attempt) -> Option<&String>| -> Vec<Option<String>> {
        let attempts = facts.attempts.iter();
        attempts.map(|it| of(it).map(|text| r_text(text))).collect()
    };
    let attempts = || facts.attempts.iter();
    let statuses = attempts().map(|it| it.status.map(i32::from));
    list!(
        status = statuses.collect::<Vec<Option<i32>>>(),
        reason = texts(|it| it.reason.as_ref()),
        seconds = attempts().map(|it| it.seconds).collect::<Vec<f64>>(),
        wait = attempts().map(|it| it.wait).collect::<Vec<Option<f64>>>(),
        request_id = texts(|it| it.request_id.as_ref())
    )
}

fn reasons(facts: &Facts) -> List {
    let reasons: Vec<String> = facts.reasons.keys().map(|reason| r_text(reason)).collect();
    let counts: Vec<f64> = facts.reasons.values().map(|count| *count as f64).collect();
    list!(reason = reasons, count = counts)
}

/// `list(time = , requests = , tokens = )`: for each limit its capacity, what remains, and the
/// seconds until it is full again; NULL for a limit that was not reported.
fn limits((limits, time): (RateLimits, SystemTime)) -> Robj {
    let numbers = |bucket: Option<Bucket>| -> Robj {
        or_null(bucket.map(|it| vec![it.limit, Some(it.remaining), Some(it.reset)]))
    };
    list!(
        time = unix_seconds(time),
        requests = numbers(limits.requests),
        tokens = numbers(limits.tokens)
    )
    .into()
}

fn seconds(time: Option<Duration>) -> Robj {
    or_null(time.map(|time| time.as_secs_f64()))
}

/// Seconds since 1970-01-01.
pub fn unix_seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

extendr_module! {
    mod call_record;
    fn call_last;
}
