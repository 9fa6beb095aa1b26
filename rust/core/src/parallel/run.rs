//! A run: many requests, some of them under way at a time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

use super::journal::{Journal, Key, Keys};
use super::tokens;
use crate::error::{Error, ErrorKind};
use crate::http::pace::{Pace, Paced};
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::log::LogLevel;
use crate::queue::{End, Queue, Taken, Wake, Weight};
use crate::received::Content;
use crate::send::{send, Answer};

/// What is shared by requests that differ in their bodies alone.
pub struct Template {
    pub request: Request,
    pub transport: Transport,
}

/// One request of a run.
pub struct Item {
    pub template: Arc<Template>,
    pub body: Body,
    /// Whether it is sent even where the journal keeps its answer.
    pub ask_again: bool,
}

impl Item {
    fn request(self) -> Request {
        let mut request = self.template.request.clone();
        request.body(self.body);
        request
    }
}

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
        let request = item.request();
        let answer = journal.answer(&keys.next(&request))?;
        let answer = answer.and_then(|answer| Answer::kept(&request, answer.into()));
        Ok(answer.and_then(|answer| read(answer).ok()))
    });
    answers.collect()
}

/// How a run goes.
pub struct Settings {
    /// The most requests under way.
    pub max_active: usize,
    pub requests_per_minute: Option<f64>,
    pub tokens_per_minute: Option<f64>,
    /// The longest pause that the server may ask for, in seconds.
    pub longest_wait: f64,
    /// Whether the first failure cancels what is left.
    pub stops_at_failure: bool,
    pub journal: Option<Journal>,
    pub log: LogLevel,
}

/// What became of one request.
#[derive(Debug)]
pub struct Outcome<T> {
    /// Its place among the requests, from 0.
    pub index: usize,
    pub result: Result<T, Error>,
    pub trace: Arc<Trace>,
    bytes: usize,
}

impl<T> Weight for Outcome<T> {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

/// A run that goes on in the background; dropping it cancels what is left.
pub struct Run<T> {
    queue: Arc<Queue<Outcome<T>>>,
    pace: Arc<Pace>,
    journal: Option<Arc<Journal>>,
    task: AbortHandle,
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
        let journal = settings.journal.map(Arc::new);
        let pace = Arc::new(Pace::new(
            settings.requests_per_minute,
            settings.tokens_per_minute,
            settings.longest_wait,
        ));
        let runner = Runner {
            shared: Arc::new(Shared {
                pace: Arc::clone(&pace),
                counts_tokens: settings.tokens_per_minute.is_some(),
                journal: journal.clone(),
                log: settings.log,
                read: Box::new(read),
            }),
            queue: Arc::clone(&queue),
            max_active: settings.max_active,
            stops_at_failure: settings.stops_at_failure,
        };
        let task = handle.spawn(runner.run(items)).abort_handle();
        Run {
            queue,
            pace,
            journal,
            task,
        }
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
        self.pace.held()
    }

    /// Cancels what is left. What was over before can still be taken; then comes an incomplete end.
    pub fn cancel(&self) {
        self.task.abort();
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }
}

impl<T> Drop for Run<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// What all requests of a run use.
struct Shared<T> {
    pace: Arc<Pace>,
    counts_tokens: bool,
    journal: Option<Arc<Journal>>,
    log: LogLevel,
    read: Box<dyn Fn(Answer) -> Result<T, Error> + Send + Sync>,
}

impl<T> Shared<T> {
    /// Answers a request from the journal, or else sends it.
    ///
    /// # Errors
    /// The journal failed, and with it the run.
    async fn finish(
        &self,
        index: usize,
        request: Request,
        transport: &Transport,
        key: Option<Key>,
        ask_again: bool,
    ) -> Result<Outcome<T>, Error> {
        let trace = Arc::new(Trace::new(0, self.log, request.secrets().clone()));
        let outcome = |result, bytes| Outcome {
            index,
            result,
            trace: Arc::clone(&trace),
            bytes,
        };
        if let Some(answer) = self.kept(key.filter(|_| !ask_again))? {
            let bytes = answer.len();
            // An answer that can no longer be read is asked for again.
            let answer = Answer::kept(&request, answer);
            if let Some(Ok(value)) = answer.map(&self.read) {
                if let Some(pace) = &request.pace {
                    pace.leave();
                }
                return Ok(outcome(Ok(value), bytes));
            }
        }
        let answer = match send(transport, &request, &trace).await {
            Ok(answer) => answer,
            Err(error) => return Ok(outcome(Err(error), 0)),
        };
        if let (Some(paced), true) = (&request.pace, self.counts_tokens) {
            if let Some(used) = tokens::used(&answer.content) {
                paced.used(used);
            }
        }
        let bytes = answer.bytes();
        let kept = match (&answer.content, key) {
            (Content::Json(document), Some(key)) => Some((key, document.source().to_owned())),
            _ => None,
        };
        let result = (self.read)(answer);
        if let (Ok(_), Some((key, body)), Some(journal)) = (&result, kept, &self.journal) {
            // The key is nowhere on disk, not even where a server repeats it.
            if !request.secrets().occur_in(body.as_bytes()) {
                journal.keep(key, body.as_bytes())?;
            }
        }
        Ok(outcome(result, bytes))
    }

    fn kept(&self, key: Option<Key>) -> Result<Option<Bytes>, Error> {
        let (Some(key), Some(journal)) = (key, &self.journal) else {
            return Ok(None);
        };
        Ok(journal.answer(&key)?.map(Bytes::from))
    }
}

/// The task of a run.
struct Runner<T> {
    shared: Arc<Shared<T>>,
    queue: Arc<Queue<Outcome<T>>>,
    max_active: usize,
    stops_at_failure: bool,
}

/// A run that ends in any way leaves nobody waiting.
impl<T> Drop for Runner<T> {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

impl<T: Send + 'static> Runner<T> {
    async fn run(self, items: Vec<Item>) {
        let end = match self.deliver(items).await {
            Ok(()) => End::Complete,
            Err(error) => End::Incomplete(error),
        };
        if let Some(journal) = &self.shared.journal {
            journal.close();
        }
        self.queue.push(Vec::new(), Some(end)).await;
    }

    /// Delivers what becomes of all items; what is under way is cancelled where it ends early.
    async fn deliver(&self, items: Vec<Item>) -> Result<(), Error> {
        let mut active = JoinSet::new();
        let mut keys = Keys::default();
        let mut items = items.into_iter().enumerate();
        loop {
            while active.len() < self.max_active {
                let Some((index, item)) = items.next() else {
                    break;
                };
                let transport = item.template.transport.clone();
                let ask_again = item.ask_again;
                let request = self.paced(item.request()).await;
                let journal = self.shared.journal.is_some();
                let key = journal.then(|| keys.next(&request));
                let shared = Arc::clone(&self.shared);
                active.spawn(async move {
                    let outcome = shared.finish(index, request, &transport, key, ask_again);
                    outcome.await
                });
            }
            let Some(finished) = active.join_next().await else {
                return Ok(());
            };
            let outcome = finished.map_err(|_| Error::new(ErrorKind::Response, LOST))??;
            let failed = outcome.result.is_err();
            let is_read = self.queue.push(vec![outcome], None).await;
            if !is_read || (failed && self.stops_at_failure) {
                return Ok(());
            }
        }
    }

    async fn paced(&self, mut request: Request) -> Request {
        let tokens = match self.shared.counts_tokens {
            true => request.estimated_tokens(),
            false => 0.0,
        };
        request.pace = Some(Paced::new(&self.shared.pace, tokens).await);
        request
    }
}

const LOST: &str =
    "A request ended without a result. This is an error of openaistream; please report it.";
