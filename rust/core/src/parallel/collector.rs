//! Answers to the requests of a run that were fetched elsewhere, by other processes.

use std::sync::Arc;

use bytes::Bytes;

use super::item::{Item, Template};
use super::journal::{Journal, Key, Keys};
use crate::error::Error;
use crate::send::Answer;

/// Reads answers to the requests of a run, and keeps them in its journal.
pub struct Collector {
    requests: Vec<(Arc<Template>, Key)>,
    journal: Option<Journal>,
}

impl Collector {
    /// For the requests of `items`.
    pub fn new(items: Vec<Item>, journal: Option<Journal>) -> Self {
        let mut keys = Keys::default();
        let requests = items.into_iter().map(|item| {
            let template = Arc::clone(&item.template);
            let occurrence = item.occurrence;
            (template, keys.next(&item.request(), occurrence))
        });
        Collector {
            requests: requests.collect(),
            journal,
        }
    }

    /// The how many-th of equal requests each is, from 1.
    pub fn occurrences(&self) -> impl Iterator<Item = u64> + '_ {
        self.requests.iter().map(|(_, key)| key.occurrence)
    }

    /// The JSON of the answer to the request at `index`. None where it is not what the request is
    /// for; it is not kept then.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn collect(&self, index: usize, body: Bytes) -> Result<Option<Answer>, Error> {
        let Some((template, key)) = self.requests.get(index) else {
            return Ok(None);
        };
        let answer = Answer::kept(&template.request, body.clone());
        if let (Some(_), Some(journal)) = (&answer, &self.journal) {
            journal.keep(*key, &body)?;
        }
        Ok(answer)
    }

    /// Closes the journal, so that the next run can have it.
    pub fn close(&self) {
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }
}
