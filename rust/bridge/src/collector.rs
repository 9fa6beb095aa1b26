//! Answers that other processes fetched for a run of this one, see `R/map_workers.R`.

use bytes::Bytes;
use extendr_api::prelude::*;
use openaistream_core::parallel::{Collector, Journal};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};
use crate::journal_file::open_journal;
use crate::outcome::{outcome, Failure};
use crate::owned::{give, on_native};
use crate::parallel::{items, journal, reading};
use crate::runtime::engine;
use crate::values::{one_text, path, strings};

type Result<T> = std::result::Result<T, Failure>;

/// What collects the answers to the requests of `run`, a list as for `parallel_start()`:
/// `list(collector = , occurrences = )`, of which the second tells the how many-th of equal
/// requests each is.
#[extendr]
fn collector_open(run: List) -> Robj {
    outcome(|| {
        let (_, transports) = engine()?;
        let collector = Collector::new(items(&run, &transports)?, journal(&run)?);
        let occurrences: Vec<i32> = collector.occurrences().map(|it| it as i32).collect();
        let collector = give(collector)?;
        Ok(list!(collector = collector, occurrences = occurrences).into())
    })
}

/// The answers to the requests with these numbers, counted from 1, of which `texts` has the JSON,
/// in the form that `answer` of the list `run` names. Each is an outcome as of `parallel_take()`,
/// NULL for what is no answer to its request; what is one is kept in the journal.
#[extendr]
fn collector_take(collector: Robj, run: List, index: Robj, texts: Robj) -> Robj {
    outcome(|| {
        on_native(&collector, "run", |collector: &Collector| {
            let read = reading(&run);
            let index = index.as_integer_slice().unwrap_or_default();
            let texts = strings(&texts).unwrap_or_default();
            let collect = |(number, text): (&i32, Option<String>)| -> Result<Robj> {
                let body = Bytes::from(text.unwrap_or_default());
                let answer = collector.collect(*number as usize - 1, body)?;
                Ok(match answer.map(&read).transpose()? {
                    Some(value) => outcome(|| value.into_r()),
                    None => ().into(),
                })
            };
            let outcomes = index.iter().zip(texts).map(collect);
            Ok(List::from_values(outcomes.collect::<Result<Vec<Robj>>>()?).into())
        })
    })
}

/// Closes the journal of a collector.
#[extendr]
fn collector_close(collector: Robj) -> Robj {
    outcome(|| {
        on_native(&collector, "run", |collector: &Collector| {
            collector.close();
            Ok(().into())
        })
    })
}

/// Appends to the journal at `journal` what that at `part` has: whether nobody uses the part, so
/// that it was taken.
#[extendr]
fn journal_absorb(journal: Robj, part: Robj) -> Robj {
    outcome(|| {
        let opened = |value: &Robj| -> Result<Journal> {
            let named = path(value).zip(one_text(value));
            let (path, shown) = named.ok_or_else(|| Error::argument("A journal has one path."))?;
            Ok(open_journal(&path, &shown)?)
        };
        if let Some(Err(error)) = path(&part).map(|path| open_alone(&path)) {
            if is_taken(&error) {
                return Ok(false.into());
            }
        }
        opened(&journal)?.absorb(&opened(&part)?)?;
        Ok(true.into())
    })
}

extendr_module! {
    mod collector;
    fn collector_open;
    fn collector_take;
    fn collector_close;
    fn journal_absorb;
}
