//! Embeddings in NumPy files: starts runs, which are otherwise like other runs to files.

use extendr_api::prelude::*;
use openaistream_core::parallel::{FileRun, RowsFile, RowsJob};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};
use crate::json_to_r::{build, plan_plain};
use crate::outcome::{outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::parallel::settings;
use crate::results::{pair, prompt_lines};
use crate::runtime::engine;
use crate::template::template;
use crate::values::{element, path, text};

type Result<T> = std::result::Result<T, Failure>;

/// Starts a run (see `R/embeddings_file.R`): `list(template = , frame = , prompts = , rows = , job
/// = )` and the settings of `parallel_start()`. `template` is a request without a body; `frame` are
/// the parts of a body before and after the inputs; `prompts` is the file of inputs, or NULL if
/// they are passed to `results_supply()`; `rows` is the NumPy file; `job` is the body without
/// inputs, which identifies a job.
#[extendr]
fn rows_start(run: List) -> Robj {
    outcome(|| start(&run))
}

fn start(list: &List) -> Result<Robj> {
    let (handle, transports) = engine()?;
    let common = element(list, "template").as_list().unwrap_or_default();
    let template = template(&common, &transports)?;
    let settings = settings(list)?;
    let inputs = prompt_lines(list)?;
    let job = RowsJob {
        template,
        frame: pair(list, "frame")?,
        inputs,
        rows: open_rows(list)?,
    };
    job.template.request.begin();
    external_pointer(job.start(&handle, settings)?)
}

fn open_rows(list: &List) -> std::result::Result<RowsFile, Error> {
    let shown = text(list, "rows")?;
    let location = path(&element(list, "rows")).unwrap_or_else(|| shown.as_str().into());
    let refused =
        |why: &str| Error::argument(format!("The file \"{shown}\" cannot be used: {why}."));
    let file = open_alone(&location).map_err(|error| match is_taken(&error) {
        true => refused(
            "another run is using it; wait until that run has finished, or use another file",
        ),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    let opened = RowsFile::open(file, &location, &text(list, "job")?);
    opened.map_err(|error| refused(&error.message))
}

/// A summary of the rows: `list(width = , model = , usage = )`.
#[extendr]
fn rows_summary(run: Robj) -> Robj {
    outcome(|| {
        on_native(&run, "run", |run: &FileRun| {
            let summary = run.summary();
            let summary = summary.map(|summary| build(&plan_plain(summary.root())));
            Ok(summary.transpose()?.unwrap_or_else(|| ().into()))
        })
    })
}

extendr_module! {
    mod rows;
    fn rows_start;
    fn rows_summary;
}
