//! The records of calls as R lists.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use extendr_api::prelude::*;
use openaistream_core::{Attempt, Bucket, CallRecord, Facts, Ledger, Started};

use crate::outcome::{or_null, outcome};
use crate::owned::on_native;
use crate::usage::columns;
use crate::values::r_text;

/// Returns the record of the last call of a ledger, NULL if there is none. `R/last_call.R` converts
/// it, and names the elements of the vectors.
#[extendr]
fn call_last(ledger: Robj) -> Robj {
    outcome(|| {
        on_native(&ledger, "ledger", |ledger: &Arc<Ledger>| {
            Ok(or_null(ledger.last().map(|record| record_list(&record))))
        })
    })
}

/// A record as a list; what is unknown is NA. Durations are seconds since the start of the call,
/// times are seconds since 1970-01-01.
pub fn record_list(record: &CallRecord) -> Robj {
    let started = record.started();
    let elapsed = record.elapsed();
    record.facts(|facts| {
        list!(
            texts = texts(started, facts),
            numbers = numbers(started, elapsed, facts),
            attempts = attempts(facts),
            reasons = list!(
                reason = strings(facts.reasons.iter().map(|it| Some(&it.0))),
                count = doubles(facts.reasons.iter().map(|it| Some(it.1 as f64)))
            ),
            limits = limits(facts),
            rows = columns(&facts.tallies)
        )
        .into()
    })
}

fn texts(started: Option<&Started>, facts: &Facts) -> Vec<Option<String>> {
    let state = facts.state.name().to_owned();
    let texts = [
        started.map(|it| &it.method),
        started.map(|it| &it.path),
        started.map(|it| &it.server),
        Some(&state),
        facts.request_id.as_ref(),
        facts.response_id.as_ref(),
        facts.error.as_ref(),
    ];
    strings(texts.into_iter())
}

fn numbers(started: Option<&Started>, elapsed: Duration, facts: &Facts) -> Vec<Option<f64>> {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    vec![
        started.map(|it| unix_seconds(it.time)),
        Some(elapsed.as_secs_f64()),
        seconds(facts.ended),
        seconds(facts.connect),
        seconds(facts.first_byte),
        seconds(facts.first_token),
        Some(facts.requests as f64),
        Some(facts.answered as f64),
        Some(facts.failed as f64),
        Some(facts.sent as f64),
        Some(facts.waited),
        facts.status.map(f64::from),
    ]
}

/// The columns of the table of attempts.
fn attempts(facts: &Facts) -> List {
    let numbers = |of: fn(&Attempt) -> Option<f64>| doubles(facts.attempts.iter().map(of));
    let texts = |of: fn(&Attempt) -> Option<&String>| strings(facts.attempts.iter().map(of));
    list!(
        status = numbers(|it| it.status.map(f64::from)),
        reason = texts(|it| it.reason.as_ref()),
        seconds = numbers(|it| Some(it.seconds)),
        wait = numbers(|it| it.wait),
        request_id = texts(|it| it.request_id.as_ref())
    )
}

/// The time of the rate limits, and for requests and for tokens the capacity, what remains, and the
/// seconds until the limit is full again.
fn limits(facts: &Facts) -> Vec<Option<f64>> {
    let Some((limits, time)) = facts.limits else {
        return Vec::new();
    };
    let of = |bucket: Option<Bucket>| {
        let limit = bucket.and_then(|it| it.limit);
        [
            limit,
            bucket.map(|it| it.remaining),
            bucket.map(|it| it.reset),
        ]
    };
    let mut numbers = vec![Some(unix_seconds(time))];
    numbers.extend(of(limits.requests));
    numbers.extend(of(limits.tokens));
    numbers
}

fn doubles(numbers: impl Iterator<Item = Option<f64>>) -> Vec<Option<f64>> {
    numbers.collect()
}

fn strings<'a>(texts: impl Iterator<Item = Option<&'a String>>) -> Vec<Option<String>> {
    texts.map(|text| text.map(|text| r_text(text))).collect()
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
