//! Where what becomes of the requests of a run goes.

use std::future::Future;
use std::sync::Arc;

use super::item::Outcome;
use crate::error::Error;
use crate::queue::{End, Queue};
use crate::send::Answer;

/// Takes what becomes of requests, in the order in which they are over.
pub(super) trait Sink: Send + Sync + 'static {
    /// What the source knows of a request.
    type Mark: Send + Sync + 'static;
    /// What is made of an answer.
    type Value: Send;

    /// Makes of an answer what is delivered.
    ///
    /// # Errors
    /// The answer cannot be read: the request failed.
    fn read(&self, mark: &Self::Mark, answer: Answer) -> Result<Self::Value, Error>;

    /// Takes what became of a request, and tells whether anyone wants more.
    ///
    /// # Errors
    /// It cannot be kept, so that the run ends.
    fn put(
        &self,
        mark: Self::Mark,
        outcome: Outcome<Self::Value>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Whether another request may be sent before those under way are over.
    fn has_room(&self) -> bool {
        true
    }

    /// All is over.
    fn end(&self, end: End) -> impl Future<Output = ()> + Send;

    /// The run is gone, in whatever way: nobody may wait for it any more.
    fn abandon(&self);
}

/// The way of answers to a reader in another thread.
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
