//! R values to JSON, as `jsonlite::toJSON(x, auto_unbox = TRUE, digits = 22, null = "null")` gives
//! it, but for numbers, whose text reads back as the same number; for those that are missing, which
//! are `null`; and for the fields of the API that are always arrays or always objects.
//!
//! A value without a form in JSON is refused, never raised as an R error.

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

/// The JSON of the body of a request; R protects the value.
pub fn body(value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Api, NotFinite::Refused).value(value, &mut out)?;
    Ok(out)
}

/// The JSON of one field of a request; R protects the value.
pub fn field(name: &str, value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Api, NotFinite::Refused).field(name, value, &mut out)?;
    Ok(out)
}

/// The JSON of a value that means nothing to the API, as a text; R protects the value.
pub fn text(value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    Writer::new(Keys::Free, NotFinite::AsText).value(value, &mut out)?;
    Ok(out)
}
