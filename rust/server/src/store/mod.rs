//! What the server remembers of the requests before. All of it is gone when the server stops.

/// The objects that were made and not deleted, of every kind the newest.
#[derive(Debug, Default)]
pub(crate) struct Store {}
