//! Writes values and lists.

use extendr_ffi::SEXP;
use openaistream_core::Keys;

use super::array;
use super::class::{form, Context, Form};
use super::elements::{Elements, Missing, NotFinite};
use super::names::keys;
use super::refusal::Refusal;
use super::text::write_string;
use crate::sexp::read;
use crate::sexp::Attribute;

/// The maximum nesting depth of lists, the same as for reading.
const MAX_DEPTH: usize = openaistream_core::json::MAX_DEPTH;

/// Writes values. It knows the depth, what determines the keys, and whether single elements are
/// unboxed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    depth: usize,
    /// Whether a vector of length one is written without an array; false in matrices.
    unbox: bool,
    pub keys: Keys,
    pub not_finite: NotFinite,
}

impl Writer {
    pub fn new(keys: Keys, not_finite: NotFinite) -> Writer {
        Writer {
            depth: 0,
            unbox: true,
            keys,
            not_finite,
        }
    }

    pub fn value(self, value: SEXP, out: &mut Vec<u8>) -> Result<(), Refusal> {
        self.form(&form(value, Context::Elsewhere)?, out)
    }

    pub fn form(self, form: &Form<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match form {
            Form::Null => out.extend_from_slice(b"null"),
            Form::Vector(elements) => self.vector(elements, out)?,
            Form::List(list) => self.list(list.object, out)?,
            Form::Frame(frame) => {
                let rows = self.rows(*frame)?;
                sequence(rows.len(), b"[]", out, |row, out| {
                    out.extend_from_slice(rows.get(row).unwrap_or_default());
                    Ok(())
                })?;
            }
            Form::Array { dim, elements } => array::write(self.boxing(), dim, elements, out)?,
            Form::Boxed(form) => self.boxing().form(form, out)?,
            Form::Single(form) => {
                let cells = self.cells(form, Missing::Written)?;
                match (cells.len(), cells.get(0)) {
                    (1, Some(cell)) => out.extend_from_slice(cell),
                    _ => {
                        return Err(Refusal::new(
                            "`unbox()` was used on a value whose length is not 1",
                        ))
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns a writer that writes vectors of length one as arrays.
    pub fn boxing(self) -> Writer {
        Writer {
            unbox: false,
            ..self
        }
    }

    /// Returns a writer for other keys.
    pub fn of_keys(self, keys: Keys) -> Writer {
        Writer { keys, ..self }
    }

    /// Returns the writer for the elements of a list.
    pub fn deeper(self) -> Result<Writer, Refusal> {
        match self.depth + 1 {
            depth if depth > MAX_DEPTH => {
                Err(Refusal::new("it is nested more than 128 levels deep"))
            }
            depth => Ok(Writer { depth, ..self }),
        }
    }

    fn vector(self, elements: &Elements<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        if self.unbox && elements.len() == 1 {
            return self.element(elements, 0, out);
        }
        sequence(elements.len(), b"[]", out, |index, out| {
            self.element(elements, index, out)
        })
    }

    pub fn element(
        self,
        elements: &Elements<'_>,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let written = elements.write(index, Missing::Written, self.not_finite, out);
        written.map(drop)
    }

    /// Writes the elements of a list as an array, ignoring names.
    pub fn elements(self, list: SEXP, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let writer = self.deeper()?;
        sequence(read::len(list), b"[]", out, |index, out| {
            let written = writer.value(read::element(list, index)?, out);
            written.map_err(|refusal| refusal.in_element(index))
        })
    }

    pub fn list(self, list: SEXP, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let Some(names) = read::attribute_strings(list, Attribute::Names)? else {
            return self.elements(list, out);
        };
        let keys = keys(names)?;
        let writer = self.deeper()?;
        sequence(keys.len(), b"{}", out, |index, out| {
            write_string(&keys[index], out);
            out.push(b':');
            writer.field(&keys[index], read::element(list, index)?, out)
        })
    }
}

/// Writes a sequence in brackets, separated by commas.
pub(super) fn sequence(
    len: usize,
    brackets: &[u8; 2],
    out: &mut Vec<u8>,
    write: impl Fn(usize, &mut Vec<u8>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    out.push(brackets[0]);
    for index in 0..len {
        if index > 0 {
            out.push(b',');
        }
        write(index, out)?;
    }
    out.push(brackets[1]);
    Ok(())
}
