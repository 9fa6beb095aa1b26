//! The requests of one call, sent as batches.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::journal::BatchJournal;
use super::part::{Line, Note, Part};
use super::plan::{make_folder, text_of, Draft, Limits, Planned};
use super::results::{each_line, ResultLine};
use crate::error::{Error, ErrorKind};
use crate::http::request::{Body, Request};
use crate::parallel::{Key, Keys};
use crate::received::Content;
use crate::send::Answer;
use crate::usage::ReportedUsage;

/// The service tier of batches, which have separate prices.
const TIER: &str = "batch";

/// The requests of one call, which differ only in their bodies, and the state of their batches.
pub struct BatchRun {
    template: Request,
    endpoint: String,
    /// The keys of the requests, in order.
    keys: Vec<Key>,
    known: HashSet<Key>,
    journal: BatchJournal,
    /// Results that are not stored in the journal.
    apart: HashMap<Key, Result<Bytes, Error>>,
}

impl BatchRun {
    /// Creates one request per body from `template`, with the path `segments` below the base URL.
    /// The journal is opened once all requests have been validated.
    ///
    /// # Errors
    /// Fails if a body is invalid or the journal cannot be opened.
    pub fn open(
        template: Request,
        segments: &[String],
        bodies: impl Iterator<Item = Result<Bytes, Error>>,
        journal: impl FnOnce() -> Result<BatchJournal, Error>,
    ) -> Result<BatchRun, Error> {
        let mut keys = Keys::default();
        let mut request = template.clone();
        let keys = bodies.map(|body| {
            request.body(Body::Json(body?));
            Ok(keys.next(&request, None))
        });
        let keys = keys.collect::<Result<Vec<Key>, Error>>()?;
        Ok(BatchRun {
            known: keys.iter().copied().collect(),
            keys,
            journal: journal()?,
            endpoint: format!("/v1/{}", segments.join("/")),
            template,
            apart: HashMap::new(),
        })
    }

    /// The endpoint of the batches.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The name of the part's file on the server.
    pub fn name(&self, part: u64) -> String {
        format!("openaistream-{}-{part}", self.journal.job)
    }

    /// The unfinished parts with requests of this call, oldest first. Parts of other calls that
    /// share the journal are ignored.
    pub fn unfinished(&self) -> impl Iterator<Item = &Part> {
        let is_ours = |part: &&Part| part.lines.iter().any(|it| self.known.contains(&it.key));
        self.journal.unfinished().filter(is_ours)
    }

    /// Whether all requests of a part belong to this call and have no answer yet.
    pub fn is_wanted(&self, part: &Part) -> bool {
        let mut keys = part.lines.iter().map(|line| &line.key);
        keys.all(|key| self.known.contains(key) && !self.journal.answers.has(key))
    }

    /// Records a change of a part.
    ///
    /// # Errors
    /// Fails if the journal cannot be written.
    pub fn note(&mut self, part: u64, note: &Note) -> Result<(), Error> {
        self.journal.note(part, note)
    }

    /// Writes the requests that have not been sent yet to files in `folder`, and records in the
    /// journal which file contains which request. `bodies` yields the bodies of all requests with
    /// their weights in the request limit. Requests for which `ask_again` is true are sent even if
    /// they have an answer.
    ///
    /// # Errors
    /// Fails if a file or the journal cannot be written.
    pub fn plan(
        &mut self,
        bodies: impl Iterator<Item = Result<(Bytes, u64), Error>>,
        ask_again: impl Fn(usize) -> bool,
        folder: &Path,
        limits: Limits,
    ) -> Result<Vec<Planned>, Error> {
        make_folder(folder)?;
        let sent = self.unfinished().flat_map(|part| &part.lines);
        let sent: HashSet<Key> = sent.map(|line| line.key).collect();
        let mut planned = Vec::new();
        let mut draft: Option<Draft> = None;
        for (index, body) in bodies.enumerate() {
            let key = self.keys[index];
            let is_answered = self.journal.answers.has(&key) && !ask_again(index);
            if is_answered || self.apart.contains_key(&key) || sent.contains(&key) {
                continue;
            }
            let (body, weight) = body?;
            let index = index as u64 + 1;
            let text = text_of(index, &self.endpoint, &body);
            let full = draft.take_if(|draft| !draft.has_room(&text, weight, limits));
            planned.extend(full.map(|full| self.begin(full)).transpose()?);
            let open = match &mut draft {
                Some(open) => open,
                None => {
                    let name = self.name(self.journal.next_number());
                    draft.insert(Draft::new(folder.join(name + ".jsonl"))?)
                }
            };
            open.add(Line { index, key }, &text, weight)?;
        }
        planned.extend(draft.map(|last| self.begin(last)).transpose()?);
        Ok(planned)
    }

    fn begin(&mut self, draft: Draft) -> Result<Planned, Error> {
        let (path, lines) = draft.end()?;
        let part = self.journal.next_number();
        let requests = lines.len();
        self.journal.begin(Part::new(part, lines))?;
        Ok(Planned {
            part,
            path,
            requests,
        })
    }

    /// Reads the results of a part, whose batch ended with `status`, from its result files. If
    /// `reason` is set, it is the reason why requests without a result failed; otherwise these can be
    /// planned again.
    ///
    /// # Errors
    /// Fails if a file cannot be read or the journal cannot be written.
    pub fn finish(
        &mut self,
        part: u64,
        files: &[PathBuf],
        status: &str,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let lines = self.journal.part(part).map(|part| part.lines.clone());
        let mut left: HashMap<u64, Key> = lines
            .unwrap_or_default()
            .iter()
            .map(|line| (line.index, line.key))
            .collect();
        for path in files {
            each_line(path, |line| {
                let Some(key) = left.remove(&line.index) else {
                    return Ok(());
                };
                self.take(key, line, reason.is_some())
            })?;
        }
        if let Some(reason) = reason {
            let error = Error::new(ErrorKind::Batch, reason);
            let left = left.into_values().map(|key| (key, Err(error.clone())));
            self.apart.extend(left);
        }
        self.journal.note(part, &Note::Over(status.to_owned()))
    }

    fn take(&mut self, key: Key, line: ResultLine, has_reason: bool) -> Result<(), Error> {
        let answer = line.result.and_then(|response| {
            let id = response.request_id.as_deref();
            Answer::of_batch(&self.template, response.status, id, response.body.into())
        });
        let body = answer.map(|answer| match &answer.content {
            Content::Json(document) => {
                self.template.count_use(ReportedUsage {
                    tier: Some(TIER.to_owned()),
                    ..ReportedUsage::of(document.root())
                });
                document.source().to_owned()
            }
            _ => String::new(),
        });
        match body {
            // The key must not be stored on disk, even if a server repeats it.
            Ok(body) if self.template.secrets().occur_in(body.as_bytes()) => {
                self.apart.insert(key, Ok(body.into()));
            }
            Ok(body) => {
                // The answer replaces the failure of an earlier attempt.
                self.apart.remove(&key);
                self.journal.answers.store(key, body.as_bytes())?;
            }
            Err(error) if has_reason || error.kind != ErrorKind::Batch => {
                self.apart.insert(key, Err(error));
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// The number of requests.
    pub fn requests(&self) -> usize {
        self.keys.len()
    }

    /// The result of the request at this index, or `None` if there is none yet.
    ///
    /// # Errors
    /// Fails if the journal cannot be read.
    pub fn result(&self, index: usize) -> Result<Option<Result<Answer, Error>>, Error> {
        let Some(key) = self.keys.get(index) else {
            return Ok(None);
        };
        let body = match self.apart.get(key) {
            Some(Err(error)) => return Ok(Some(Err(error.clone()))),
            Some(Ok(body)) => Some(body.clone()),
            None => self.journal.answers.answer(key)?.map(Bytes::from),
        };
        Ok(body.and_then(|body| Answer::stored(&self.template, body).map(Ok)))
    }

    /// Closes the journal so that another run can open it.
    pub fn close(&self) {
        self.journal.answers.close();
    }
}
