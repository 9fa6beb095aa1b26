//! Runs of many requests: starts them and takes their results.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::parallel::{
    forecast, stored_answers, Forecast, Item, Journal, Outcome, Run, Settings, Template,
};
use openaistream_core::stream::Taken;
use openaistream_core::{Answer, Body, CallOptions, Effort, Error, LogLevel, Trace, Transports};

use crate::call_record::unix_seconds;
use crate::journal_file::open_journal;
use crate::notify::waker;
use crate::outcome::{end_record, outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::request::{fields_of, json_of};
use crate::runtime::engine;
use crate::send::{received, Form, Received};
use crate::template::template;
use crate::values::{element, number, one_text, path};
use crate::wait::{print, take_within};

type Result<T> = std::result::Result<T, Failure>;
type Answers = Run<Received>;

/// Starts a run (see `R/parallel.R`): `list(templates = , template = , bodies = )` with requests
/// without bodies, and for each request the number of its template, counted from 1, and its body.
/// Answers are JSON. `ask_again` has the numbers of requests to send even if the journal contains
/// their answers. For a part of a run, `occurrences` is the number of each request among equal
/// ones, and `debt` is the number of seconds for which earlier parts have used up the limits.
#[extendr]
fn parallel_start(run: List) -> Robj {
    outcome(|| start(&run))
}

fn start(list: &List) -> Result<Robj> {
    let (handle, transports) = engine()?;
    let items = items(list, &transports)?;
    let settings = Settings {
        journal: journal(list)?,
        ..settings(list)?
    };
    begin(&items);
    external_pointer(Run::start(&handle, items, settings, reading(list)))
}

/// Starts the call to which all of these requests belong.
pub fn begin(items: &[Item]) {
    if let Some(item) = items.first() {
        item.template.request.begin();
    }
}

/// The settings of a run, without its journal.
pub fn settings(list: &List) -> Result<Settings> {
    let optional = |name| -> Result<Option<f64>> {
        let is_given = !element(list, name).is_null();
        Ok(is_given.then_some(number(list, name, 0.0)?))
    };
    Ok(Settings {
        max_active: number(list, "max_active", 1.0)? as usize,
        requests_per_minute: optional("rpm")?,
        tokens_per_minute: optional("tpm")?,
        debt: number(list, "debt", 0.0)?,
        max_wait: number(list, "max_wait", CallOptions::MAX_WAIT)?,
        stops_at_failure: element(list, "stops_at_failure").as_bool() == Some(true),
        max_cost: optional("max_cost")?,
        spent: optional("spent")?.unwrap_or(0.0),
        journal: None,
        log: LogLevel::from_environment(),
    })
}

/// The answers in the journal of a run that has not been started: `list(value = , replaced = )` or
/// NULL for each request.
#[extendr]
fn parallel_stored(run: List) -> Robj {
    outcome(|| read_stored(&run))
}

fn read_stored(list: &List) -> Result<Robj> {
    let (_, transports) = engine()?;
    let items = items(list, &transports)?;
    let Some(journal) = journal(list)? else {
        return Ok(().into());
    };
    let answers = stored_answers(items, &journal, reading(list))?.into_iter();
    let answers = answers.map(|answer| answer.map_or(Ok(().into()), Received::into_r));
    Ok(List::from_values(answers.collect::<Result<Vec<Robj>>>()?).into())
}

/// Estimates the tokens of a run that has not been started: `list(input = , output = )`, numbers
/// for each request. Both are NA if the journal contains the answer, and `output` is NA if the
/// request does not limit it.
#[extendr]
fn parallel_forecast(run: List) -> Robj {
    outcome(|| {
        let (_, transports) = engine()?;
        let items = items(&run, &transports)?;
        let forecasts = forecast(items, journal(&run)?.as_ref());
        let numbers = |of: fn(&Forecast) -> Option<f64>| -> Vec<Option<f64>> {
            let forecasts = forecasts.iter();
            forecasts.map(|it| it.as_ref().and_then(of)).collect()
        };
        let input = numbers(|it| Some(it.input));
        Ok(list!(input = input, output = numbers(|it| it.output)).into())
    })
}

/// The function that converts answers to values.
pub fn reading(list: &List) -> impl Fn(Answer) -> std::result::Result<Received, Error> {
    let form = one_text(&element(list, "answer"));
    let form = form.map_or(Form::Simplified, |answer| Form::named(&answer));
    move |answer| Ok(received(answer.content, form))
}

pub fn journal(list: &List) -> Result<Option<Journal>> {
    let journal = element(list, "journal");
    let journal = path(&journal).zip(one_text(&journal));
    let journal = journal.map(|(path, shown)| open_journal(&path, &shown));
    Ok(journal.transpose()?)
}

pub fn items(list: &List, transports: &Transports) -> Result<Vec<Item>> {
    let record = Arc::default();
    let read = |value: Robj| -> Result<Arc<Template>> {
        let mut template = template(&value.as_list().unwrap_or_default(), transports)?;
        template.request.recorded_in(&record);
        Ok(Arc::new(template))
    };
    let templates = element(list, "templates").as_list().unwrap_or_default();
    let templates = templates.values().map(read);
    let templates = templates.collect::<Result<Vec<_>>>()?;
    let template_of = element(list, "template");
    let template_of = template_of.as_integer_slice().unwrap_or_default();
    let ask_again = element(list, "ask_again");
    let ask_again = ask_again.as_integer_slice().unwrap_or_default();
    let ask_again: HashSet<i32> = ask_again.iter().copied().collect();
    let occurrences = element(list, "occurrences");
    let occurrences = occurrences.as_integer_slice().unwrap_or_default();
    let bodies = element(list, "bodies").as_list().unwrap_or_default();
    let numbers = element(list, "numbers");
    let items = template_of.iter().zip(bodies.values()).enumerate();
    let items = items.map(|(index, (template, body))| {
        let named = |error| of_request(&numbers, index, &error);
        Ok(Item {
            template: Arc::clone(&templates[*template as usize - 1]),
            ask_again: ask_again.contains(&(index as i32 + 1)),
            occurrence: occurrences.get(index).map(|occurrence| *occurrence as u64),
            body: body_of(&body).map_err(named)?,
        })
    });
    items.collect()
}

/// The error of a request's body, with the number by which R names the request.
pub fn of_request(numbers: &Robj, index: usize, error: &Error) -> Error {
    let numbers = numbers.as_integer_slice().unwrap_or_default();
    let number = numbers.get(index).map_or(index + 1, |it| *it as usize);
    Error::argument(format!("Request {number}: {}", error.message))
}

/// The body of a request: a form if R marked it as such, otherwise JSON.
fn body_of(body: &Robj) -> std::result::Result<Body, Error> {
    Ok(if body.is_null() {
        Body::Empty
    } else if body.inherits("request_form") {
        Body::Form(fields_of(body)?)
    } else {
        Body::Json(json_of(body)?.into())
    })
}

/// How long to collect further results after the first.
const GATHERING: Duration = Duration::from_millis(2);

/// Takes the results of requests; waits for the first one, for at most `timeout` seconds if that is
/// finite. Returns `list(index = , outcomes = , attempts = , seconds = , began = ,
/// blocked_seconds = , debt = , end = )`. `index` counts from 1. Each outcome is
/// `list(ok = list(value = , replaced = ))` or `list(error = )`. `attempts` is the number of
/// attempts of each request and `seconds` their duration, NA if it was not sent; `began` is when it
/// was sent first, in seconds since 1970-01-01. `blocked_seconds` is the number of seconds for which
/// the server blocks requests, and `debt` the number of seconds for which the limits are used up.
/// `end` is NULL, `"complete"`, or the record of the error that ended the run.
#[extendr]
fn parallel_take(run: Robj, timeout: f64) -> Robj {
    outcome(|| on_native(&run, "run", |run| take(run, timeout)))
}

fn take(run: &Answers, timeout: f64) -> Result<Robj> {
    let Taken { mut items, mut end } =
        take_within(&Trace::default(), None, timeout, |slice| run.take(slice))?;
    // When waiting anyway, wait slightly longer for further results, because each call costs R more
    // than a result.
    if timeout > 0.0 && !items.is_empty() && end.is_none() {
        thread::sleep(GATHERING);
        let more = run.take(Duration::ZERO);
        items.extend(more.items);
        end = more.end;
    }
    let index: Vec<i32> = items.iter().map(|item| item.index as i32 + 1).collect();
    let efforts: Vec<Effort> = items.iter().map(|item| item.trace.effort()).collect();
    let attempts: Vec<i32> = efforts.iter().map(|it| it.attempts as i32).collect();
    let seconds = efforts
        .iter()
        .map(|it| (it.attempts > 0).then_some(it.seconds));
    let seconds: Vec<Option<f64>> = seconds.collect();
    let began = efforts.iter().map(|it| it.began.map(unix_seconds));
    let began: Vec<Option<f64>> = began.collect();
    let outcomes: Vec<Robj> = items.into_iter().map(finished).collect();
    Ok(list!(
        index = index,
        outcomes = List::from_values(outcomes),
        attempts = attempts,
        seconds = seconds,
        began = began,
        blocked_seconds = run.blocked_seconds(),
        debt = run.debt(),
        end = end_record(end.as_ref())
    )
    .into())
}

fn finished(item: Outcome<Received>) -> Robj {
    print(&item.trace);
    outcome(|| {
        item.result
            .map_err(Failure::from)
            .and_then(Received::into_r)
    })
}

/// Runs `wake(number)` once on an event loop of later, when there is something to take.
#[extendr]
fn parallel_notify(run: Robj, number: f64, event_loop: i32) -> Robj {
    outcome(|| {
        on_native(&run, "run", |run: &Answers| {
            run.wake_when_ready(waker(number, event_loop));
            Ok(().into())
        })
    })
}

/// Cancels the remaining requests of a run. Finished results can still be taken, followed by the
/// end.
#[extendr]
fn parallel_cancel(run: Robj) -> Robj {
    outcome(|| {
        on_native(&run, "run", |run: &Answers| {
            run.cancel();
            Ok(().into())
        })
    })
}

extendr_module! {
    mod parallel;
    fn parallel_start;
    fn parallel_stored;
    fn parallel_forecast;
    fn parallel_take;
    fn parallel_notify;
    fn parallel_cancel;
}
