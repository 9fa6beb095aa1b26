//! Collects answers that other processes received for a run of this process, see `R/map_workers.R`.

use bytes::Bytes;
use extendr_api::prelude::*;
use openaistream_core::parallel::{Collector, Journal};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};
use crate::journal_file::open_journal;
use crate::outcome::{outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::parallel::{begin, items, journal, reading};
use crate::runtime::engine;
use crate::values::{one_text, path, strings};

type Result<T> = std::result::Result<T, Failure>;

/// Creates a collector for the requests of `run`, a list as for `parallel_start()`. Returns
/// `list(collector = , occurrences = )`, where `occurrences` is the number of each request among
/// equal ones.
#[extendr]
fn collector_open(run: List) -> Robj {
    outcome(|| {
        let (_, transports) = engine()?;
        let items = items(&run, &transports)?;
        begin(&items);
        let collector = Collector::new(items, journal(&run)?);
        let occurrences: Vec<i32> = collector.occurrences().map(|it| it as i32).collect();
        let collector = external_pointer(collector)?;
        Ok(list!(collector = collector, occurrences = occurrences).into())
    })
}

/// Converts the answers to the requests with these numbers, counted from 1, from the JSON in
/// `texts` to the form in `answer` of the list `run`. Each result is an outcome as in
/// `parallel_take()`, or NULL if the JSON is not a valid answer. Valid answers are stored in the
/// journal.
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

/// Appends the answers in the journal at `part` to the journal at `journal`. Returns FALSE, and
/// does nothing, if another process uses the part.
#[extendr]
fn journal_merge(journal: Robj, part: Robj) -> Robj {
    outcome(|| {
        let opened = |value: &Robj| -> Result<Journal> {
            let named = path(value).zip(one_text(value));
            let (path, shown) =
                named.ok_or_else(|| Error::argument("A journal must be one path."))?;
            Ok(open_journal(&path, &shown)?)
        };
        if let Some(Err(error)) = path(&part).map(|path| open_alone(&path)) {
            if is_taken(&error) {
                return Ok(false.into());
            }
        }
        opened(&journal)?.merge(&opened(&part)?)?;
        Ok(true.into())
    })
}

extendr_module! {
    mod collector;
    fn collector_open;
    fn collector_take;
    fn collector_close;
    fn journal_merge;
}
