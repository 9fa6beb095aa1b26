//! Journal files, which only one process may write to.

use std::fs::File;
use std::path::Path;

use openaistream_core::parallel::Journal;
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};

/// Opens or creates the journal at `path`; `shown` is its name in errors.
pub fn open_journal(path: &Path, shown: &str) -> Result<Journal, Error> {
    lock_journal(path)
        .and_then(Journal::open)
        .map_err(|error| refused(shown, &error))
}

/// Opens or creates the file of a journal with a lock.
pub fn lock_journal(path: &Path) -> Result<File, Error> {
    open_alone(path).map_err(|error| match is_taken(&error) {
        true => Error::argument(
            "another run is using it; wait until that run has finished, or use another file",
        ),
        false => Error::argument(format!("it cannot be opened: {error}")),
    })
}

/// The error of a journal that cannot be used.
pub fn refused(shown: &str, error: &Error) -> Error {
    Error::argument(format!(
        "The journal \"{shown}\" cannot be used: {}.",
        error.message
    ))
}
