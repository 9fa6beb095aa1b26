//! Provides the requests of a run.

use std::future::Future;
use std::iter::Enumerate;
use std::vec::IntoIter;

use super::item::Item;
use crate::error::Error;

/// A request with its index.
pub(super) struct Numbered<M> {
    /// Its index among the requests, from 0.
    pub index: usize,
    pub item: Item,
    /// Data attached to the request.
    pub mark: M,
}

/// Provides the requests of a run one by one.
pub(super) trait Source: Send + 'static {
    type Mark: Send + Sync + 'static;

    /// The next request; `None` after the last. The future must do nothing before it is polled, and
    /// must be cancel safe.
    ///
    /// # Errors
    /// Fails if no more requests can be created; earlier ones continue.
    fn next(&mut self) -> impl Future<Output = Result<Option<Numbered<Self::Mark>>, Error>> + Send;
}

/// Requests that are all known at the start.
pub(super) struct Listed(Enumerate<IntoIter<Item>>);

impl Listed {
    pub fn new(items: Vec<Item>) -> Self {
        Listed(items.into_iter().enumerate())
    }
}

impl Source for Listed {
    type Mark = ();

    async fn next(&mut self) -> Result<Option<Numbered<()>>, Error> {
        let next = self.0.next();
        Ok(next.map(|(index, item)| Numbered {
            index,
            item,
            mark: (),
        }))
    }
}
