//! The answer received so far from a stream.

use std::collections::HashMap;
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::json::Document;
use openaistream_core::stream::{EventKind, EventStream};
use openaistream_core::Error;

use super::{on_stream, Kind, Result};
use crate::json_to_r::{build, plan, plan_plain, Plan};
use crate::outcome::{or_null, outcome};
use crate::send::plan_message;
use crate::values::{r_string, r_text};

/// The answer as returned by the call without streaming: `list(value = , replaced = )`. The value
/// is NULL if there is nothing yet.
#[extendr]
fn stream_answer(stream: Robj) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let (value, replaced): (Robj, bool) = match stream {
                Kind::Events(kind, stream) => {
                    let answer = stream.answer();
                    let value = match answer.bytes() {
                        Some(bytes) => Raw::from_bytes(bytes).into(),
                        None => {
                            let document = answer.document();
                            document.map_or(Ok(().into()), |it| build(&plan_answer(*kind, it)))?
                        }
                    };
                    (value, answer.has_replacements())
                }
                Kind::Bytes(stream) => (Raw::from_bytes(&stream.bytes()).into(), false),
            };
            Ok(list!(value = value, replaced = replaced).into())
        })
    })
}

/// Items of a response are kept unchanged, because they may be sent again.
fn plan_answer(kind: EventKind, document: Document) -> Plan {
    match kind {
        EventKind::Response => plan_plain(document.root()),
        _ => plan(document),
    }
}

/// The message of the first choice with arrays and objects as lists, to be sent back; NULL if there
/// is none.
#[extendr]
fn stream_message(stream: Robj) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let document = events_of(stream)?.answer().document();
            let message = document.as_ref().and_then(plan_message);
            Ok(message.map_or(Ok(().into()), |message| build(&message))?)
        })
    })
}

/// The text of a choice, counted from 1; NULL if the choice has not appeared yet.
#[extendr]
fn stream_text(stream: Robj, choice: f64) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let answer = events_of(stream)?.answer();
            let text = answer.text(choice as i64 - 1);
            Ok(text.map_or_else(|| ().into(), |text| r_string(&text)))
        })
    })
}

/// The reasoning received so far for a choice, counted from 1.
#[extendr]
fn stream_reasoning(stream: Robj, choice: f64) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let answer = events_of(stream)?.answer();
            Ok(r_string(&answer.reasoning(choice as i64 - 1)))
        })
    })
}

/// The tool calls of a choice, counted from 1; NULL if there are none yet.
#[extendr]
fn stream_tool_calls(stream: Robj, choice: f64) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let calls = events_of(stream)?.answer().tool_calls(choice as i64 - 1);
            Ok(calls.map_or(Ok(().into()), |calls| build(&plan(calls)))?)
        })
    })
}

/// The texts in order of arrival: `list(time = , choice = , text = )`, vectors of the same length,
/// with times in seconds since the stream was opened.
#[extendr]
fn stream_pieces(stream: Robj) -> Robj {
    outcome(|| {
        on_stream(&stream, |stream| {
            let stream = events_of(stream)?;
            let answer = stream.answer();
            let mut read = HashMap::new();
            let pieces = answer.pieces();
            let texts = pieces.iter().map(|piece| {
                let (text, start) = read.entry(piece.choice).or_insert_with(|| {
                    let text = answer.text(i64::from(piece.choice));
                    (text.unwrap_or_default(), 0)
                });
                let range = *start..*start + piece.bytes;
                *start = range.end;
                r_text(text.get(range).unwrap_or_default())
            });
            let times = pieces.iter().map(|piece| f64::from(piece.seconds));
            let choices = pieces.iter().map(|piece| piece.choice as i32 + 1);
            Ok(list!(
                time = times.collect::<Vec<f64>>(),
                choice = choices.collect::<Vec<i32>>(),
                text = texts.collect::<Vec<String>>()
            )
            .into())
        })
    })
}

/// A summary of a stream: `list(request_id = , first_byte = , first_token = , ended = )`. Event
/// streams also have `model`, `usage`, `events`, `pieces` and `characters` (the numbers taken so
/// far). Streams of responses also have `response_id` and the `sequence_number` of the last event
/// taken. Unknown elements are NULL. Times are in seconds since the stream was opened.
#[extendr]
fn stream_summary(stream: Robj) -> Robj {
    outcome(|| on_stream(&stream, summary))
}

fn summary(stream: &Kind) -> Result<Robj> {
    let text = |text: Option<&str>| text.map_or_else(|| ().into(), r_string);
    let seen = stream.observations();
    let seconds = |time: Option<Duration>| or_null(time.map(|time| time.as_secs_f64()));
    let mut fields: Vec<(&str, Robj)> = vec![
        ("request_id", text(seen.request_id.as_deref())),
        ("first_byte", seconds(seen.first_byte)),
        ("first_token", seconds(seen.first_token)),
        ("ended", seconds(seen.ended)),
    ];
    if let Ok(stream) = events_of(stream) {
        let answer = stream.answer();
        let usage = answer.usage();
        let usage = usage.map_or(Ok(().into()), |usage| build(&plan(usage)));
        let number = answer.sequence_number().map(|number| number as f64);
        let characters = answer.text(0).map_or(0, |text| text.chars().count());
        fields.extend([
            ("model", text(answer.model())),
            ("usage", usage?),
            ("events", (answer.events() as f64).into()),
            ("pieces", (answer.pieces().len() as f64).into()),
            ("characters", (characters as f64).into()),
            ("response_id", text(answer.response_id())),
            ("sequence_number", or_null(number)),
        ]);
    }
    Ok(List::from_pairs(fields).into())
}

fn events_of(stream: &Kind) -> std::result::Result<&EventStream, Error> {
    match stream {
        Kind::Events(_, stream) => Ok(stream),
        Kind::Bytes(_) => Err(Error::argument(
            "A stream of speech has no text: `$message()` returns its bytes.",
        )),
    }
}

extendr_module! {
    mod answer;
    fn stream_answer;
    fn stream_message;
    fn stream_text;
    fn stream_reasoning;
    fn stream_tool_calls;
    fn stream_pieces;
    fn stream_summary;
}
