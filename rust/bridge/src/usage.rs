//! The usage of clients.

use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::{estimate_older_tokens, estimate_tokens, Ledger, Tally, UsageKey};

use crate::outcome::outcome;
use crate::owned::{external_pointer, on_native};
use crate::values::{r_text, valid_strings};

/// The ledger of a client, if it belongs to this session.
pub fn ledger_of(pointer: &Robj) -> Option<Arc<Ledger>> {
    on_native(pointer, "ledger", |ledger| Ok(Arc::clone(ledger))).ok()
}

/// Creates an empty ledger.
#[extendr]
fn usage_ledger() -> Robj {
    outcome(|| external_pointer(Arc::new(Ledger::default())))
}

/// Whether a ledger is valid, because it belongs to this session.
#[extendr]
fn usage_ledger_is_valid(ledger: Robj) -> bool {
    ledger_of(&ledger).is_some()
}

/// The content of a ledger, as a list of columns: `day` counts from 1970-01-01; `model` and `tier`
/// are NA if unknown; `unreported` is the number of requests whose answers reported no tokens, and
/// `estimated` the number of those whose tokens are estimated.
#[extendr]
fn usage_rows(ledger: Robj) -> Robj {
    outcome(|| {
        on_native(&ledger, "ledger", |ledger: &Arc<Ledger>| {
            Ok(columns(&ledger.tallies()).into())
        })
    })
}

/// The rows of a ledger as a list of columns.
pub fn columns(rows: &[(UsageKey, Tally)]) -> List {
    let text = |of: fn(&UsageKey) -> &String| -> Robj {
        let texts = rows.iter().map(|(key, _)| of(key));
        let texts = texts.map(|text| (!text.is_empty()).then(|| r_text(text)));
        texts.collect::<Vec<Option<String>>>().into()
    };
    let long: Vec<bool> = rows.iter().map(|(key, _)| key.is_long).collect();
    let mut columns: Vec<(&str, Robj)> = vec![
        ("model", text(|key| &key.model)),
        ("tier", text(|key| &key.tier)),
        ("is_long", long.into()),
    ];
    for (name, of) in NUMBERS {
        let numbers = rows.iter().map(|(key, tally)| of(key, tally) as f64);
        let numbers: Vec<f64> = numbers.collect();
        columns.push((name, numbers.into()));
    }
    List::from_pairs(columns)
}

/// Reads a number for a row.
type Number = fn(&UsageKey, &Tally) -> u64;

/// The numeric columns.
const NUMBERS: [(&str, Number); 13] = [
    ("day", |key, _| key.day),
    ("requests", |_, tally| tally.requests),
    ("unreported", |_, tally| tally.unreported),
    ("estimated", |_, tally| tally.estimated),
    ("input", |_, tally| tally.tokens.input),
    ("cached", |_, tally| tally.tokens.cached),
    ("cache_write", |_, tally| tally.tokens.cache_write),
    ("audio_input", |_, tally| tally.tokens.audio_input),
    ("image_input", |_, tally| tally.tokens.image_input),
    ("output", |_, tally| tally.tokens.output),
    ("reasoning", |_, tally| tally.tokens.reasoning),
    ("audio_output", |_, tally| tally.tokens.audio_output),
    ("image_output", |_, tally| tally.tokens.image_output),
];

/// Estimates the number of tokens of each text of a character vector, with the vocabulary of
/// embedding models if `older` is true; NA for NA and for invalid text.
#[extendr]
fn tokens_estimate(texts: Robj, older: bool) -> Robj {
    let estimate = match older {
        true => estimate_older_tokens,
        false => estimate_tokens,
    };
    let texts = valid_strings(&texts).into_iter();
    let counts = texts.map(|text| Some(estimate(&text?) as f64));
    counts.collect::<Vec<Option<f64>>>().into()
}

extendr_module! {
    mod usage;
    fn tokens_estimate;
    fn usage_ledger;
    fn usage_ledger_is_valid;
    fn usage_rows;
}
