//! The usage of a client, by day, model and service tier.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call_record::CallRecord;
use crate::tally::{tally, Key, Tally};
use crate::usage::ReportedUsage;

/// The usage of a client so far. Calls may record their usage concurrently.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
    last: Mutex<Option<Arc<CallRecord>>>,
}

#[derive(Debug, Default)]
struct Book {
    tallies: BTreeMap<Key, Tally>,
    /// Where requests are counted whose answers have an id but no usage yet: background responses
    /// and runs.
    awaited: HashMap<String, Key>,
}

impl Ledger {
    /// Counts the answer of a model; its tokens may be estimated.
    pub(crate) fn count(&self, reported: &ReportedUsage, is_estimated: bool) {
        self.book().count(reported, is_estimated);
    }

    /// Adds the usage of an object that was retrieved again, if it was unknown before; returns
    /// whether it was.
    pub(crate) fn settle(&self, reported: &ReportedUsage) -> bool {
        self.book().settle(reported)
    }

    /// The record of the last call.
    pub fn last(&self) -> Option<Arc<CallRecord>> {
        self.lock_last().clone()
    }

    /// Makes this the record of the last call.
    pub(crate) fn begins(&self, record: &Arc<CallRecord>) {
        *self.lock_last() = Some(Arc::clone(record));
    }

    pub fn tallies(&self) -> Vec<(Key, Tally)> {
        let book = self.book();
        let tallies = book.tallies.iter();
        tallies.map(|(key, tally)| (key.clone(), *tally)).collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_last(&self) -> MutexGuard<'_, Option<Arc<CallRecord>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn count(&mut self, reported: &ReportedUsage, is_estimated: bool) {
        let (key, tally) = tally(reported, is_estimated);
        if let (Some(id), None) = (&reported.id, reported.tokens) {
            self.awaited.insert(id.clone(), key.clone());
        }
        self.tallies.entry(key).or_default().add(tally);
    }

    fn settle(&mut self, reported: &ReportedUsage) -> bool {
        let id = reported.id.as_ref().filter(|_| reported.tokens.is_some());
        let Some(before) = id.and_then(|id| self.awaited.remove(id)) else {
            return false;
        };
        if let Some(tally) = self.tallies.get_mut(&before) {
            tally.requests -= 1;
            tally.unreported -= 1;
            if tally.requests == 0 {
                self.tallies.remove(&before);
            }
        }
        let model = reported.model.clone().or(Some(before.model));
        let reported = ReportedUsage {
            model,
            ..reported.clone()
        };
        self.count(&reported, false);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    use crate::tally::LONG_INPUT;

    fn reported(json: &str) -> ReportedUsage {
        ReportedUsage::of(Document::parse(json).expect("it is JSON").root())
    }

    /// The tallies without their day: model, requests, requests without usage, input tokens.
    fn counted(ledger: &Ledger) -> Vec<(String, u64, u64, u64)> {
        let tallies = ledger.tallies().into_iter();
        tallies
            .map(|(key, tally)| {
                let Tally {
                    requests,
                    unreported,
                    tokens,
                    ..
                } = tally;
                (key.model, requests, unreported, tokens.input)
            })
            .collect()
    }

    #[test]
    fn answers_count_by_their_model() {
        let ledger = Ledger::default();
        let usage = r#""usage":{"input_tokens":5}"#;
        for model in ["a", "b", "a"] {
            ledger.count(
                &reported(&format!(r#"{{"model":"{model}",{usage}}}"#)),
                false,
            );
        }
        ledger.count(&reported(r#"{"model":"b"}"#), false);
        ledger.count(&reported("{}"), false);
        ledger.settle(&reported(&format!(r#"{{"model":"b",{usage}}}"#)));
        assert_eq!(
            counted(&ledger),
            [
                (String::new(), 1, 1, 0),
                ("a".to_owned(), 2, 0, 10),
                ("b".to_owned(), 2, 1, 5)
            ]
        );
    }

    #[test]
    fn a_response_that_reports_usage_later_counts_once() {
        let ledger = Ledger::default();
        let response = |usage: &str| {
            reported(&format!(
                r#"{{"id":"r","object":"response","model":"m","usage":{usage}}}"#
            ))
        };
        ledger.count(&response("null"), false);
        assert!(!ledger.settle(&response("null")));
        assert_eq!(counted(&ledger), [("m".to_owned(), 1, 1, 0)]);
        for _ in 0..2 {
            ledger.settle(&response(r#"{"input_tokens":7}"#));
            assert_eq!(counted(&ledger), [("m".to_owned(), 1, 0, 7)]);
        }
    }

    #[test]
    fn long_requests_have_a_separate_tally() {
        let ledger = Ledger::default();
        for tokens in [LONG_INPUT, LONG_INPUT + 1] {
            let usage = format!(r#"{{"model":"m","usage":{{"input_tokens":{tokens}}}}}"#);
            ledger.count(&reported(&usage), false);
        }
        let keys: Vec<bool> = ledger.tallies().iter().map(|it| it.0.is_long).collect();
        assert_eq!(keys, [false, true]);
    }
}
