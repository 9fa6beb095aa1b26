//! Plain calls: one request, one answer, one R value.

use std::sync::mpsc::{channel, RecvTimeoutError};

use extendr_api::prelude::*;
use openaistream_core::json::Document;
use openaistream_core::{send, Answer, Error};

use crate::json_to_r::{build, plan, Plan};
use crate::outcome::{outcome, Failure};
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

/// Sends `request` (see `R/base_api.R`) and waits for its answer.
#[extendr]
fn request_send(request: List) -> Robj {
    outcome(run(&request))
}

fn run(request: &List) -> std::result::Result<Robj, Failure> {
    let expected = text(request, "answer")?;
    let (handle, transports) = engine()?;
    let Prepared {
        request,
        transport,
        trace,
    } = prepare(request, &transports)?;
    let (sender, receiver) = channel();
    let task_trace = trace.clone();
    let task = handle.spawn(async move {
        let answer = send(&transport, &request, &task_trace).await;
        // Nobody listens any more when the user interrupted.
        let _ = sender.send(answer.and_then(|answer| read(answer, &expected)));
    });
    let received = wait(&trace, |slice| match receiver.recv_timeout(slice) {
        Ok(content) => Some(content),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Err(Error::argument(
            "The call ended without a result. This is an error of openaistream; please report it.",
        ))),
    });
    if received.is_err() {
        task.abort();
        trace.cancelled();
        print(&trace);
    }
    to_r(received??)
}

/// Makes of the answer what the call returns; off R's thread, for answers can be large.
fn read(answer: Answer, expected: &str) -> std::result::Result<Content, Error> {
    match expected {
        "raw" => Ok(Content::Raw(answer.body.into())),
        "text" => Ok(Content::Text(
            String::from_utf8_lossy(&answer.body).into_owned(),
        )),
        _ if answer.body.is_empty() && answer.status == 204 => Ok(Content::Nothing),
        _ => match Document::parse(answer.body.clone()) {
            Ok(document) => Ok(Content::Json(plan(&document))),
            Err(error) => Err(answer.unreadable("JSON", &error.to_string())),
        },
    }
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
}
