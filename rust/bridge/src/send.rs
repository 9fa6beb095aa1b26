//! Calls without streaming: one request, one response, one R value.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::json::Document;
use openaistream_core::stream::Wake;
use openaistream_core::{
    download, send, send_for_pages, CallRecord, Content, Cursor, Error, Request, Trace, Transport,
};
use tokio::task::AbortHandle;

use crate::embeddings::{Inputs, Matrix};
use crate::json_to_r::{build, plan, plan_plain, Plan};
use crate::notify::{waker, WakeAtEnd};
use crate::outcome::{outcome, Failure};
use crate::owned::{external_pointer, on_native};
use crate::progress::Display;
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{element, number, path, r_string, text};
use crate::wait::{print, wait};

/// How a response is converted to an R value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON as with `jsonlite::fromJSON()`, other content as it is.
    Simplified,
    /// Like `Simplified`, with objects and arrays as lists.
    Lists,
    /// Like `Simplified`, with bytes as text.
    Text,
    /// Like `Simplified`, with JSON as text.
    Source,
}

impl Form {
    /// The form named by the element `answer` of a request.
    pub fn named(answer: &str) -> Form {
        match answer {
            "items" => Form::Lists,
            "text" => Form::Text,
            "source" => Form::Source,
            _ => Form::Simplified,
        }
    }
}

/// Where the response of a call goes.
enum Target {
    /// To R.
    R {
        form: Form,
        keeps_message: bool,
        pages: Option<Pages>,
    },
    /// To the file with this path.
    File(PathBuf),
    /// To a matrix of the responses to several requests.
    Matrix(Inputs),
}

/// How many pages of a list to fetch, and how a page refers to the next one.
struct Pages {
    cursor: Cursor,
    most: u64,
}

impl Pages {
    fn read(list: &List) -> std::result::Result<Option<Pages>, Error> {
        let pages = element(list, "pages");
        if pages.is_null() {
            return Ok(None);
        }
        let pages = pages.as_list().unwrap_or_default();
        let cursor = text(&pages, "cursor")?;
        let cursor = Cursor::named(&cursor)
            .ok_or_else(|| Error::argument(format!("\"{cursor}\" is not a cursor of lists.")))?;
        let most = number(&pages, "most", 1.0)? as u64;
        Ok(Some(Pages { cursor, most }))
    }
}

impl Target {
    fn read(list: &List) -> std::result::Result<Target, Error> {
        if let Some(inputs) = Inputs::read(&element(list, "inputs"))? {
            return Ok(Target::Matrix(inputs));
        }
        if let Some(path) = path(&element(list, "file")) {
            return Ok(Target::File(path));
        }
        Ok(Target::R {
            form: Form::named(&text(list, "answer")?),
            pages: Pages::read(list)?,
            keeps_message: element(list, "keeps_message").as_bool() == Some(true),
        })
    }
}

/// A response, ready to become an R value.
enum Value {
    Json(Plan),
    Text(String),
    Raw(Vec<u8>),
    Matrix(Matrix),
    Nothing,
}

/// The value of a call, and whether text that R cannot store was replaced by U+FFFD.
pub struct Received {
    value: Value,
    replaced: bool,
    /// The unchanged message of the first choice, if it will be sent back.
    message: Option<Plan>,
}

impl Received {
    /// `list(value = , replaced = , message = )`; the message has arrays and objects as lists, and
    /// is NULL if it is not needed.
    pub fn into_r(self) -> std::result::Result<Robj, Failure> {
        let message = self.message.as_ref().map(build).transpose()?;
        let message = message.unwrap_or_else(|| ().into());
        let value = to_r(self.value)?;
        Ok(list!(value = value, replaced = self.replaced, message = message).into())
    }
}

/// The message of the first choice of a chat, with arrays and objects as lists.
pub fn plan_message(answer: &Document) -> Option<Plan> {
    let choices = answer.root().get("choices")?.as_array()?;
    let message = choices.iter().next()?.get("message")?;
    message.as_object().map(|_| plan_plain(message))
}

/// A call that waits for its response.
struct Pending {
    answer: Receiver<std::result::Result<Received, Error>>,
    task: AbortHandle,
    trace: Arc<Trace>,
    record: Arc<CallRecord>,
}

/// Sends `request` (see `R/base_api.R`) and waits for its response: `list(value = , replaced = )`.
#[extendr]
fn request_send(request: List) -> Robj {
    let started = start(&request, None);
    outcome(|| started.and_then(|(pending, mut display)| finish(&pending, display.as_mut())))
}

/// Sends `request` and returns immediately. When the response has arrived, `wake(number)` runs once
/// on an event loop of later.
#[extendr]
fn request_start(request: List, number: f64, event_loop: i32) -> Robj {
    let started = start(&request, Some(waker(number, event_loop)));
    outcome(|| started.and_then(|(pending, _)| external_pointer(pending)))
}

/// The response of a call that was started, as in `request_send`.
#[extendr]
fn request_finish(pending: Robj) -> Robj {
    outcome(|| on_native(&pending, "call", |pending| finish(pending, None)))
}

fn start(
    list: &List,
    wake: Option<Wake>,
) -> std::result::Result<(Pending, Option<Display>), Failure> {
    let target = Target::read(list)?;
    let (handle, transports) = engine()?;
    let Prepared {
        mut request,
        transport,
        trace,
    } = prepare(list, &transports)?;
    request.begin();
    let record = Arc::clone(request.record());
    let display = Display::of(element(list, "progress"), &record);
    if let Some(display) = &display {
        display.count(&mut request);
    }
    let (sender, answer) = channel();
    let task_trace = trace.clone();
    let task = handle.spawn(async move {
        let _wake = wake.map(WakeAtEnd::new);
        let received = receive(target, &transport, &request, &task_trace).await;
        // Fails if the user interrupted the wait.
        let _ = sender.send(received);
    });
    let pending = Pending {
        answer,
        task: task.abort_handle(),
        trace,
        record,
    };
    Ok((pending, display))
}

fn finish(pending: &Pending, display: Option<&mut Display>) -> std::result::Result<Robj, Failure> {
    let trace = &pending.trace;
    let received = wait(trace, display, |slice| {
        match pending.answer.recv_timeout(slice) {
            Ok(content) => Some(content),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(Error::argument(
                "The call ended without a result. This is an error of openaistream; please report \
                 it.",
            ))),
        }
    });
    if received.is_err() {
        pending.task.abort();
        pending.record.cancelled();
        trace.cancelled();
        print(trace);
    }
    received??.into_r()
}

/// Sends the request and converts the response, not on R's thread, because responses can be large.
async fn receive(
    target: Target,
    transport: &Transport,
    request: &Request,
    trace: &Arc<Trace>,
) -> std::result::Result<Received, Error> {
    match target {
        Target::Matrix(inputs) => {
            let matrix = inputs.send(transport, request, trace).await?;
            Ok(Received {
                replaced: matrix.has_replacements(),
                value: Value::Matrix(matrix),
                message: None,
            })
        }
        Target::File(path) => {
            download(transport, request, trace, &path).await?;
            Ok(received(Content::Nothing, Form::Simplified))
        }
        Target::R {
            form,
            keeps_message,
            pages,
        } => {
            let answer = match pages {
                Some(Pages { cursor, most }) => {
                    send_for_pages(transport, request.clone(), trace, cursor, most).await?
                }
                None => send(transport, request, trace).await?,
            };
            let message = match &answer.content {
                Content::Json(document) if keeps_message => plan_message(document),
                _ => None,
            };
            Ok(Received {
                message,
                ..received(answer.content, form)
            })
        }
    }
}

/// Converts the content of a response.
pub fn received(content: Content, form: Form) -> Received {
    let (value, replaced) = match content {
        Content::Json(document) => {
            let replaced = document.has_replacements();
            let value = match form {
                Form::Lists => Value::Json(plan_plain(document.root())),
                Form::Simplified | Form::Text => Value::Json(plan(document)),
                Form::Source => Value::Text(document.source().to_owned()),
            };
            (value, replaced)
        }
        Content::Bytes(bytes) if form == Form::Text => {
            let text = String::from_utf8_lossy(&bytes);
            let replaced = matches!(text, Cow::Owned(_)) || text.contains('\0');
            (Value::Text(text.into_owned()), replaced)
        }
        Content::Bytes(bytes) => (Value::Raw(bytes.into()), false),
        Content::Text(text) => {
            let replaced = text.contains(['\0', '\u{FFFD}']);
            (Value::Text(text), replaced)
        }
        Content::Nothing => (Value::Nothing, false),
    };
    Received {
        value,
        replaced,
        message: None,
    }
}

fn to_r(value: Value) -> std::result::Result<Robj, Failure> {
    Ok(match value {
        Value::Json(plan) => build(&plan)?,
        Value::Text(text) => r_string(&text),
        Value::Raw(bytes) => Raw::from_bytes(&bytes).into(),
        Value::Matrix(matrix) => matrix.build()?,
        Value::Nothing => ().into(),
    })
}

extendr_module! {
    mod send;
    fn request_send;
    fn request_start;
    fn request_finish;
}
