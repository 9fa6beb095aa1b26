//! A run whose prompts and results need not fit into memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{channel, Sender};

use super::item::Settings;
use super::prompts::{Prompt, PromptChunks, PromptLines, Prompts, WantsPrompts};
use super::runner::{launch, Launched};
use super::sink::Sink;
use super::source::Source;
use crate::error::Error;
use crate::json::Document;
use crate::queue::{Queue, Taken, Wake};

/// What became of the prompts so far, earlier runs included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub answered: u64,
    pub failed: u64,
}

/// The file that keeps the results of a run.
pub(super) trait Keeper: Send + Sync {
    fn counts(&self) -> Counts;

    /// The first failure, with the place of its prompt from 1.
    fn failure(&self) -> Option<(u64, Error)>;

    /// What is known of the results beside, an object.
    fn summary(&self) -> Option<Document>;

    /// Closes the file of a run that was cancelled; nothing is kept any more.
    fn close(&self) -> Result<(), Error>;
}

/// A run that goes on in the background; dropping it cancels what is left.
pub struct FileRun {
    wants: Arc<Queue<WantsPrompts>>,
    keeper: Arc<dyn Keeper>,
    giver: Mutex<Option<Sender<Vec<Prompt>>>>,
    launched: Launched,
}

impl FileRun {
    /// Sends what `requests` makes of the prompts on the runtime of `handle`; `lines` is None where
    /// `give()` gives them.
    pub(super) fn start<O: Source, S: Sink<Mark = O::Mark> + Keeper>(
        handle: &Handle,
        lines: Option<PromptLines>,
        wants: Arc<Queue<WantsPrompts>>,
        keeper: Arc<S>,
        requests: impl FnOnce(Prompts) -> O,
        settings: Settings,
    ) -> FileRun {
        // One chunk waits while another is sent.
        let (giver, chunks) = channel(1);
        let giver = lines.is_none().then_some(giver);
        let prompts = match lines {
            Some(lines) => Prompts::Lines(lines),
            None => Prompts::Chunks(PromptChunks {
                chunks,
                wants: Arc::clone(&wants),
                current: Vec::new().into_iter(),
            }),
        };
        let launched = launch(handle, requests(prompts), Arc::clone(&keeper), settings);
        FileRun {
            wants,
            keeper,
            giver: Mutex::new(giver),
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
        self.keeper.counts()
    }

    /// The first failure, with the place of its prompt from 1.
    pub fn failure(&self) -> Option<(u64, Error)> {
        self.keeper.failure()
    }

    /// What is known of the results beside, an object.
    pub fn summary(&self) -> Option<Document> {
        self.keeper.summary()
    }

    /// For how many seconds nothing is sent because the server asked to wait.
    pub fn held(&self) -> f64 {
        self.launched.held()
    }

    /// Cancels what is left, and closes the file of the results.
    ///
    /// # Errors
    /// What is still to be written cannot be.
    pub fn cancel(&self) -> Result<(), Error> {
        self.launched.cancel();
        self.keeper.close()
    }
}

impl Drop for FileRun {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.cancel();
    }
}
