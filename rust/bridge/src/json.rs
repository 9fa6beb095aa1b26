//! JSON texts inside of messages: the arguments and results of tools, structured answers.

use extendr_api::prelude::*;
use openaistream_core::json::{Document, LargeIntegers};
use openaistream_core::Error;

use crate::json_from_r;
use crate::json_to_r::{build, plan, plan_plain};
use crate::outcome::{outcome, Failure};
use crate::values::one_text;

/// The value of a JSON text, with arrays and objects as lists. Integers of which a double holds
/// only the nearest are strings of their digits.
#[extendr]
fn json_read(text: Robj) -> Robj {
    outcome(|| read(&text))
}

fn read(text: &Robj) -> std::result::Result<Robj, Failure> {
    let text = one_text(text).ok_or_else(|| Error::argument("JSON must be one string."))?;
    let document = Document::parse_with(text, LargeIntegers::Text);
    let document = document.map_err(|error| Error::response(error.to_string()))?;
    Ok(build(&plan_plain(document.root()))?)
}

/// The value of a JSON text as an answer with that text gives it.
#[extendr]
fn json_read_simplified(text: Robj) -> Robj {
    outcome(|| {
        let text = one_text(&text).ok_or_else(|| Error::argument("JSON must be one string."))?;
        let document = Document::parse(text);
        let document = document.map_err(|error| Error::response(error.to_string()))?;
        Ok(build(&plan(document))?)
    })
}

/// The JSON text of a value, for a model to read.
#[extendr]
fn json_write(value: Robj) -> Robj {
    // SAFETY: `value` is protected by its `Robj` for the whole call.
    outcome(|| written(json_from_r::text(unsafe { value.get() })))
}

/// The JSON text of the body of a request.
#[extendr]
fn json_write_body(body: Robj) -> Robj {
    // SAFETY: `body` is protected by its `Robj` for the whole call.
    outcome(|| written(json_from_r::body(unsafe { body.get() })))
}

fn written(
    written: std::result::Result<Vec<u8>, json_from_r::Refusal>,
) -> std::result::Result<Robj, Failure> {
    let written = written.map_err(|refusal| {
        let place = match refusal.path.as_str() {
            "" => String::new(),
            path => format!(" at `{path}`"),
        };
        Error::argument(format!("The value has no JSON{place}: {}.", refusal.what))
    })?;
    Ok(String::from_utf8_lossy(&written).as_ref().into())
}

extendr_module! {
    mod json;
    fn json_read;
    fn json_read_simplified;
    fn json_write;
    fn json_write_body;
}
