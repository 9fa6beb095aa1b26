//! A run: many requests, some of them under way at a time, whose answers another thread takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::item::{Item, Outcome, Settings};
use super::journal::{Journal, Keys};
use super::runner::{launch, Launched};
use super::sink::ToQueue;
use super::source::Listed;
use crate::error::Error;
use crate::http::pace::Forecast;
use crate::queue::{Queue, Taken, Wake};
use crate::send::Answer;

/// What a journal keeps of the answers to `items`, as `read` makes values of them: None for what
/// it does not keep, and for what can no longer be read.
///
/// # Errors
/// The journal cannot be read.
pub fn kept<T>(
    items: Vec<Item>,
    journal: &Journal,
    read: impl Fn(Answer) -> Result<T, Error>,
) -> Result<Vec<Option<T>>, Error> {
    let mut keys = Keys::default();
    let answers = items.into_iter().map(|item| {
        let occurrence = item.occurrence;
        let request = item.request();
        let answer = journal.answer(&keys.next(&request, occurrence))?;
        let answer = answer.and_then(|answer| Answer::kept(&request, answer.into()));
        Ok(answer.and_then(|answer| read(answer).ok()))
    });
    answers.collect()
}

/// What requests may take, in their order; None for those whose answers the journal keeps.
pub fn forecast(items: Vec<Item>, journal: Option<&Journal>) -> Vec<Option<Forecast>> {
    let mut keys = Keys::default();
    let forecasts = items.into_iter().map(|item| {
        let (ask_again, occurrence) = (item.ask_again, item.occurrence);
        let request = item.request();
        let key = keys.next(&request, occurrence);
        let is_kept = !ask_again && journal.is_some_and(|journal| journal.has(&key));
        (!is_kept).then(|| request.forecast())
    });
    forecasts.collect()
}

/// A run that goes on in the background; dropping it cancels what is left.
pub struct Run<T> {
    queue: Arc<Queue<Outcome<T>>>,
    launched: Launched,
}

impl<T: Send + 'static> Run<T> {
    /// Sends `items` in their order on the runtime of `handle`, and makes values of the answers
    /// there, with `read`.
    pub fn start(
        handle: &Handle,
        items: Vec<Item>,
        settings: Settings,
        read: impl Fn(Answer) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Run<T> {
        let queue = Arc::new(Queue::default());
        let sink = ToQueue {
            queue: Arc::clone(&queue),
            read: Box::new(read),
        };
        let launched = launch(handle, Listed::new(items), Arc::new(sink), settings);
        Run { queue, launched }
    }

    /// What has become of requests, in the order in which they were over; waits for the first.
    pub fn take(&self, patience: Duration) -> Taken<Outcome<T>> {
        self.queue.take(usize::MAX, patience)
    }

    /// Calls `wake` once, from any thread, when there is something to take.
    pub fn wake_when_ready(&self, wake: Wake) {
        self.queue.wake_when_ready(wake);
    }
}

impl<T> Run<T> {
    /// For how many seconds nothing is sent because the server asked to wait.
    pub fn held(&self) -> f64 {
        self.launched.held()
    }

    /// For how many seconds what was sent uses up the limits of the run.
    pub fn owed(&self) -> f64 {
        self.launched.owed()
    }

    /// Cancels what is left. What was over before can still be taken; then comes an incomplete end.
    pub fn cancel(&self) {
        self.launched.cancel();
    }
}
