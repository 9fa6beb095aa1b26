//! Results files, which only one run may write to.

use std::path::Path;

use openaistream_core::parallel::{open_results, ResultsFile};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};

/// Opens or creates the results file at `location`, for requests to `path` with `body`, without
/// prompts; `shown` is the name of the file in errors, and `again` the numbers of the prompts to
/// ask again.
pub fn open_results_file(
    location: &Path,
    shown: &str,
    path: &str,
    body: &str,
    again: &[u64],
) -> Result<ResultsFile, Error> {
    let refused = |why: &str| {
        Error::argument(format!(
            "The results file \"{shown}\" cannot be used: {why}."
        ))
    };
    let file = open_alone(location).map_err(|error| match is_taken(&error) {
        true => refused(
            "another run is using it; wait until that run has finished, or use another file",
        ),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    open_results(file, location, path, body, again).map_err(|error| refused(&error.message))
}
