//! What clients used, as R keeps it and looks at it.

use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::{estimate_older_tokens, estimate_tokens, Ledger, Tally, Tokens, UsageKey};

use crate::outcome::outcome;
use crate::owned::{give, on_native};
use crate::values::{element, r_text, strings};

/// The ledger of a client, if it belongs to this session.
pub fn ledger_of(pointer: &Robj) -> Option<Arc<Ledger>> {
    on_native(pointer, "ledger", |ledger| Ok(Arc::clone(ledger))).ok()
}

/// A ledger, in which nothing stands.
#[extendr]
fn usage_ledger() -> Robj {
    outcome(|| give(Arc::new(Ledger::default())))
}

/// Whether a ledger belongs to this session.
#[extendr]
fn usage_is_here(ledger: Robj) -> bool {
    ledger_of(&ledger).is_some()
}

/// What stands in a ledger, a list of columns: `day` counts from 1970-01-01, `model` and `tier` are
/// NA where they were not told, `untold` counts requests whose answers told no tokens, `estimated`
/// those whose tokens are estimated.
#[extendr]
fn usage_rows(ledger: Robj) -> Robj {
    outcome(|| {
        on_native(&ledger, "ledger", |ledger: &Arc<Ledger>| {
            Ok(columns(&ledger.tallies()).into())
        })
    })
}

fn columns(rows: &[(UsageKey, Tally)]) -> List {
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
        let numbers: Vec<f64> = rows
            .iter()
            .map(|row| *of(&mut row.clone()) as f64)
            .collect();
        columns.push((name, numbers.into()));
    }
    List::from_pairs(columns)
}

/// Adds rows, as `usage_rows` gives them; columns of numbers that lack are 0.
#[extendr]
fn usage_add(ledger: Robj, rows: List) -> Robj {
    outcome(|| {
        on_native(&ledger, "ledger", |ledger: &Arc<Ledger>| {
            for (key, tally) in read(&rows) {
                ledger.add(key, tally);
            }
            Ok(().into())
        })
    })
}

fn read(list: &List) -> Vec<(UsageKey, Tally)> {
    let texts = |name| strings(&element(list, name)).unwrap_or_default();
    let (models, tiers) = (texts("model"), texts("tier"));
    let long = element(list, "is_long")
        .as_logical_vector()
        .unwrap_or_default();
    let text = |texts: &[Option<String>], row: usize| texts.get(row).cloned().flatten();
    let mut rows: Vec<(UsageKey, Tally)> = (0..models.len())
        .map(|row| {
            let key = UsageKey {
                model: text(&models, row).unwrap_or_default(),
                tier: text(&tiers, row).unwrap_or_default(),
                is_long: long.get(row).is_some_and(|it| it.is_true()),
                ..UsageKey::default()
            };
            (key, Tally::default())
        })
        .collect();
    for (name, of) in NUMBERS {
        let numbers = element(list, name);
        let numbers = numbers.as_real_vector().unwrap_or_default();
        for (row, number) in rows.iter_mut().zip(numbers) {
            *of(row) = number.max(0.0) as u64;
        }
    }
    rows
}

type Row = (UsageKey, Tally);

/// Where a number stands in a row.
type Place = fn(&mut Row) -> &mut u64;

/// The columns of numbers.
const NUMBERS: [(&str, Place); 13] = [
    ("day", |row| &mut row.0.day),
    ("requests", |row| &mut row.1.requests),
    ("untold", |row| &mut row.1.untold),
    ("estimated", |row| &mut row.1.estimated),
    ("input", |row| &mut tokens(row).input),
    ("cached", |row| &mut tokens(row).cached),
    ("cache_write", |row| &mut tokens(row).cache_write),
    ("audio_input", |row| &mut tokens(row).audio_input),
    ("image_input", |row| &mut tokens(row).image_input),
    ("output", |row| &mut tokens(row).output),
    ("reasoning", |row| &mut tokens(row).reasoning),
    ("audio_output", |row| &mut tokens(row).audio_output),
    ("image_output", |row| &mut tokens(row).image_output),
];

fn tokens(row: &mut Row) -> &mut Tokens {
    &mut row.1.tokens
}

/// About how many tokens each text of a character vector has, by the vocabulary of models of
/// embeddings where `older` says so; NA where it is NA, or no text.
#[extendr]
fn tokens_estimate(texts: Robj, older: bool) -> Robj {
    let estimate = match older {
        true => estimate_older_tokens,
        false => estimate_tokens,
    };
    let texts = strings(&texts).unwrap_or_default().into_iter();
    let counts = texts.map(|text| Some(estimate(&text?) as f64));
    counts.collect::<Vec<Option<f64>>>().into()
}

extendr_module! {
    mod usage;
    fn tokens_estimate;
    fn usage_ledger;
    fn usage_is_here;
    fn usage_rows;
    fn usage_add;
}
