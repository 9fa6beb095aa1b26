//! Where the requests of a run come from.

use std::future::Future;
use std::iter::Enumerate;
use std::vec::IntoIter;

use super::item::Item;
use crate::error::Error;

/// A request with its place.
pub(super) struct Numbered<M> {
    /// Its place among the requests, from 0.
    pub index: usize,
    pub item: Item,
    /// What is known of it beside.
    pub mark: M,
}

/// Gives the requests of a run one after the other.
pub(super) trait Source: Send + 'static {
    type Mark: Send + Sync + 'static;

    /// The next request; None after the last. The future does nothing before it is polled, and
    /// nothing is lost where it is dropped before it is ready.
    ///
    /// # Errors
    /// There are no more because of that; what came before goes on.
    fn next(&mut self) -> impl Future<Output = Result<Option<Numbered<Self::Mark>>, Error>> + Send;
}

/// Requests that are there from the beginning.
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
