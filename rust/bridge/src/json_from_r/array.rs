//! Writes matrices and arrays by row.

use super::class::Form;
use super::refusal::Refusal;
use super::write::{sequence, Writer};
use crate::sexp::read;

/// The elements of an array and their layout; R stores arrays in column-major order.
#[derive(Clone, Copy)]
struct Layout<'a> {
    writer: Writer,
    elements: &'a Form<'a>,
    dim: &'a [i32],
}

/// Writes an array as nested arrays; an array with one dimension is written like a vector.
pub(super) fn write(
    writer: Writer,
    dim: &[i32],
    elements: &Form<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    if dim.len() < 2 {
        return writer.form(elements, out);
    }
    checked(writer, dim, elements)?.nested(0, 0, 1, out)
}

/// Writes a slice along the first dimension of an array with at least two.
pub(super) fn write_slice(
    writer: Writer,
    dim: &[i32],
    elements: &Form<'_>,
    index: usize,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    checked(writer, dim, elements)?.nested(1, index, extent(dim[0]), out)
}

pub(super) fn extent(extent: i32) -> usize {
    usize::try_from(extent).unwrap_or(0)
}

fn checked<'a>(
    writer: Writer,
    dim: &'a [i32],
    elements: &'a Form<'a>,
) -> Result<Layout<'a>, Refusal> {
    let len = match elements {
        Form::Vector(elements) => elements.len(),
        Form::List(list) => read::len(list.object),
        _ => 0,
    };
    match len == dim.iter().map(|it| extent(*it)).product::<usize>() {
        true => Ok(Layout {
            writer: writer.deeper()?,
            elements,
            dim,
        }),
        false => Err(Refusal::new(
            "its number of elements does not match its dimensions",
        )),
    }
}

impl Layout<'_> {
    /// Writes the dimensions from `level` on. `offset` is the index of the first element, and
    /// `stride` the distance between elements along this dimension.
    fn nested(
        self,
        level: usize,
        offset: usize,
        stride: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let Some(extent) = self.dim.get(level).map(|it| extent(*it)) else {
            return self.element(offset, out);
        };
        sequence(extent, b"[]", out, |index, out| {
            self.nested(level + 1, offset + index * stride, stride * extent, out)
        })
    }

    fn element(self, index: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self.elements {
            Form::Vector(elements) => self.writer.element(elements, index, out),
            Form::List(list) => {
                let written = self.writer.value(read::element(list.object, index)?, out);
                written.map_err(|refusal| refusal.in_element(index))
            }
            _ => Err(Refusal::new(
                "it is a matrix of values that JSON does not support",
            )),
        }
    }
}
