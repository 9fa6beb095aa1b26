//! Receives the results of a run.

use std::future::Future;
use std::sync::Arc;

use super::item::Outcome;
use crate::error::Error;
use crate::http::request::Request;
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::queue::{End, Queue};
use crate::send::{send, Answer};

/// Accepts results in the order in which the requests finish.
pub(super) trait Sink: Send + Sync + 'static {
    /// Data that the source attaches to a request.
    type Mark: Send + Sync + 'static;
    /// A converted answer.
    type Value: Send;

    /// Sends a request.
    ///
    /// # Errors
    /// Returns the errors of [`send`].
    fn send(
        &self,
        transport: &Transport,
        request: &Request,
        trace: &Trace,
    ) -> impl Future<Output = Result<Answer, Error>> + Send {
        send(transport, request, trace)
    }

    /// Converts an answer.
    ///
    /// # Errors
    /// Fails if the answer cannot be read; the request then counts as failed.
    fn read(&self, mark: &Self::Mark, answer: Answer) -> Result<Self::Value, Error>;

    /// Accepts a result, and returns whether more are wanted.
    ///
    /// # Errors
    /// Fails if the result cannot be stored; this ends the run.
    fn put(
        &self,
        mark: Self::Mark,
        outcome: Outcome<Self::Value>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Whether another request may be sent before the active ones have finished.
    fn has_room(&self) -> bool {
        true
    }

    /// The run has finished.
    fn end(&self, end: End) -> impl Future<Output = ()> + Send;

    /// The run was dropped; nobody must wait for it any more.
    fn abandon(&self);
}

/// Passes results to a reader in another thread.
pub(super) struct ToQueue<T> {
    pub queue: Arc<Queue<Outcome<T>>>,
    pub read: Box<dyn Fn(Answer) -> Result<T, Error> + Send + Sync>,
}

impl<T: Send + 'static> Sink for ToQueue<T> {
    type Mark = ();
    type Value = T;

    fn read(&self, _: &(), answer: Answer) -> Result<T, Error> {
        (self.read)(answer)
    }

    async fn put(&self, (): (), outcome: Outcome<T>) -> Result<bool, Error> {
        Ok(self.queue.push(vec![outcome], None).await)
    }

    async fn end(&self, end: End) {
        self.queue.push(Vec::new(), Some(end)).await;
    }

    fn abandon(&self) {
        self.queue.abandon();
    }
}
