//! Converts R values to JSON like `jsonlite::toJSON(x, auto_unbox = TRUE, digits = 22, null =
//! "null")`, with three differences: numbers are written so that they are read back exactly,
//! missing numbers are `null`, and API fields that are always arrays or objects are written as
//! such.
//!
//! A value that cannot be written is a `Refusal`, never an R error.

mod array;
mod class;
mod elements;
mod frame;
mod names;
mod refusal;
mod shape;
mod text;
mod write;

pub use refusal::Refusal;

use extendr_ffi::SEXP;
use openaistream_core::Keys;

use elements::NotFinite;
use write::Writer;

/// The JSON of a request body. The caller must protect the value.
pub fn body(value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Api, NotFinite::Refused).value(value, &mut out)?;
    Ok(out)
}

/// The JSON of one field of a request. The caller must protect the value.
pub fn field(name: &str, value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Api, NotFinite::Refused).field(name, value, &mut out)?;
    Ok(out)
}

/// The JSON of a value in which names are not fields of the API. The caller must protect the value.
pub fn text(value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Free, NotFinite::AsText).value(value, &mut out)?;
    Ok(out)
}
