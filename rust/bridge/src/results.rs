//! Runs that do not have to fit into memory: starts them, passes prompts unless they are in a file,
//! and reads the results file.

use std::fs::File;

use extendr_api::prelude::*;
use openaistream_core::json::{Document, Node};
use openaistream_core::parallel::{
    FileRun, Frame, Prompt, PromptLines, ResultLine, ResultsJob, ResultsReader,
};
use openaistream_core::stream::Taken;
use openaistream_core::{Content, Error, Trace};

use crate::json_to_r::{build, plan_plain};
use crate::notify::waker;
use crate::outcome::{end_record, error_record, or_null, outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::parallel::settings;
use crate::request::json_of_field;
use crate::results_file::open_results_file;
use crate::runtime::engine;
use crate::send::{received, Form};
use crate::template::template;
use crate::values::{element, one_text, path, strings, text};
use crate::wait::take_within;

type Result<T> = std::result::Result<T, Failure>;

/// Starts a run (see `R/results_run.R`): `list(template = , text = , list = , prompts = , results =
/// , job = , in_order = , again = )` and the settings of `parallel_start()`. `template` is a
/// request without a body; `text` and `list` are the parts of a body before and after a string, and
/// before and after the elements of a list; `prompts` is the file of prompts, or NULL if they are
/// passed to `results_supply()`; `results` is the results file; `job` has the path and the body
/// without prompt, which identify a job.
#[extendr]
fn results_start(run: List) -> Robj {
    outcome(|| start(&run))
}

fn start(list: &List) -> Result<Robj> {
    let (handle, transports) = engine()?;
    let common = element(list, "template").as_list().unwrap_or_default();
    let template = template(&common, &transports)?;
    let frame = Frame {
        text: pair(list, "text")?,
        list: pair(list, "list")?,
    };
    let prompts = prompt_lines(list)?;
    let settings = settings(list)?;
    let shown = text(list, "results")?;
    let location = path(&element(list, "results")).unwrap_or_else(|| shown.as_str().into());
    let [job_path, job_body] = pair(list, "job")?;
    let again = element(list, "again")
        .as_integer_vector()
        .unwrap_or_default();
    let again: Vec<u64> = again.into_iter().map(|index| index as u64).collect();
    let job = ResultsJob {
        template,
        frame,
        prompts,
        results: open_results_file(&location, &shown, &job_path, &job_body, &again)?,
        in_order: element(list, "in_order").as_bool() == Some(true),
    };
    job.template.request.begin();
    external_pointer(job.start(&handle, settings))
}

/// The file of prompts of a run; `None` if R passes them.
pub fn prompt_lines(list: &List) -> std::result::Result<Option<PromptLines>, Error> {
    let prompts = element(list, "prompts");
    let prompts = path(&prompts).zip(one_text(&prompts));
    let prompts = prompts.map(|(path, shown)| PromptLines::open(&path, &shown));
    prompts.transpose()
}

/// The element `name`, which must be two strings.
pub fn pair(list: &List, name: &str) -> std::result::Result<[String; 2], Error> {
    let texts = strings(&element(list, name)).unwrap_or_default();
    let texts: Option<Vec<String>> = texts.into_iter().collect();
    texts
        .and_then(|texts| texts.try_into().ok())
        .ok_or_else(|| Error::argument(format!("`{name}` must be two strings.")))
}

/// Passes prompts to a run that needs them: a character vector, or a list of strings, of
/// conversations (values of the field `field`), and of NULL for missing prompts; or a character
/// vector of class `json` with their JSON. `ids` is NULL or a list with their ids. `sent` is NULL,
/// or a list of the conversations to send instead. If `prompts` is NULL, there are no more.
#[extendr]
fn results_supply(run: Robj, prompts: Robj, field: Robj, ids: Robj, sent: Robj) -> Robj {
    outcome(|| {
        let prompts = match prompts.is_null() {
            true => None,
            false => Some(prompts_of(&prompts, &field, &ids, &sent)?),
        };
        on_native(&run, "run", |run: &FileRun| {
            run.supply(prompts);
            Ok(().into())
        })
    })
}

fn prompts_of(prompts: &Robj, field: &Robj, ids: &Robj, sent: &Robj) -> Result<Vec<Prompt>> {
    let field = one_text(field).unwrap_or_default();
    let ids: Vec<Robj> = ids.as_list().unwrap_or_default().values().collect();
    let sent = jsons_of(sent, &field)?;
    let parse = |json: &str, id| {
        Prompt::of_json(json, id)
            .map_err(|why| Error::argument(format!("A prompt cannot be sent: {why}.")))
    };
    let jsons = jsons_of(prompts, &field)?;
    let prompts = jsons.iter().enumerate().map(|(index, json)| {
        let id = ids
            .get(index)
            .map(|id| json_of_field("id", id))
            .transpose()?;
        let prompt = parse(json, id)?;
        match sent.get(index) {
            Some(json) => Ok(prompt.sent_as(parse(json, None)?)),
            None => Ok(prompt),
        }
    });
    Ok(prompts.collect::<std::result::Result<_, Error>>()?)
}

/// The JSON of each prompt.
fn jsons_of(prompts: &Robj, field: &str) -> std::result::Result<Vec<String>, Error> {
    if let Some(texts) = strings(prompts) {
        let json_of = match prompts.inherits("json") {
            true => Option::unwrap_or_default,
            false => json_of_text,
        };
        return Ok(texts.into_iter().map(json_of).collect());
    }
    let values = prompts.as_list().unwrap_or_default();
    let jsons = values.values().map(|value| match value.is_null() {
        true => Ok("null".to_owned()),
        false => json_of_field(field, &value),
    });
    jsons.collect()
}

fn json_of_text(text: Option<String>) -> String {
    text.map_or("null".to_owned(), |text| {
        serde_json::Value::from(text).to_string()
    })
}

/// Parses prompts in lines of JSON, a character vector whose first line has the number `first`.
/// Returns `list(prompts = , json = , ids = , wrong = )`: prompts, their JSON and ids as for
/// `results_supply()` up to the first invalid line, and why that line is invalid, or NULL.
#[extendr]
fn prompts_read(lines: Robj, first: f64) -> Robj {
    outcome(|| {
        let mut prompts = Vec::new();
        let mut jsons = Vec::new();
        let mut ids = Vec::new();
        let mut wrong: Option<String> = None;
        for (index, line) in strings(&lines).unwrap_or_default().into_iter().enumerate() {
            match Prompt::of_line(line.unwrap_or_default().as_bytes()) {
                Ok(None) => {}
                Ok(Some(prompt)) => {
                    let (json, id) = prompt.into_json();
                    prompts.push(value_of(json.clone())?);
                    jsons.push(json);
                    ids.push(or_null(id.map(value_of).transpose()?));
                }
                Err(why) => {
                    let number = first as u64 + index as u64;
                    wrong = Some(format!("Line {number} is not a prompt: {why}."));
                    break;
                }
            }
        }
        let (prompts, ids) = (List::from_values(prompts), List::from_values(ids));
        Ok(list!(
            prompts = prompts,
            json = jsons,
            ids = ids,
            wrong = or_null(wrong)
        )
        .into())
    })
}

/// The R value of a JSON text, with arrays and objects as lists.
fn value_of(json: String) -> std::result::Result<Robj, Error> {
    let document = Document::parse(json);
    let document = document.map_err(|error| Error::argument(error.to_string()))?;
    build(&plan_plain(document.root()))
}

/// The progress of a run, once it needs prompts or has ended, or after `timeout` seconds:
/// `list(prompts_needed = , answered = , failed = , blocked_seconds = , failure = , end = )`, with
/// the first failure as `list(index = , error = )`, and `blocked_seconds` and `end` as in
/// `parallel_take()`.
#[extendr]
fn results_take(run: Robj, timeout: f64) -> Robj {
    outcome(|| on_native(&run, "run", |run| take(run, timeout)))
}

fn take(run: &FileRun, timeout: f64) -> Result<Robj> {
    let Taken { items, end } =
        take_within(&Trace::default(), None, timeout, |slice| run.take(slice))?;
    let counts = run.counts();
    let failure = run.failure().map(|(index, error)| -> Robj {
        list!(index = index as f64, error = error_record(&error)).into()
    });
    Ok(list!(
        prompts_needed = !items.is_empty(),
        answered = counts.answered as f64,
        failed = counts.failed as f64,
        blocked_seconds = run.blocked_seconds(),
        failure = or_null(failure),
        end = end_record(end.as_ref())
    )
    .into())
}

/// Runs `wake(number)` once on an event loop of later, when there is something to take.
#[extendr]
fn results_notify(run: Robj, number: f64, event_loop: i32) -> Robj {
    outcome(|| {
        on_native(&run, "run", |run: &FileRun| {
            run.wake_when_ready(waker(number, event_loop));
            Ok(().into())
        })
    })
}

/// Cancels the remaining requests of a run, and closes its file.
#[extendr]
fn results_cancel(run: Robj) -> Robj {
    outcome(|| {
        on_native(&run, "run", |run: &FileRun| {
            run.cancel()?;
            Ok(().into())
        })
    })
}

/// Reads up to `most` lines of the results file `file` from `position` on: `list(path = , index = ,
/// ids = , outcomes = , position = )`. `path` is the path of the requests, if the position is 0.
/// Each of `ids` is NULL if there is none. Each outcome is NULL if the prompt was missing,
/// otherwise as in `parallel_take()`, with values in the form `answer`. `position` is where the
/// next line starts.
#[extendr]
fn results_read(file: Robj, position: f64, most: f64, answer: Robj) -> Robj {
    outcome(|| {
        let shown = one_text(&file).unwrap_or_default();
        let refused = |why: String| {
            Failure::from(Error::argument(format!(
                "The results file \"{shown}\" cannot be used: {why}."
            )))
        };
        let location = path(&file).unwrap_or_else(|| shown.as_str().into());
        let opened = File::open(location)
            .map_err(|error| refused(format!("it cannot be opened: {error}")))?;
        let form = Form::named(&one_text(&answer).unwrap_or_default());
        read(opened, position as u64, most, form).map_err(|failure| match failure {
            Failure::Error(error) => refused(error.message),
            other => other,
        })
    })
}

fn read(file: File, position: u64, most: f64, form: Form) -> Result<Robj> {
    let mut reader = ResultsReader::new(file, position)?;
    let path = (position == 0).then(|| reader.path()).transpose()?;
    let mut indexes = Vec::new();
    let mut ids: Vec<Robj> = Vec::new();
    let mut outcomes: Vec<Robj> = Vec::new();
    while (indexes.len() as f64) < most {
        let Some(line) = reader.next_line()? else {
            break;
        };
        indexes.push(line.index as f64);
        let id = line.id.as_ref().map(|id| build(&plan_plain(id.root())));
        ids.push(or_null(id.transpose()?));
        outcomes.push(result(line, form)?);
    }
    Ok(list!(
        path = or_null(path),
        index = indexes,
        ids = List::from_values(ids),
        outcomes = List::from_values(outcomes),
        position = reader.position() as f64
    )
    .into())
}

fn result(line: ResultLine, form: Form) -> Result<Robj> {
    let content = line.content;
    if !line.is_answer {
        let record = build(&plan_plain(content.root()))?;
        return Ok(list!(error = record).into());
    }
    if matches!(content.root(), Node::Null) {
        return Ok(().into());
    }
    Ok(list!(ok = received(Content::Json(content), form).into_r()?).into())
}

extendr_module! {
    mod results;
    fn results_start;
    fn results_supply;
    fn prompts_read;
    fn results_take;
    fn results_notify;
    fn results_cancel;
    fn results_read;
}
