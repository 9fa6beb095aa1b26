//! Embeddings in a file of NumPy, as R starts them; the rest is as for other runs to files.

use extendr_api::prelude::*;
use openaistream_core::parallel::{FileRun, RowsFile, RowsJob, Template};
use openaistream_core::Error;

use crate::file_lock::{is_taken, open_alone};
use crate::json_to_r::{build, plan_plain};
use crate::outcome::{outcome, Failure};
use crate::owned::{give, on_native};
use crate::parallel::settings;
use crate::request::{prepare, Prepared};
use crate::results::{pair, prompt_lines};
use crate::runtime::engine;
use crate::values::{element, path, text};

type Result<T> = std::result::Result<T, Failure>;

/// Starts a run (see `R/embeddings_file.R`) of `list(template = , frame = , prompts = , rows = ,
/// job = )` and what `parallel_start()` takes of settings: a request without a body; what stands in
/// a body before and behind the inputs; the file of the inputs, NULL where `results_give()` gives
/// them; that of the rows; the body but for its inputs by which a job is known.
#[extendr]
fn rows_start(run: List) -> Robj {
    outcome(|| start(&run))
}

fn start(list: &List) -> Result<Robj> {
    let (handle, transports) = engine()?;
    let template = element(list, "template").as_list().unwrap_or_default();
    let Prepared {
        request, transport, ..
    } = prepare(&template, &transports)?;
    let settings = settings(list)?;
    let inputs = prompt_lines(list)?;
    let job = RowsJob {
        template: Template {
            request,
            transport,
            price: None,
        },
        frame: pair(list, "frame")?,
        inputs,
        rows: open_rows(list)?,
    };
    give(job.start(&handle, settings)?)
}

fn open_rows(list: &List) -> std::result::Result<RowsFile, Error> {
    let shown = text(list, "rows")?;
    let place = path(&element(list, "rows")).unwrap_or_else(|| shown.as_str().into());
    let refused = |why: &str| Error::argument(format!("The file \"{shown}\": {why}."));
    let file = open_alone(&place).map_err(|error| match is_taken(&error) {
        true => refused("another run uses it; let that one end, or name another file"),
        false => refused(&format!("it cannot be opened: {error}")),
    })?;
    let opened = RowsFile::open(file, &place, &text(list, "job")?);
    opened.map_err(|error| refused(&error.message))
}

/// What is known of the rows beside: `list(width = , model = , usage = )`.
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
