//! Collects answers to the requests of a run that other processes received.

use std::sync::Arc;

use bytes::Bytes;

use super::item::{Item, Template};
use super::journal::Journal;
use super::keys::{Key, Keys};
use crate::error::Error;
use crate::http::request::Body;
use crate::received::Content;
use crate::send::Answer;
use crate::usage::ReportedUsage;

/// Reads answers to the requests of a run, records their usage, and stores them in its journal.
pub struct Collector {
    requests: Vec<Awaited>,
    journal: Option<Journal>,
}

/// A request that another process sends.
struct Awaited {
    template: Arc<Template>,
    body: Body,
    key: Key,
}

impl Collector {
    /// Creates a collector for the requests in `items`.
    pub fn new(items: Vec<Item>, journal: Option<Journal>) -> Self {
        let mut keys = Keys::default();
        let requests = items.into_iter().map(|item| {
            let template = Arc::clone(&item.template);
            let (body, occurrence) = (item.body.clone(), item.occurrence);
            let key = keys.next(&item.request(), occurrence);
            Awaited {
                template,
                body,
                key,
            }
        });
        Collector {
            requests: requests.collect(),
            journal,
        }
    }

    /// The number of each request among equal ones, from 1.
    pub fn occurrences(&self) -> impl Iterator<Item = u64> + '_ {
        self.requests.iter().map(|it| it.key.occurrence)
    }

    /// Parses the answer to the request at `index`. `None` if it is not a valid answer; it is then
    /// neither counted nor stored.
    ///
    /// # Errors
    /// Fails if the journal cannot be written.
    pub fn collect(&self, index: usize, body: Bytes) -> Result<Option<Answer>, Error> {
        let Some(awaited) = self.requests.get(index) else {
            return Ok(None);
        };
        let mut request = awaited.template.request.clone();
        request.body(awaited.body.clone());
        let Some(answer) = Answer::stored(&request, body.clone()) else {
            return Ok(None);
        };
        if let Content::Json(document) = &answer.content {
            request.count_use(ReportedUsage::of(document.root()));
        }
        request.record.request().ends(None);
        if let Some(journal) = &self.journal {
            journal.store(awaited.key, &body)?;
        }
        Ok(Some(answer))
    }

    /// Closes the journal so that another run can open it.
    pub fn close(&self) {
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }
}
