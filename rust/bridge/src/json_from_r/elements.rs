//! The elements of atomic vectors.

use extendr_ffi::SEXP;

use super::refusal::Refusal;
use super::text::{write_base64, write_double, write_integer, write_string};
use crate::sexp::read::{self, Kept};

/// What becomes of an element that is missing, or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is written: `null` for text and logicals, a string such as `"NA"` for numbers.
    Written,
    /// Its member is left out of the object that stands for the row.
    LeftOut,
}

/// Elements that each have a text in JSON.
#[derive(Debug)]
pub(super) enum Elements<'a> {
    Logicals(&'a [i32]),
    Integers(&'a [i32]),
    Doubles(&'a [f64]),
    /// Of package bit64.
    Integers64(&'a [i64]),
    Strings(&'a [SEXP]),
    /// Codes, counted from 1, and the names of the levels.
    Factor(&'a [i32], &'a [SEXP]),
    /// What R wrote of elements of a class.
    Formatted(Kept),
    /// One text for a whole raw vector.
    Raw(&'a [u8]),
    /// Raw vectors, or NULL.
    Raws(Vec<Option<&'a [u8]>>),
}

/// R's `NA` among logicals and integers.
const NA_INTEGER: i32 = i32::MIN;

/// R's `NA` among the integers of package bit64.
const NA_INTEGER_64: i64 = i64::MIN;

impl Elements<'_> {
    pub fn len(&self) -> usize {
        match self {
            Elements::Logicals(values) | Elements::Integers(values) => values.len(),
            Elements::Factor(codes, _) => codes.len(),
            Elements::Doubles(values) => values.len(),
            Elements::Integers64(values) => values.len(),
            Elements::Strings(strings) => strings.len(),
            Elements::Formatted(strings) => read::len(strings.object()),
            Elements::Raw(_) => 1,
            Elements::Raws(values) => values.len(),
        }
    }

    /// Writes one element, and says whether there was something to write.
    pub fn write(
        &self,
        place: usize,
        missing: Missing,
        out: &mut Vec<u8>,
    ) -> Result<bool, Refusal> {
        let written = match self {
            Elements::Logicals(values) => match values[place] {
                NA_INTEGER => write_missing(missing, b"null", out),
                0 => write_word(b"false", out),
                _ => write_word(b"true", out),
            },
            Elements::Integers(values) => match values[place] {
                NA_INTEGER => write_missing(missing, b"\"NA\"", out),
                value => written(|| write_integer(value.into(), out)),
            },
            Elements::Integers64(values) => match values[place] {
                NA_INTEGER_64 => write_missing(missing, b"\"NA\"", out),
                value => written(|| write_integer(value, out)),
            },
            Elements::Doubles(values) => match values[place] {
                value if value.is_finite() => written(|| write_double(value, out)),
                value => write_missing(missing, not_finite(value), out),
            },
            Elements::Strings(strings) => {
                write_text(strings[place], missing, out).map_err(|refusal| match strings.len() {
                    1 => refusal,
                    _ => refusal.in_item(place),
                })?
            }
            Elements::Formatted(strings) => {
                write_text(read::strings(strings.object())?[place], missing, out)?
            }
            Elements::Factor(codes, levels) => match codes[place] {
                NA_INTEGER => write_missing(missing, b"null", out),
                code => match usize::try_from(code)
                    .ok()
                    .and_then(|code| levels.get(code - 1))
                {
                    Some(level) => write_text(*level, missing, out)?,
                    None => {
                        return Err(Refusal::new("it is a factor with a code beyond its levels"))
                    }
                },
            },
            Elements::Raw(bytes) => written(|| write_base64(bytes, out)),
            Elements::Raws(values) => match values[place] {
                Some(bytes) => written(|| write_base64(bytes, out)),
                None => write_missing(missing, b"null", out),
            },
        };
        Ok(written)
    }
}

fn write_text(string: SEXP, missing: Missing, out: &mut Vec<u8>) -> Result<bool, Refusal> {
    Ok(match read::text(string)? {
        Some(text) => written(|| write_string(&text, out)),
        None => write_missing(missing, b"null", out),
    })
}

fn write_word(word: &[u8], out: &mut Vec<u8>) -> bool {
    written(|| out.extend_from_slice(word))
}

fn write_missing(missing: Missing, word: &[u8], out: &mut Vec<u8>) -> bool {
    missing == Missing::Written && write_word(word, out)
}

fn written(write: impl FnOnce()) -> bool {
    write();
    true
}

/// How jsonlite tells a number that JSON has no digits for.
fn not_finite(value: f64) -> &'static [u8] {
    match value {
        f64::INFINITY => b"\"Inf\"",
        f64::NEG_INFINITY => b"\"-Inf\"",
        // The payload by which R tells `NA` from other NaNs.
        _ if value.to_bits() as u32 == 1954 => b"\"NA\"",
        _ => b"\"NaN\"",
    }
}
