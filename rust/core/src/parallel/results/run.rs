//! Runs from prompts that do not have to fit into memory to a results file.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::file::ResultsFile;
use super::line::header;
use super::requests::{Mark, PromptRequests};
use crate::error::{Error, ErrorKind};
use crate::expected::Expected;
use crate::json::Document;
use crate::parallel::file_run::{Counts, FileRun, RunFile};
use crate::parallel::item::{Outcome, Settings, Template};
use crate::parallel::journal::one_line;
use crate::parallel::prompts::{Frame, PromptLines, PromptsNeeded};
use crate::parallel::sink::Sink;
use crate::queue::{End, Queue};
use crate::received::Content;
use crate::redact::{redact, Secrets};
use crate::send::Answer;

/// A run to a results file.
pub struct ResultsJob {
    pub template: Template,
    pub frame: Frame,
    /// `None` if the caller provides the prompts.
    pub prompts: Option<PromptLines>,
    pub results: ResultsFile,
    /// Whether the final results are sorted by prompt.
    pub in_order: bool,
}

impl ResultsJob {
    /// Sends the prompts without an answer, on the runtime of `handle`.
    pub fn start(self, handle: &Handle, settings: Settings) -> FileRun {
        let prompts_needed = Arc::new(Queue::default());
        let results = Arc::new(self.results);
        let sink = Arc::new(ResultsSink {
            results: Arc::clone(&results),
            in_order: self.in_order,
            secrets: self.template.request.secrets().clone(),
            prompts_needed: Arc::clone(&prompts_needed),
            failure: Mutex::new(None),
        });
        let requests = |prompts| PromptRequests {
            prompts,
            template: Arc::new(self.template),
            frame: self.frame,
            results,
            count: 0,
        };
        FileRun::start(
            handle,
            self.prompts,
            prompts_needed,
            sink,
            requests,
            settings,
        )
    }
}

/// Writes answers to a results file.
struct ResultsSink {
    results: Arc<ResultsFile>,
    in_order: bool,
    /// Secrets must not be stored on disk, even if a server repeats them.
    secrets: Secrets,
    prompts_needed: Arc<Queue<PromptsNeeded>>,
    failure: Mutex<Option<(u64, Error)>>,
}

impl ResultsSink {
    fn first_failure(&self) -> MutexGuard<'_, Option<(u64, Error)>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunFile for ResultsSink {
    fn counts(&self) -> Counts {
        self.results.counts()
    }

    fn failure(&self) -> Option<(u64, Error)> {
        self.first_failure().clone()
    }

    fn summary(&self) -> Option<Document> {
        None
    }

    fn close(&self) -> Result<(), Error> {
        self.results.close(false)
    }
}

impl Sink for ResultsSink {
    type Mark = Mark;
    type Value = String;

    fn read(&self, _: &Mark, answer: Answer) -> Result<String, Error> {
        let Content::Json(document) = &answer.content else {
            return Err(answer.unreadable(Expected::Choices.name(), "it is not JSON"));
        };
        let text = one_line(document.source().as_bytes());
        Ok(match self.secrets.occur_in(text.as_bytes()) {
            true => redact(&text, &self.secrets),
            false => text,
        })
    }

    async fn put(&self, mark: Mark, outcome: Outcome<String>) -> Result<bool, Error> {
        let index = outcome.index as u64 + 1;
        let id = mark.id.as_deref();
        match outcome.result {
            Ok(answer) => self.results.store(index, mark.digest, &answer, id)?,
            Err(error) => {
                let json = error.to_json();
                self.results.store_failure(index, mark.digest, &json, id)?;
                self.first_failure().get_or_insert((index, error));
            }
        }
        Ok(true)
    }

    async fn end(&self, end: End) {
        let results = Arc::clone(&self.results);
        let in_order = self.in_order || results.has_two_of_one();
        // Sorting a large file takes seconds.
        let closed = spawn_blocking(move || results.close(in_order)).await;
        let closed = closed.unwrap_or_else(|error| {
            let message = format!("The results cannot be closed: {error}.");
            Err(Error::new(ErrorKind::Journal, message))
        });
        let end = match (end, closed) {
            (End::Complete, Err(error)) => End::Incomplete(error),
            (end, _) => end,
        };
        self.prompts_needed.push(Vec::new(), Some(end)).await;
    }

    fn abandon(&self) {
        self.prompts_needed.abandon();
    }
}

/// Opens the results of requests to `path` with `body`, without prompts; `file` is the open results
/// file at `location`, and `again` the numbers of the prompts to ask again.
///
/// # Errors
/// Fails if the file has other content.
pub fn open_results(
    file: std::fs::File,
    location: &Path,
    path: &str,
    body: &str,
    again: &[u64],
) -> Result<ResultsFile, Error> {
    ResultsFile::open(file, location, header(path, body), again)
}
