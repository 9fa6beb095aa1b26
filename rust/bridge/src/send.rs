//! Plain calls: one request, one answer, one R value.

use std::borrow::Cow;
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::Arc;

use extendr_api::prelude::*;
use openaistream_core::json::{Document, LargeIntegers};
use openaistream_core::stream::Wake;
use openaistream_core::{send, Answer, Error, Trace};
use tokio::task::AbortHandle;

use crate::json_to_r::{build, plan, Plan};
use crate::notify::{waker, WakeAtEnd};
use crate::outcome::{outcome, Failure};
use crate::owned::{on_native, Native, Owned};
use crate::progress::Display;
use crate::request::{prepare, Prepared};
use crate::runtime::engine;
use crate::values::{r_text, text};
use crate::wait::{print, wait};

/// An answer, ready to become an R value.
enum Content {
    Json(Plan),
    Text(String),
    Raw(Vec<u8>),
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
    outcome(started.and_then(|pending| finish(&pending, display.as_mut())))
}

/// Sends `request` and returns at once; when the answer is there `wake(number)` runs, once, on an
/// event loop of later.
#[extendr]
fn request_start(request: List, number: f64, event_loop: i32) -> Robj {
    let pending = start(&request, Some(waker(number, event_loop)), None);
    outcome(pending.map(|pending| Native::new(Owned::new(pending)).into()))
}

/// The answer of a call that was started, as `request_send` gives it.
#[extendr]
fn request_finish(pending: Robj) -> Robj {
    outcome(on_native(&pending, "call", |pending| finish(pending, None)))
}

fn start(
    list: &List,
    wake: Option<Wake>,
    display: Option<&Display>,
) -> std::result::Result<Pending, Failure> {
    let expected = text(list, "answer")?;
    let (handle, transports) = engine()?;
    let Prepared {
        mut request,
        transport,
        trace,
    } = prepare(list, &transports)?;
    if let Some(display) = display {
        request.counted_in(display.transfer());
    }
    let large = request.large_integers();
    let (sender, answer) = channel();
    let task_trace = trace.clone();
    let task = handle.spawn(async move {
        let _wake = wake.map(WakeAtEnd::new);
        let answer = send(&transport, &request, &task_trace).await;
        // Nobody listens any more when the user interrupted.
        let _ = sender.send(answer.and_then(|answer| read(answer, &expected, large)));
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

/// Makes of the answer what the call returns; off R's thread, for answers can be large.
pub fn read(
    answer: Answer,
    expected: &str,
    large: LargeIntegers,
) -> std::result::Result<Received, Error> {
    let mut replaced = false;
    let content = match expected {
        "raw" => Content::Raw(answer.body.into()),
        "text" => {
            let text = String::from_utf8_lossy(&answer.body);
            replaced = matches!(text, Cow::Owned(_)) || text.contains('\0');
            Content::Text(text.into_owned())
        }
        _ if answer.body.is_empty() && answer.status == 204 => Content::Nothing,
        _ => match Document::parse_with(answer.body.clone(), large) {
            Ok(document) => {
                replaced = document.has_replacements();
                Content::Json(plan(&document))
            }
            Err(error) => return Err(answer.unreadable("JSON", &error.to_string())),
        },
    };
    Ok(Received { content, replaced })
}

fn to_r(content: Content) -> std::result::Result<Robj, Failure> {
    Ok(match content {
        Content::Json(plan) => build(&plan)?,
        Content::Text(text) => r_text(&text).into(),
        Content::Raw(bytes) => Raw::from_bytes(&bytes).into(),
        Content::Nothing => ().into(),
    })
}

extendr_module! {
    mod send;
    fn request_send;
    fn request_start;
    fn request_finish;
}
