//! A run from prompts that need not fit into memory to a results file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{channel, Sender};
use tokio::task::spawn_blocking;

use super::file::{Counts, ResultsFile};
use super::line::header;
use super::prompt::{Frame, Prompt};
use super::prompts::{Mark, PromptChunks, PromptLines, PromptRequests, Prompts, WantsPrompts};
use crate::error::{Error, ErrorKind};
use crate::expected::Expected;
use crate::parallel::item::{Outcome, Settings, Template};
use crate::parallel::journal::one_line;
use crate::parallel::runner::{launch, Launched};
use crate::parallel::sink::Sink;
use crate::queue::{End, Queue, Taken, Wake};
use crate::received::Content;
use crate::redact::{redact, Secrets};
use crate::send::Answer;

/// What a run of files asks, and where the answers go.
pub struct Job {
    pub template: Template,
    pub frame: Frame,
    /// None where `give` gives the prompts.
    pub prompts: Option<PromptLines>,
    pub results: ResultsFile,
    /// Whether the lines of the results have the order of the prompts in the end.
    pub in_order: bool,
}

/// A run that goes on in the background; dropping it cancels what is left.
pub struct ResultsRun {
    wants: Arc<Queue<WantsPrompts>>,
    kept: Arc<Kept>,
    giver: Mutex<Option<Sender<Vec<Prompt>>>>,
    launched: Launched,
}

impl ResultsRun {
    /// Sends the prompts of `job` that have no answer yet on the runtime of `handle`.
    pub fn start(handle: &Handle, job: Job, settings: Settings) -> ResultsRun {
        let wants = Arc::new(Queue::default());
        let results = Arc::new(job.results);
        let kept = Arc::new(Kept {
            results: Arc::clone(&results),
            in_order: job.in_order,
            secrets: job.template.request.secrets().clone(),
            wants: Arc::clone(&wants),
            failure: Mutex::new(None),
        });
        // One chunk waits while another is sent.
        let (giver, chunks) = channel(1);
        let is_given = job.prompts.is_none();
        let prompts = match job.prompts {
            Some(lines) => Prompts::Lines(lines),
            None => Prompts::Chunks(PromptChunks {
                chunks,
                wants: Arc::clone(&wants),
                current: Vec::new().into_iter(),
            }),
        };
        let requests = PromptRequests {
            prompts,
            template: Arc::new(job.template),
            frame: job.frame,
            results,
            count: 0,
        };
        let launched = launch(handle, requests, Arc::clone(&kept), settings);
        ResultsRun {
            wants,
            kept,
            giver: Mutex::new(is_given.then_some(giver)),
            launched,
        }
    }

    /// Gives prompts: the first ones when the run has started, more whenever it wants them; None
    /// where there are no more. Those that nobody waits for are lost.
    pub fn give(&self, prompts: Option<Vec<Prompt>>) {
        let giver = &mut *self.giver.lock().unwrap_or_else(PoisonError::into_inner);
        match (prompts, &giver) {
            (Some(prompts), Some(sender)) => drop(sender.try_send(prompts)),
            _ => *giver = None,
        }
    }

    /// Whether the run wants prompts, and its end; waits for either.
    pub fn take(&self, patience: Duration) -> Taken<WantsPrompts> {
        self.wants.take(usize::MAX, patience)
    }

    /// Calls `wake` once, from any thread, when there is something to take.
    pub fn wake_when_ready(&self, wake: Wake) {
        self.wants.wake_when_ready(wake);
    }

    /// How many prompts have answers, those of earlier runs among them, and how many failed.
    pub fn counts(&self) -> Counts {
        self.kept.results.counts()
    }

    /// The first failure, with the place of its prompt from 1.
    pub fn failure(&self) -> Option<(u64, Error)> {
        self.kept.lock_failure().clone()
    }

    /// For how many seconds nothing is sent because the server asked to wait.
    pub fn held(&self) -> f64 {
        self.launched.held()
    }

    /// Cancels what is left, and closes the results.
    ///
    /// # Errors
    /// What failed cannot be written into them.
    pub fn cancel(&self) -> Result<(), Error> {
        self.launched.cancel();
        self.kept.results.close(false)
    }
}

impl Drop for ResultsRun {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.cancel();
    }
}

/// The way of answers to a results file.
struct Kept {
    results: Arc<ResultsFile>,
    in_order: bool,
    /// They are nowhere on disk, not even where a server repeats them.
    secrets: Secrets,
    wants: Arc<Queue<WantsPrompts>>,
    failure: Mutex<Option<(u64, Error)>>,
}

impl Kept {
    fn lock_failure(&self) -> std::sync::MutexGuard<'_, Option<(u64, Error)>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Kept {
    type Mark = Mark;
    type Value = String;

    fn read(&self, _: &Mark, answer: Answer) -> Result<String, Error> {
        let Content::Json(document) = &answer.content else {
            return Err(answer.unreadable(Expected::Choices.name(), "it is no JSON"));
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
            Ok(answer) => self.results.keep(index, mark.digest, &answer, id)?,
            Err(error) => {
                let json = error.to_json();
                self.results.keep_failure(index, mark.digest, &json, id)?;
                self.lock_failure().get_or_insert((index, error));
            }
        }
        Ok(true)
    }

    async fn end(&self, end: End) {
        let (results, in_order) = (Arc::clone(&self.results), self.in_order);
        // To sort a large file takes seconds.
        let closed = spawn_blocking(move || results.close(in_order)).await;
        let closed = closed.unwrap_or_else(|error| {
            let message = format!("The results cannot be closed: {error}.");
            Err(Error::new(ErrorKind::Journal, message))
        });
        let end = match (end, closed) {
            (End::Complete, Err(error)) => End::Incomplete(error),
            (end, _) => end,
        };
        self.wants.push(Vec::new(), Some(end)).await;
    }

    fn abandon(&self) {
        self.wants.abandon();
    }
}

/// Opens the results of requests to `path` whose bodies are `body` but for their prompts; `file` is
/// open at `place`.
///
/// # Errors
/// It has something else.
pub fn open_results(
    file: std::fs::File,
    place: &Path,
    path: &str,
    body: &str,
) -> Result<ResultsFile, Error> {
    ResultsFile::open(file, place, header(path, body))
}
