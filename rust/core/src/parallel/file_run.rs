//! Runs whose prompts and results do not have to fit into memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{channel, Sender};

use super::item::Settings;
use super::prompts::{Prompt, PromptChunks, PromptLines, Prompts, PromptsNeeded};
use super::runner::{launch, Launched};
use super::sink::Sink;
use super::source::Source;
use crate::error::Error;
use crate::json::Document;
use crate::queue::{Queue, Taken, Wake};

/// The number of prompts with each result so far, including earlier runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub answered: u64,
    pub failed: u64,
}

/// The file that stores the results of a run.
pub(super) trait RunFile: Send + Sync {
    fn counts(&self) -> Counts;

    /// The first failure, with the number of its prompt, from 1.
    fn failure(&self) -> Option<(u64, Error)>;

    /// A summary of the results, as a JSON object.
    fn summary(&self) -> Option<Document>;

    /// Closes the file of a cancelled run; nothing more is stored.
    fn close(&self) -> Result<(), Error>;
}

/// A run in the background. Dropping it cancels the remaining requests.
pub struct FileRun {
    prompts_needed: Arc<Queue<PromptsNeeded>>,
    file: Arc<dyn RunFile>,
    sender: Mutex<Option<Sender<Vec<Prompt>>>>,
    launched: Launched,
}

impl FileRun {
    /// Starts a run on the runtime of `handle`, which sends the requests of `requests` for the
    /// prompts. If `lines` is `None`, the prompts are passed to `supply()`.
    pub(super) fn start<O: Source, S: Sink<Mark = O::Mark> + RunFile>(
        handle: &Handle,
        lines: Option<PromptLines>,
        prompts_needed: Arc<Queue<PromptsNeeded>>,
        file: Arc<S>,
        requests: impl FnOnce(Prompts) -> O,
        settings: Settings,
    ) -> FileRun {
        // One chunk waits while another is sent.
        let (sender, chunks) = channel(1);
        let sender = lines.is_none().then_some(sender);
        let prompts = match lines {
            Some(lines) => Prompts::Lines(lines),
            None => Prompts::Chunks(PromptChunks {
                chunks,
                prompts_needed: Arc::clone(&prompts_needed),
                current: Vec::new().into_iter(),
            }),
        };
        let launched = launch(handle, requests(prompts), Arc::clone(&file), settings);
        FileRun {
            prompts_needed,
            file,
            sender: Mutex::new(sender),
            launched,
        }
    }

    /// Passes prompts to the run: once after the start, and again each time the run asks for more;
    /// `None` at the end. Prompts are dropped if the run has ended.
    pub fn supply(&self, prompts: Option<Vec<Prompt>>) {
        let sender = &mut *self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        match (prompts, &sender) {
            (Some(prompts), Some(sender)) => drop(sender.try_send(prompts)),
            _ => *sender = None,
        }
    }

    /// Waits until the run needs prompts, or has ended.
    pub fn take(&self, patience: Duration) -> Taken<PromptsNeeded> {
        self.prompts_needed.take(usize::MAX, patience)
    }

    /// Calls `wake` once, from any thread, when `take` would not have to wait.
    pub fn wake_when_ready(&self, wake: Wake) {
        self.prompts_needed.wake_when_ready(wake);
    }

    /// The number of prompts that have answers, including earlier runs, and the number that failed.
    pub fn counts(&self) -> Counts {
        self.file.counts()
    }

    /// The first failure, with the number of its prompt, from 1.
    pub fn failure(&self) -> Option<(u64, Error)> {
        self.file.failure()
    }

    /// A summary of the results, as a JSON object.
    pub fn summary(&self) -> Option<Document> {
        self.file.summary()
    }

    /// The number of seconds for which the server blocks requests.
    pub fn blocked_seconds(&self) -> f64 {
        self.launched.blocked_seconds()
    }

    /// Cancels the remaining requests, and closes the results file.
    ///
    /// # Errors
    /// Fails if the rest of the results cannot be written.
    pub fn cancel(&self) -> Result<(), Error> {
        self.launched.cancel();
        self.file.close()
    }
}

impl Drop for FileRun {
    fn drop(&mut self) {
        // An error cannot be reported any more.
        let _ = self.cancel();
    }
}
