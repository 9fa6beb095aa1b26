//! Writes embeddings to a file in the order of their inputs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file::RowsFile;
use super::mark::Mark;
use super::npy::BYTES_OF_NUMBER;
use crate::embeddings::{add, send_in_halves, PartAnswer};
use crate::error::Error;
use crate::expected::Expected;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::{Document, Fields, Value};
use crate::parallel::file_run::{Counts, RunFile};
use crate::parallel::item::Outcome;
use crate::parallel::prompts::PromptsNeeded;
use crate::parallel::sink::Sink;
use crate::queue::{End, Queue};
use crate::received::Content;
use crate::send::Answer;

/// The maximum number of answers that wait for an earlier one. No more requests are sent until it
/// has arrived.
const MAX_WAITING: usize = 4;

pub(super) struct RowsSink {
    prompts_needed: Arc<Queue<PromptsNeeded>>,
    state: Mutex<State>,
}

struct State {
    /// `None` once the run has finished.
    file: Option<RowsFile>,
    /// The number of written rows.
    rows: u64,
    width: Option<usize>,
    /// Answers that arrived before an earlier one, by their first row.
    waiting: BTreeMap<u64, (Mark, Option<PartAnswer>)>,
    model: Option<String>,
    usage: Value,
    failure: Option<(u64, Error)>,
}

impl RowsSink {
    pub fn new(file: RowsFile, prompts_needed: Arc<Queue<PromptsNeeded>>) -> Self {
        let state = State {
            rows: file.rows(),
            width: file.width(),
            file: Some(file),
            waiting: BTreeMap::new(),
            model: None,
            usage: Value::Null,
            failure: None,
        };
        RowsSink {
            prompts_needed,
            state: Mutex::new(state),
        }
    }

    /// Accepts rows without any input to send.
    pub fn put_missing(&self, mark: Mark) -> Result<(), Error> {
        self.lock().put(mark, None)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Writes the rows once all earlier rows have been written, and then those that waited for
    /// them.
    fn put(&mut self, mark: Mark, answer: Option<PartAnswer>) -> Result<(), Error> {
        if let Some(answer) = &answer {
            self.width.get_or_insert(answer.width());
            add(&mut self.usage, answer.usage().clone());
            self.model = self.model.take().or(answer.model().map(str::to_owned));
        }
        self.waiting.insert(mark.first, (mark, answer));
        let (Some(width), Some(file)) = (self.width, &mut self.file) else {
            return Ok(());
        };
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() != self.rows {
                break;
            }
            let (mark, answer) = first.remove();
            let width = answer.as_ref().map_or(width, PartAnswer::width);
            let bytes = bytes_of(&mark, answer.as_ref(), width * BYTES_OF_NUMBER);
            file.append(&mark.digests, width, &bytes)?;
            self.rows = file.rows();
        }
        Ok(())
    }
}

/// The rows of the inputs of a request; missing inputs have NaN.
fn bytes_of(mark: &Mark, answer: Option<&PartAnswer>, row_bytes: usize) -> Vec<u8> {
    let sent = answer.map_or(Vec::new(), PartAnswer::to_bytes);
    if mark.sent() == mark.is_sent.len() {
        return sent;
    }
    let missing: Vec<u8> = f32::NAN.to_le_bytes().repeat(row_bytes / BYTES_OF_NUMBER);
    let mut rows = sent.chunks_exact(row_bytes);
    let bytes = mark.is_sent.iter().map(|is_sent| match is_sent {
        true => rows.next().unwrap_or(&missing),
        false => &missing,
    });
    bytes.collect::<Vec<_>>().concat()
}

impl RunFile for RowsSink {
    fn counts(&self) -> Counts {
        let state = self.lock();
        Counts {
            answered: state.rows,
            failed: u64::from(state.failure.is_some()),
        }
    }

    fn failure(&self) -> Option<(u64, Error)> {
        self.lock().failure.clone()
    }

    fn summary(&self) -> Option<Document> {
        let state = self.lock();
        let mut summary = Fields::default();
        let width = state
            .width
            .map_or(Value::Null, |it| Value::Integer(it as i64));
        summary.set("width", width);
        let model = state.model.clone().map_or(Value::Null, Value::String);
        summary.set("model", model);
        summary.set("usage", state.usage.clone());
        Document::parse(Value::Object(summary).to_text()).ok()
    }

    fn close(&self) -> Result<(), Error> {
        self.lock().file = None;
        Ok(())
    }
}

impl Sink for RowsSink {
    type Mark = Mark;
    type Value = PartAnswer;

    async fn send(
        &self,
        transport: &Transport,
        request: &Request,
        trace: &Trace,
    ) -> Result<Answer, Error> {
        send_in_halves(transport, request, trace).await
    }

    fn read(&self, mark: &Mark, answer: Answer) -> Result<PartAnswer, Error> {
        let read = match &answer.content {
            Content::Json(document) => PartAnswer::read(document, mark.sent()),
            _ => Err("it is not JSON".to_owned()),
        };
        read.map_err(|why| answer.unreadable(Expected::Embeddings.name(), &why))
    }

    async fn put(&self, mark: Mark, outcome: Outcome<PartAnswer>) -> Result<bool, Error> {
        let state = &mut *self.lock();
        match outcome.result {
            Ok(answer) => state.put(mark, Some(answer))?,
            Err(mut error) => {
                let (first, last) = (mark.first + 1, mark.first + mark.digests.len() as u64);
                error.message += &format!(" This was the request for inputs {first} to {last}.");
                state.failure.get_or_insert((first, error));
            }
        }
        Ok(true)
    }

    fn has_room(&self) -> bool {
        self.lock().waiting.len() < MAX_WAITING
    }

    async fn end(&self, end: End) {
        let end = {
            let state = &mut *self.lock();
            state.file = None;
            match end {
                End::Complete if state.failure.is_none() && !state.waiting.is_empty() => {
                    End::Incomplete(Error::argument("All inputs are missing."))
                }
                end => end,
            }
        };
        self.prompts_needed.push(Vec::new(), Some(end)).await;
    }

    fn abandon(&self) {
        self.prompts_needed.abandon();
    }
}
