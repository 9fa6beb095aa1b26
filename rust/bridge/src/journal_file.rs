//! The file of a journal, which one process writes at a time.

use std::path::Path;

use openaistream_core::parallel::Journal;
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};

/// Opens or makes the journal at `path`; `shown` names it in errors.
pub fn open_journal(path: &Path, shown: &str) -> Result<Journal, Error> {
    let refused = |why: &str| Error::argument(format!("The journal \"{shown}\": {why}."));
    let file = open_alone(path).map_err(|error| match is_taken(&error) {
        true => refused("another run uses it; let that one end, or name another file"),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    Journal::open(file).map_err(|error| refused(&error.message))
}
