//! JSON in messages: arguments and results of tools, and structured answers.

use extendr_api::prelude::*;
use openaistream_core::json::{Document, LargeIntegers};
use openaistream_core::Error;

use crate::json_from_r;
use crate::json_to_r::{build, plan, plan_plain};
use crate::outcome::{outcome, Failure};
use crate::values::one_text;

/// Parses JSON, with arrays and objects as lists. Integers that a double cannot represent exactly
/// become strings.
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

/// Parses JSON like a response.
#[extendr]
fn json_read_simplified(text: Robj) -> Robj {
    outcome(|| {
        let text = one_text(&text).ok_or_else(|| Error::argument("JSON must be one string."))?;
        let document = Document::parse(text);
        let document = document.map_err(|error| Error::response(error.to_string()))?;
        Ok(build(&plan(document))?)
    })
}

/// Converts a value to JSON for a model.
#[extendr]
fn json_write(value: Robj) -> Robj {
    // SAFETY: the `Robj` protects `value` during the call.
    outcome(|| written(json_from_r::text(unsafe { value.get() })))
}

/// Converts a request body to JSON.
#[extendr]
fn json_write_body(body: Robj) -> Robj {
    // SAFETY: the `Robj` protects `value` during the call.
    outcome(|| written(json_from_r::body(unsafe { body.get() })))
}

fn written(
    written: std::result::Result<Vec<u8>, json_from_r::Refusal>,
) -> std::result::Result<Robj, Failure> {
    let written = written.map_err(|refusal| {
        let location = match refusal.path.as_str() {
            "" => String::new(),
            path => format!(" at `{path}`"),
        };
        Error::argument(format!(
            "The value cannot be written as JSON{location}: {}.",
            refusal.what
        ))
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
