//! Writes fields in the shapes that their names require.

use extendr_ffi::{SEXP, SEXPTYPE};
use openaistream_core::Shape;

use super::class::{form, Context, Form};
use super::elements::{Elements, Missing};
use super::frame::Cells;
use super::names::keys;
use super::refusal::Refusal;
use super::text::write_string;
use super::write::{sequence, Writer};
use crate::sexp::read;
use crate::sexp::Attribute;

impl Writer {
    /// Writes the value of the field `name` in the shape that the name requires.
    pub fn field(self, name: &str, value: SEXP, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let (shape, writer) = self.below(name);
        let written = writer.shaped(shape, value, out);
        written.map_err(|refusal| refusal.in_field(name))
    }

    /// The cells of the column `name`, each in the shape that the name requires.
    pub fn column(self, name: &str, form: &Form<'_>, missing: Missing) -> Result<Cells, Refusal> {
        let (shape, writer) = self.below(name);
        match (shape, form) {
            (Shape::Array | Shape::Object, Form::List(list)) => {
                let writer = writer.deeper()?;
                Cells::collect(read::len(list.object), |index, out| {
                    let written = writer.shaped(shape, read::element(list.object, index)?, out);
                    written
                        .map(|()| true)
                        .map_err(|refusal| refusal.in_element(index))
                })
            }
            (Shape::Array, Form::Vector(_) | Form::Boxed(_) | Form::Frame(_)) => {
                let cells = writer.cells(form, missing)?;
                Cells::collect(cells.len(), |index, out| {
                    let cell = cells.get(index);
                    out.extend(
                        cell.map(|cell| [b"[", cell, b"]"].concat())
                            .unwrap_or_default(),
                    );
                    Ok(cell.is_some())
                })
            }
            _ => writer.cells(form, missing),
        }
    }

    fn below(self, name: &str) -> (Shape, Writer) {
        let (shape, keys) = self.keys.field(name);
        (shape, self.of_keys(keys))
    }

    fn shaped(self, shape: Shape, value: SEXP, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let form = form(value, Context::Elsewhere)?;
        match shape {
            Shape::Any => self.form(&form, out),
            Shape::Array => self.array(&form, out),
            Shape::Object => self.object(value, &form, out),
        }
    }

    /// Writes an array; a single value or object becomes an array of length one.
    fn array(self, form: &Form<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match form {
            Form::Vector(elements) if !elements.is_lone_missing()? => self.boxing().form(form, out),
            Form::List(list) => match names(list.object)? {
                Some(_) if !are_elements(list.object)? => {
                    out.push(b'[');
                    self.deeper()?.form(form, out)?;
                    out.push(b']');
                    Ok(())
                }
                _ => self.elements(list.object, out),
            },
            _ => self.form(form, out),
        }
    }

    /// Writes an object, if the value can be one.
    fn object(self, value: SEXP, form: &Form<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match form {
            Form::Boxed(inner) => self.object(value, inner, out),
            Form::Vector(elements) => match names(value)? {
                Some(names) if elements.len() == names.len() => self.named(elements, names, out),
                _ if elements.len() == 0 => self.empty(out),
                _ => self.form(form, out),
            },
            Form::List(list) if read::len(list.object) == 0 => self.empty(out),
            Form::Frame(frame) => {
                let rows = self.rows(*frame)?;
                match (rows.len(), rows.get(0)) {
                    (1, Some(row)) => {
                        out.extend_from_slice(row);
                        Ok(())
                    }
                    (0, _) => self.empty(out),
                    _ => self.form(form, out),
                }
            }
            _ => self.form(form, out),
        }
    }

    fn empty(self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        out.extend_from_slice(b"{}");
        Ok(())
    }

    /// Writes a named vector as an object.
    fn named(
        self,
        elements: &Elements<'_>,
        names: &[SEXP],
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let keys = keys(names)?;
        sequence(keys.len(), b"{}", out, |index, out| {
            write_string(&keys[index], out);
            out.push(b':');
            let written = self.element(elements, index, out);
            written.map_err(|refusal| Refusal::new(refusal.what).in_field(&keys[index]))
        })
    }
}

fn names<'a>(value: SEXP) -> Result<Option<&'a [SEXP]>, Refusal> {
    Ok(read::attribute_strings(value, Attribute::Names)?)
}

/// Whether the elements of a named list are objects themselves; the list is then not an object of
/// the API, but contains several.
fn are_elements(list: SEXP) -> Result<bool, Refusal> {
    for index in 0..read::len(list) {
        let element = read::element(list, index)?;
        let is_object = read::kind(element) == SEXPTYPE::VECSXP && names(element)?.is_some();
        if !is_object {
            return Ok(false);
        }
    }
    Ok(true)
}
