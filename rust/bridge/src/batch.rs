//! Requests sent as batches (see `R/batch_run.R`): their lines, journal and results.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;

use extendr_api::prelude::*;
use openaistream_core::batch::{BatchJournal, BatchRun, Limits, Note, Part, Planned};
use openaistream_core::embeddings::of_answers;
use openaistream_core::{Answer, Error};

use crate::embeddings::{row_names_of, Matrix};
use crate::journal_file::{lock_journal, refused};
use crate::outcome::{or_null, outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::parallel::of_request;
use crate::request::{json_of, prepare};
use crate::runtime::engine;
use crate::send::{received, Form};
use crate::values::{element, number, one_text, path, strings, text};

type Result<T> = std::result::Result<T, Failure>;

/// A run of batches, and how to convert its answers.
struct Open {
    run: BatchRun,
    form: Form,
}

/// Opens or creates the journal of a run of batches: `list(template = , bodies = , journal = ,
/// answer = )`, with the common part of the requests and their bodies.
#[extendr]
fn batch_open(run: List) -> Robj {
    outcome(|| open(&run))
}

fn open(list: &List) -> Result<Robj> {
    let (_, transports) = engine()?;
    let template = element(list, "template").as_list().unwrap_or_default();
    let segments = strings(&element(&template, "path"));
    let segments: Option<Vec<String>> = segments.and_then(|it| it.into_iter().collect());
    let request = prepare(&template, &transports)?.request;
    let journal = element(list, "journal");
    let shown = text(list, "journal")?;
    let numbers = element(list, "numbers");
    let bodies = bodies(list);
    let bodies = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| json_of(body).map_err(|error| of_request(&numbers, index, &error)))
        .map(|json| Ok(json?.into()));
    let run = BatchRun::open(request, &segments.unwrap_or_default(), bodies, || {
        lock_journal(&path(&journal).unwrap_or_default())
            .and_then(BatchJournal::open)
            .map_err(|error| refused(&shown, &error))
    })?;
    let form = Form::named(&text(list, "answer")?);
    external_pointer(RefCell::new(Open { run, form }))
}

fn bodies(list: &List) -> Vec<Robj> {
    let bodies = element(list, "bodies").as_list().unwrap_or_default();
    bodies.values().collect()
}

fn on_run(run: &Robj, action: impl FnOnce(&mut Open) -> Result<Robj>) -> Robj {
    outcome(|| {
        on_native(run, "run of batches", |open: &RefCell<Open>| {
            action(&mut open.borrow_mut())
        })
    })
}

/// The endpoint of the batches.
#[extendr]
fn batch_endpoint(run: Robj) -> Robj {
    on_run(&run, |open| Ok(open.run.endpoint().into()))
}

/// The unfinished batches, each as `list(part = , name = , requests = , file = , batch = ,
/// is_wanted = )`. `file` and `batch` are ids or NULL; `is_wanted` is whether all its requests
/// belong to this call and have no answer yet.
#[extendr]
fn batch_unfinished(run: Robj) -> Robj {
    on_run(&run, |open| {
        let parts = open.run.unfinished().map(|part| record(&open.run, part));
        Ok(List::from_values(parts.collect::<Vec<Robj>>()).into())
    })
}

fn record(run: &BatchRun, part: &Part) -> Robj {
    list!(
        part = part.number as f64,
        name = run.name(part.number),
        requests = part.requests() as f64,
        file = or_null(part.file.as_deref()),
        batch = or_null(part.batch.as_deref()),
        is_wanted = run.is_wanted(part)
    )
    .into()
}

/// Records a change of a part: the id of its `"file"` or `"batch"`, or that it is `"over"`.
#[extendr]
fn batch_note(run: Robj, part: f64, name: &str, value: &str) -> Robj {
    on_run(&run, |open| {
        if let Some(note) = Note::named(name, value.to_owned()) {
            open.run.note(part as u64, &note)?;
        }
        Ok(().into())
    })
}

/// Writes the requests that have not been sent yet to files: `list(bodies = , weights = , ask_again
/// = , folder = , requests = , bytes = )`. `weights` is the weight of each request in the limit
/// `requests`, or NULL; `ask_again` has the numbers of requests to send even if they have an
/// answer. Returns `list(part = , name = , path = , requests = )` for each file.
#[extendr]
fn batch_plan(run: Robj, plan: List) -> Robj {
    on_run(&run, |open| {
        let weights = element(&plan, "weights").as_real_vector();
        let weight = |index: usize| weights.as_ref().map_or(1, |weights| weights[index] as u64);
        let again = element(&plan, "ask_again").as_integer_vector();
        let again: HashSet<i32> = again.unwrap_or_default().into_iter().collect();
        let folder = path(&element(&plan, "folder")).unwrap_or_default();
        let limits = Limits {
            requests: number(&plan, "requests", 1.0)? as u64,
            bytes: number(&plan, "bytes", 1.0)? as u64,
        };
        let bodies = bodies(&plan);
        let bodies = bodies.iter().enumerate();
        let bodies = bodies.map(|(index, body)| Ok((json_of(body)?.into(), weight(index))));
        let again = |index: usize| again.contains(&(index as i32 + 1));
        let planned = open.run.plan(bodies, again, &folder, limits)?;
        let planned = planned.iter().map(|planned| written(&open.run, planned));
        Ok(List::from_values(planned.collect::<Vec<Robj>>()).into())
    })
}

fn written(run: &BatchRun, planned: &Planned) -> Robj {
    list!(
        part = planned.part as f64,
        name = run.name(planned.part),
        path = planned.path.to_string_lossy().into_owned(),
        requests = planned.requests as f64
    )
    .into()
}

/// Reads the results of a part from `files`, a list of paths. `status` is the final status of its
/// batch; `reason` is why requests without a result failed, or NULL if they can be planned again.
#[extendr]
fn batch_finish(run: Robj, part: f64, files: List, status: &str, reason: Robj) -> Robj {
    on_run(&run, |open| {
        let files: Vec<PathBuf> = files.values().filter_map(|file| path(&file)).collect();
        let reason = one_text(&reason);
        open.run
            .finish(part as u64, &files, status, reason.as_deref())?;
        Ok(().into())
    })
}

/// The results of the requests `from` to `to`, counted from 1: `list(ok = list(value = , replaced =
/// ))` or `list(error = )` for each; NULL if there is no result yet.
#[extendr]
fn batch_results(run: Robj, from: f64, to: f64) -> Robj {
    on_run(&run, |open| {
        let indexes = (from as usize - 1)..(to as usize);
        let results = indexes.map(|index| {
            Ok(match open.run.result(index)? {
                None => ().into(),
                Some(result) => outcome(|| result_in_r(result, open.form)),
            })
        });
        Ok(List::from_values(results.collect::<Result<Vec<Robj>>>()?).into())
    })
}

fn result_in_r(result: std::result::Result<Answer, Error>, form: Form) -> Result<Robj> {
    received(result?.content, form).into_r()
}

/// The matrix of the vectors in all answers: `list(sizes = , names = )`, the number of inputs of
/// each request, and the row names or NULL. Returns NULL if an answer is missing.
#[extendr]
fn batch_matrix(run: Robj, matrix: List) -> Robj {
    on_run(&run, |open| {
        let sizes = element(&matrix, "sizes").as_integer_vector();
        let mut answers = Vec::new();
        for (index, inputs) in sizes.unwrap_or_default().into_iter().enumerate() {
            match open.run.result(index)? {
                Some(answer) => answers.push((answer?, inputs as usize)),
                None => return Ok(().into()),
            }
        }
        let embeddings = of_answers(answers.into_iter())?;
        Ok(Matrix::new(embeddings, row_names_of(&matrix)?).build()?)
    })
}

/// Closes the journal so that another run can open it.
#[extendr]
fn batch_close(run: Robj) -> Robj {
    on_run(&run, |open| {
        open.run.close();
        Ok(().into())
    })
}

extendr_module! {
    mod batch;
    fn batch_open;
    fn batch_endpoint;
    fn batch_unfinished;
    fn batch_note;
    fn batch_plan;
    fn batch_finish;
    fn batch_results;
    fn batch_matrix;
    fn batch_close;
}
