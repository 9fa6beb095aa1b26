//! The usage of a client, by day, model and service tier.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::usage::{Tokens, Told};

const SECONDS_OF_DAY: u64 = 86_400;

/// Requests with more input tokens than this have higher prices
/// (<https://platform.openai.com/docs/pricing>).
const LONG_INPUT: u64 = 272_000;

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
    pub untold: u64,
    /// The number of answers whose usage is estimated, because they reported none.
    pub estimated: u64,
    pub tokens: Tokens,
}

impl Tally {
    fn add(&mut self, more: Tally) {
        self.requests += more.requests;
        self.untold += more.untold;
        self.estimated += more.estimated;
        self.tokens.add(more.tokens);
    }
}

/// The usage of a client so far. Calls may record their usage concurrently.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    tallies: BTreeMap<Key, Tally>,
    /// Where requests are counted whose answers have an id but no usage yet: background responses
    /// and runs.
    awaited: HashMap<String, Key>,
}

impl Ledger {
    /// Counts the answer of a model.
    pub(crate) fn count(&self, told: Told) {
        self.book().count(told, false);
    }

    /// Counts an answer with estimated tokens.
    pub(crate) fn count_estimated(&self, told: Told) {
        self.book().count(told, true);
    }

    /// Adds the usage of an object that was retrieved again, if it was unknown before.
    pub(crate) fn settle(&self, told: Told) {
        self.book().settle(told);
    }

    pub fn tallies(&self) -> Vec<(Key, Tally)> {
        let book = self.book();
        let tallies = book.tallies.iter();
        tallies.map(|(key, tally)| (key.clone(), *tally)).collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn count(&mut self, told: Told, is_estimated: bool) {
        let key = Key {
            day: today(),
            model: told.model.unwrap_or_default(),
            tier: told.tier.unwrap_or_default(),
            is_long: told.tokens.is_some_and(|it| it.input > LONG_INPUT),
        };
        let tally = Tally {
            requests: 1,
            untold: u64::from(told.tokens.is_none()),
            estimated: u64::from(is_estimated),
            tokens: told.tokens.unwrap_or_default(),
        };
        if let (Some(id), None) = (told.id, told.tokens) {
            self.awaited.insert(id, key.clone());
        }
        self.tallies.entry(key).or_default().add(tally);
    }

    fn settle(&mut self, told: Told) {
        let id = told.id.as_ref().filter(|_| told.tokens.is_some());
        let Some(before) = id.and_then(|id| self.awaited.remove(id)) else {
            return;
        };
        if let Some(tally) = self.tallies.get_mut(&before) {
            tally.requests -= 1;
            tally.untold -= 1;
            if tally.requests == 0 {
                self.tallies.remove(&before);
            }
        }
        let model = told.model.or(Some(before.model));
        self.count(Told { model, ..told }, false);
    }
}

fn today() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH);
    passed.unwrap_or_default().as_secs() / SECONDS_OF_DAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn told(json: &str) -> Told {
        Told::of(Document::parse(json).expect("it is JSON").root())
    }

    /// The tallies without their day: model, requests, requests without usage, input tokens.
    fn counted(ledger: &Ledger) -> Vec<(String, u64, u64, u64)> {
        let tallies = ledger.tallies().into_iter();
        tallies
            .map(|(key, tally)| {
                let Tally {
                    requests,
                    untold,
                    tokens,
                    ..
                } = tally;
                (key.model, requests, untold, tokens.input)
            })
            .collect()
    }

    #[test]
    fn answers_count_by_their_model() {
        let ledger = Ledger::default();
        let usage = r#""usage":{"input_tokens":5}"#;
        for model in ["a", "b", "a"] {
            ledger.count(told(&format!(r#"{{"model":"{model}",{usage}}}"#)));
        }
        ledger.count(told(r#"{"model":"b"}"#));
        ledger.count(told("{}"));
        ledger.settle(told(&format!(r#"{{"model":"b",{usage}}}"#)));
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
    fn a_response_that_tells_its_tokens_later_counts_once() {
        let ledger = Ledger::default();
        let response = |usage: &str| {
            told(&format!(
                r#"{{"id":"r","object":"response","model":"m","usage":{usage}}}"#
            ))
        };
        ledger.count(response("null"));
        ledger.settle(response("null"));
        assert_eq!(counted(&ledger), [("m".to_owned(), 1, 1, 0)]);
        for _ in 0..2 {
            ledger.settle(response(r#"{"input_tokens":7}"#));
            assert_eq!(counted(&ledger), [("m".to_owned(), 1, 0, 7)]);
        }
    }

    #[test]
    fn long_requests_have_a_tally_of_their_own() {
        let ledger = Ledger::default();
        for tokens in [LONG_INPUT, LONG_INPUT + 1] {
            let usage = format!(r#"{{"model":"m","usage":{{"input_tokens":{tokens}}}}}"#);
            ledger.count(told(&usage));
        }
        let keys: Vec<bool> = ledger.tallies().iter().map(|it| it.0.is_long).collect();
        assert_eq!(keys, [false, true]);
    }
}
