//! R values to JSON, as `jsonlite::toJSON(x, auto_unbox = TRUE, digits = 22, null = "null")` gives
//! it, but for numbers, whose text reads back as the same number.
//!
//! A value without a form in JSON is refused, never raised as an R error.

mod array;
mod class;
mod elements;
mod frame;
mod names;
mod refusal;
mod text;
mod write;

pub use refusal::Refusal;

use extendr_ffi::SEXP;

/// The JSON of an R value that R protects.
pub fn from_r(value: SEXP) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    write::Writer::default().value(value, &mut out)?;
    Ok(out)
}
