//! Writes data frames by row.

use extendr_ffi::{SEXP, SEXPTYPE};

use super::array;
use super::class::{form, Context, Form};
use super::elements::{Elements, Missing};
use super::names::keys;
use super::refusal::Refusal;
use super::text::write_string;
use super::write::{sequence, Writer};
use crate::sexp::read;
use crate::sexp::Attribute;

/// The column with the row names.
const ROW: &str = "_row";

/// The JSON texts of values, each of which may be omitted.
#[derive(Debug, Default)]
pub(super) struct Cells {
    bytes: Vec<u8>,
    /// Where each text ends, and whether it exists.
    ends: Vec<(usize, bool)>,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let (end, present) = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].0);
        present.then(|| &self.bytes[start..end])
    }

    pub fn collect(
        len: usize,
        write: impl Fn(usize, &mut Vec<u8>) -> Result<bool, Refusal>,
    ) -> Result<Cells, Refusal> {
        let mut cells = Cells::default();
        for index in 0..len {
            let present = write(index, &mut cells.bytes)?;
            cells.ends.push((cells.bytes.len(), present));
        }
        Ok(cells)
    }

    fn one(write: impl Fn(&mut Vec<u8>) -> Result<(), Refusal>) -> Result<Cells, Refusal> {
        Cells::collect(1, |_, out| write(out).map(|()| true))
    }
}

impl Writer {
    /// The JSON of each element of a value or each cell of a column.
    pub fn cells(self, form: &Form<'_>, missing: Missing) -> Result<Cells, Refusal> {
        match form {
            Form::Null => Cells::one(|out| self.form(form, out)),
            Form::Vector(elements) => Cells::collect(elements.len(), |index, out| {
                elements.write(index, missing, self.not_finite, out)
            }),
            Form::List(list) => {
                let named = read::attribute_strings(list.object, Attribute::Names)?.is_some();
                // The names of a list column are not row names.
                if named && missing == Missing::Written {
                    return Cells::one(|out| self.list(list.object, out));
                }
                let writer = self.deeper()?;
                Cells::collect(read::len(list.object), |index, out| {
                    let written = writer.value(read::element(list.object, index)?, out);
                    written
                        .map(|()| true)
                        .map_err(|refusal| refusal.in_element(index))
                })
            }
            Form::Frame(frame) => self.rows(*frame),
            Form::Array { dim, elements } if dim.len() > 1 => {
                Cells::collect(array::extent(dim[0]), |index, out| {
                    let written = array::write_slice(self.boxing(), dim, elements, index, out);
                    written.map(|()| true)
                })
            }
            Form::Array { .. } => Cells::one(|out| self.form(form, out)),
            Form::Boxed(form) => self.boxing().cells(form, missing),
            Form::Single(form) => self.cells(form, missing),
        }
    }

    /// The rows of a data frame as objects, or as arrays if its columns have no names.
    pub fn rows(self, frame: SEXP) -> Result<Cells, Refusal> {
        if read::kind(frame) != SEXPTYPE::VECSXP {
            return Err(Refusal::new("it is a data frame but not a list"));
        }
        let writer = self.deeper()?;
        let row_names = read::attribute(frame, Attribute::RowNames)?;
        // R creates integer row names on request; only strings are stored in the data frame.
        let rows = read::len(row_names);
        let informative = informative(row_names)?;
        if rows == 0 {
            return Ok(Cells::default());
        }
        let names = read::attribute_strings(frame, Attribute::Names)?;
        let Some(names) = names.filter(|names| names.len() == read::len(frame)) else {
            let columns = writer.columns(frame, rows, Missing::Written, &[])?;
            return Cells::collect(rows, |row, out| array_of(&columns, row, out).map(|()| true));
        };
        let mut keys = keys(names)?;
        let mut columns = writer.columns(frame, rows, Missing::LeftOut, &keys)?;
        if let Some(strings) = informative {
            let names = Form::Vector(Elements::Strings(strings));
            let cells = writer.cells(&names, Missing::LeftOut)?;
            match keys.iter().position(|key| key == ROW) {
                Some(index) => columns[index] = cells,
                None => {
                    keys.push(ROW.to_owned());
                    columns.push(cells);
                }
            }
        }
        Cells::collect(rows, |row, out| {
            object_of(&keys, &columns, row, out).map(|()| true)
        })
    }

    fn columns(
        self,
        frame: SEXP,
        rows: usize,
        missing: Missing,
        keys: &[String],
    ) -> Result<Vec<Cells>, Refusal> {
        let located = |refusal: Refusal, index: usize| match keys.get(index) {
            Some(key) => refusal.in_field(key),
            None => refusal.in_element(index),
        };
        let column = |index: usize| -> Result<Cells, Refusal> {
            let column = read::element(frame, index)?;
            let form = form(column, Context::Column)?;
            let cells = match keys.get(index) {
                Some(key) => self.column(key, &form, missing)?,
                None => self.cells(&form, missing)?,
            };
            match cells.len() {
                len if len == rows => Ok(cells),
                len => Err(Refusal::new(format!("it has {len} values for {rows} rows"))),
            }
        };
        (0..read::len(frame))
            .map(|index| column(index).map_err(|refusal| located(refusal, index)))
            .collect()
    }
}

/// Row names other than the default numbers.
fn informative<'a>(row_names: SEXP) -> Result<Option<&'a [SEXP]>, Refusal> {
    if read::kind(row_names) != SEXPTYPE::STRSXP {
        return Ok(None);
    }
    let strings = read::strings(row_names)?;
    for string in strings {
        let name = read::text(*string)?.unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Some(strings));
        }
    }
    Ok(None)
}

fn object_of(
    keys: &[String],
    columns: &[Cells],
    row: usize,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let members = keys
        .iter()
        .zip(columns)
        .filter_map(|(key, cells)| Some((key, cells.get(row)?)));
    let members: Vec<(&String, &[u8])> = members.collect();
    sequence(members.len(), b"{}", out, |index, out| {
        let (key, cell) = members[index];
        write_string(key, out);
        out.push(b':');
        out.extend_from_slice(cell);
        Ok(())
    })
}

fn array_of(columns: &[Cells], row: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
    sequence(columns.len(), b"[]", out, |index, out| {
        out.extend_from_slice(columns[index].get(row).unwrap_or_default());
        Ok(())
    })
}
