//! Plain calls: one request, one answer, one R value.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::json::{Document, LargeIntegers};
use openaistream_core::stream::Wake;
use openaistream_core::{download, send, Answer, Error, Request, Trace, Transport};
use tokio::task::AbortHandle;

use crate::embeddings::{Inputs, Matrix};
use crate::json_to_r::{build, plan, Plan};
use crate::notify::{waker, WakeAtEnd};
use crate::outcome::{outcome, Failure};
use crate::owned::{give, on_native};
use crate::progress::Display;
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{element, path, r_string, text};
use crate::wait::{print, wait};

/// What the answer of a call shall become.
enum Expected {
    Json,
    Text,
    Raw,
    /// The file with that path.
    File(PathBuf),
    /// One matrix of the answers to many requests.
    Matrix(Inputs),
}

impl Expected {
    fn read(list: &List) -> std::result::Result<Expected, Error> {
        if let Some(inputs) = Inputs::read(&element(list, "inputs"))? {
            return Ok(Expected::Matrix(inputs));
        }
        if let Some(path) = path(&element(list, "file")) {
            return Ok(Expected::File(path));
        }
        Ok(match text(list, "answer")?.as_str() {
            "raw" => Expected::Raw,
            "text" => Expected::Text,
            _ => Expected::Json,
        })
    }
}

/// An answer, ready to become an R value.
enum Content {
    Json(Plan),
    Text(String),
    Raw(Vec<u8>),
    Matrix(Matrix),
    Nothing,
}

/// What a call returns, and whether U+FFFD stands in it for what R cannot hold.
pub struct Received {
    content: Content,
    replaced: bool,
}

impl Received {
    /// `list(value = , replaced = )`.
    pub fn into_r(self) -> std::result::Result<Robj, Failure> {
        let value = to_r(self.content)?;
        Ok(list!(value = value, replaced = self.replaced).into())
    }
}

/// A call that was sent, whose answer is awaited.
struct Pending {
    answer: Receiver<std::result::Result<Received, Error>>,
    task: AbortHandle,
    trace: Arc<Trace>,
}

/// Sends `request` (see `R/base_api.R`) and waits for its answer: `list(value = , replaced = )`.
#[extendr]
fn request_send(request: List) -> Robj {
    let mut display = Display::of(&request);
    let started = start(&request, None, display.as_ref());
    outcome(|| started.and_then(|pending| finish(&pending, display.as_mut())))
}

/// Sends `request` and returns at once; when the answer is there `wake(number)` runs, once, on an
/// event loop of later.
#[extendr]
fn request_start(request: List, number: f64, event_loop: i32) -> Robj {
    let pending = start(&request, Some(waker(number, event_loop)), None);
    outcome(|| pending.and_then(give))
}

/// The answer of a call that was started, as `request_send` gives it.
#[extendr]
fn request_finish(pending: Robj) -> Robj {
    outcome(|| on_native(&pending, "call", |pending| finish(pending, None)))
}

fn start(
    list: &List,
    wake: Option<Wake>,
    display: Option<&Display>,
) -> std::result::Result<Pending, Failure> {
    let expected = Expected::read(list)?;
    let (handle, transports) = engine()?;
    let Prepared {
        mut request,
        transport,
        trace,
    } = prepare(list, &transports)?;
    if let Some(display) = display {
        request.counted_in(display.transfer());
    }
    let (sender, answer) = channel();
    let task_trace = trace.clone();
    let task = handle.spawn(async move {
        let _wake = wake.map(WakeAtEnd::new);
        let received = receive(expected, &transport, &request, &task_trace).await;
        // Nobody listens any more when the user interrupted.
        let _ = sender.send(received);
    });
    Ok(Pending {
        answer,
        task: task.abort_handle(),
        trace,
    })
}

fn finish(
    pending: &Pending,
    mut display: Option<&mut Display>,
) -> std::result::Result<Robj, Failure> {
    let trace = &pending.trace;
    let received = wait(trace, |slice| match pending.answer.recv_timeout(slice) {
        Ok(content) => Some(Ok(content)),
        Err(RecvTimeoutError::Timeout) => display.as_mut()?.draw().err().map(Err),
        Err(RecvTimeoutError::Disconnected) => Some(Ok(Err(Error::argument(
            "The call ended without a result. This is an error of openaistream; please report it.",
        )))),
    });
    let received = received.and_then(|received| received);
    if received.is_err() {
        pending.task.abort();
        trace.cancelled();
        print(trace);
    }
    received??.into_r()
}

/// Sends the request and makes of the answer what the call returns; off R's thread, for answers can
/// be large.
async fn receive(
    expected: Expected,
    transport: &Transport,
    request: &Request,
    trace: &Arc<Trace>,
) -> std::result::Result<Received, Error> {
    let mut replaced = false;
    let content = match expected {
        Expected::Matrix(inputs) => {
            let matrix = inputs.send(transport, request, trace).await?;
            replaced = matrix.has_replacements();
            Content::Matrix(matrix)
        }
        Expected::File(path) => {
            download(transport, request, trace, &path).await?;
            Content::Nothing
        }
        Expected::Raw => Content::Raw(send(transport, request, trace).await?.body.into()),
        Expected::Text => {
            let body = send(transport, request, trace).await?.body;
            let text = String::from_utf8_lossy(&body);
            replaced = matches!(text, Cow::Owned(_)) || text.contains('\0');
            Content::Text(text.into_owned())
        }
        Expected::Json => {
            let answer = send(transport, request, trace).await?;
            return read_json(answer, request.large_integers());
        }
    };
    Ok(Received { content, replaced })
}

/// Makes of an answer what calls return that expect JSON.
pub fn read_json(mut answer: Answer, large: LargeIntegers) -> std::result::Result<Received, Error> {
    if answer.body.is_empty() && answer.status == 204 {
        return Ok(Received {
            content: Content::Nothing,
            replaced: false,
        });
    }
    // Taken, because a body that someone else holds, too, would be copied.
    let body = std::mem::take(&mut answer.body);
    let document = Document::parse_with(body, large)
        .map_err(|error| answer.unreadable("JSON", &error.to_string()))?;
    Ok(Received {
        replaced: document.has_replacements(),
        content: Content::Json(plan(document)),
    })
}

fn to_r(content: Content) -> std::result::Result<Robj, Failure> {
    Ok(match content {
        Content::Json(plan) => build(&plan)?,
        Content::Text(text) => r_string(&text),
        Content::Raw(bytes) => Raw::from_bytes(&bytes).into(),
        Content::Matrix(matrix) => matrix.build()?,
        Content::Nothing => ().into(),
    })
}

extendr_module! {
    mod send;
    fn request_send;
    fn request_start;
    fn request_finish;
}
