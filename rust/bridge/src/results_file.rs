//! The file of results, which one run writes at a time.

use std::path::Path;

use openaistream_core::parallel::{open_results, ResultsFile};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};

/// Opens or makes the results at `place`, of requests to `path` whose bodies are `body` but for
/// their prompts; `shown` names the file in errors.
pub fn open_results_file(
    place: &Path,
    shown: &str,
    path: &str,
    body: &str,
) -> Result<ResultsFile, Error> {
    let refused = |why: &str| Error::argument(format!("The results \"{shown}\": {why}."));
    let file = open_alone(place).map_err(|error| match is_taken(&error) {
        true => refused("another run uses it; let that one end, or name another file"),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    open_results(file, place, path, body).map_err(|error| refused(&error.message))
}
