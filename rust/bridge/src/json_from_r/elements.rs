//! The elements of atomic vectors.

use extendr_ffi::SEXP;

use super::refusal::Refusal;
use super::text::{write_base64, write_double, write_integer, write_string};
use crate::sexp::read::{self, Kept};

/// How a missing element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// As `null`.
    Written,
    /// Its member is omitted from the object of the row.
    LeftOut,
}

/// How NaN and infinite numbers are written, which JSON does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotFinite {
    Refused,
    /// As a string such as `"Inf"`, for JSON that is read as text.
    AsText,
}

/// Elements that are written as JSON text.
#[derive(Debug)]
pub(super) enum Elements<'a> {
    Logicals(&'a [i32]),
    Integers(&'a [i32]),
    Doubles(&'a [f64]),
    /// Integers of package bit64.
    Integers64(&'a [i64]),
    Strings(&'a [SEXP]),
    /// Codes, counted from 1, and the names of the levels.
    Factor(&'a [i32], &'a [SEXP]),
    /// Elements that R has formatted.
    Formatted(Kept),
    /// A raw vector, written as a single text.
    Raw(&'a [u8]),
    /// Raw vectors or NULL.
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

    /// Writes an element; returns whether anything was written.
    pub fn write(
        &self,
        index: usize,
        missing: Missing,
        not_finite: NotFinite,
        out: &mut Vec<u8>,
    ) -> Result<bool, Refusal> {
        let written = match self {
            Elements::Logicals(values) => match values[index] {
                NA_INTEGER => write_missing(missing, out),
                0 => write_word(b"false", out),
                _ => write_word(b"true", out),
            },
            Elements::Integers(values) => match values[index] {
                NA_INTEGER => write_missing(missing, out),
                value => written(|| write_integer(value.into(), out)),
            },
            Elements::Integers64(values) => match values[index] {
                NA_INTEGER_64 => write_missing(missing, out),
                value => written(|| write_integer(value, out)),
            },
            Elements::Doubles(values) => match values[index] {
                value if value.is_finite() => written(|| write_double(value, out)),
                value if is_na(value) => write_missing(missing, out),
                value if not_finite == NotFinite::AsText => {
                    written(|| write_string(not_finite_text(value), out))
                }
                value => {
                    let what = format!(
                        "it is {}, which JSON does not support",
                        not_finite_text(value)
                    );
                    return Err(self.at(Refusal::new(what), index));
                }
            },
            Elements::Strings(strings) => write_text(strings[index], missing, out)
                .map_err(|refusal| self.at(refusal, index))?,
            Elements::Formatted(strings) => {
                write_text(read::strings(strings.object())?[index], missing, out)?
            }
            Elements::Factor(codes, levels) => match codes[index] {
                NA_INTEGER => write_missing(missing, out),
                code => match usize::try_from(code)
                    .ok()
                    .and_then(|code| levels.get(code - 1))
                {
                    Some(level) => write_text(*level, missing, out)?,
                    None => return Err(Refusal::new("it is a factor with an invalid code")),
                },
            },
            Elements::Raw(bytes) => written(|| write_base64(bytes, out)),
            Elements::Raws(values) => match values[index] {
                Some(bytes) => written(|| write_base64(bytes, out)),
                None => write_missing(missing, out),
            },
        };
        Ok(written)
    }

    /// Whether there is a single element, and it is missing.
    pub fn is_lone_missing(&self) -> Result<bool, Refusal> {
        let one = self.len() == 1;
        Ok(one && !self.write(0, Missing::LeftOut, NotFinite::AsText, &mut Vec::new())?)
    }

    /// Adds the position of the element to a refusal, if there are several elements.
    fn at(&self, refusal: Refusal, index: usize) -> Refusal {
        match self.len() {
            1 => refusal,
            _ => refusal.in_item(index),
        }
    }
}

fn write_text(string: SEXP, missing: Missing, out: &mut Vec<u8>) -> Result<bool, Refusal> {
    Ok(match read::text(string)? {
        Some(text) => written(|| write_string(&text, out)),
        None => write_missing(missing, out),
    })
}

fn write_word(word: &[u8], out: &mut Vec<u8>) -> bool {
    written(|| out.extend_from_slice(word))
}

fn write_missing(missing: Missing, out: &mut Vec<u8>) -> bool {
    missing == Missing::Written && write_word(b"null", out)
}

fn written(write: impl FnOnce()) -> bool {
    write();
    true
}

/// Whether a NaN has the payload of R's `NA`.
fn is_na(value: f64) -> bool {
    value.is_nan() && value.to_bits() as u32 == 1954
}

/// R's name of a number that JSON does not have.
fn not_finite_text(value: f64) -> &'static str {
    match value {
        f64::INFINITY => "Inf",
        f64::NEG_INFINITY => "-Inf",
        _ => "NaN",
    }
}
