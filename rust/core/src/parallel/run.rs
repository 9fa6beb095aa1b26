//! A run: many requests, several of them active at a time. Another thread takes the results.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::item::{Item, Outcome, Settings};
use super::journal::Journal;
use super::keys::Keys;
use super::runner::{launch, Launched};
use super::sink::ToQueue;
use super::source::Listed;
use crate::error::Error;
use crate::http::pace::Forecast;
use crate::queue::{Queue, Taken, Wake};
use crate::send::Answer;

/// The answers to `items` in a journal, converted by `read`. `None` for answers that are not in the
/// journal or can no longer be read.
///
/// # Errors
/// Fails if the journal cannot be read.
pub fn stored_answers<T>(
    items: Vec<Item>,
    journal: &Journal,
    read: impl Fn(Answer) -> Result<T, Error>,
) -> Result<Vec<Option<T>>, Error> {
    let mut keys = Keys::default();
    let answers = items.into_iter().map(|item| {
        let occurrence = item.occurrence;
        let request = item.request();
        let answer = journal.answer(&keys.next(&request, occurrence))?;
        let answer = answer.and_then(|answer| Answer::stored(&request, answer.into()));
        Ok(answer.and_then(|answer| read(answer).ok()))
    });
    answers.collect()
}

/// Estimates the tokens of the requests, in order; `None` if the journal contains the answer.
pub fn forecast(items: Vec<Item>, journal: Option<&Journal>) -> Vec<Option<Forecast>> {
    let mut keys = Keys::default();
    let forecasts = items.into_iter().map(|item| {
        let (ask_again, occurrence) = (item.ask_again, item.occurrence);
        let request = item.request();
        let key = keys.next(&request, occurrence);
        let is_stored = !ask_again && journal.is_some_and(|journal| journal.has(&key));
        (!is_stored).then(|| request.forecast())
    });
    forecasts.collect()
}

/// A run in the background. Dropping it cancels the remaining requests.
pub struct Run<T> {
    queue: Arc<Queue<Outcome<T>>>,
    launched: Launched,
}

impl<T: Send + 'static> Run<T> {
    /// Sends `items` in order on the runtime of `handle`, and converts the answers there with
    /// `read`.
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

    /// Takes the results of requests, in the order in which they finished; waits for the first.
    pub fn take(&self, patience: Duration) -> Taken<Outcome<T>> {
        self.queue.take(usize::MAX, patience)
    }

    /// Calls `wake` once, from any thread, when `take` would not have to wait.
    pub fn wake_when_ready(&self, wake: Wake) {
        self.queue.wake_when_ready(wake);
    }
}

impl<T> Run<T> {
    /// The number of seconds for which the server blocks requests.
    pub fn blocked_seconds(&self) -> f64 {
        self.launched.blocked_seconds()
    }

    /// The number of seconds for which the limits of the run are used up.
    pub fn debt(&self) -> f64 {
        self.launched.debt()
    }

    /// Cancels the remaining requests. Finished results can still be taken, followed by an
    /// incomplete end.
    pub fn cancel(&self) {
        self.launched.cancel();
    }
}
