//! Data frames: `jsonlite:::simplifyDataFrame`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use openaistream_core::json::{Node, Object, ValuePosition};
use openaistream_core::threads::{most_threads, share_out};

use crate::unique_names::make_unique;

use super::value::{Fields, Frame, Planner, RowNames, Text, Value, Vector, NA_INTEGER};

/// The column with the row names.
const ROW: &str = "_row";

/// The maximum number of cells per record and value. If almost no two records shared a key, the
/// size of the data frame would be quadratic in the size of the text.
const CELLS_PER_VALUE: usize = 1000;

/// The maximum number of cells that a single thread plans; for fewer cells, starting another thread
/// takes longer.
const CELLS_OF_ONE_THREAD: usize = 1 << 16;

/// Columns that are filled row by row.
struct Columns<'a> {
    rows: usize,
    most_cells: usize,
    indexes: HashMap<&'a str, usize>,
    names: Vec<&'a str>,
    /// The positions of the values; `None` if a record lacks the column. A node would take six
    /// times the memory.
    cells: Vec<Vec<Option<ValuePosition>>>,
    /// The previous record and the columns of its members.
    last: Option<Object<'a>>,
    columns_of_last: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(records: &[Node<'a>]) -> Self {
        let values: usize = objects(records).map(|(_, object)| object.len()).sum();
        let came = values.saturating_add(records.len());
        Columns {
            rows: records.len(),
            most_cells: came.saturating_mul(CELLS_PER_VALUE),
            indexes: HashMap::new(),
            names: Vec::new(),
            cells: Vec::new(),
            last: None,
            columns_of_last: Vec::new(),
        }
    }

    /// The column with this name, created if necessary; `guess` is the likely one. `None` if there
    /// are too many cells.
    fn column(&mut self, name: &'a str, guess: usize) -> Option<usize> {
        if self.names.get(guess) == Some(&name) {
            return Some(guess);
        }
        if let Some(index) = self.indexes.get(name) {
            return Some(*index);
        }
        let index = self.names.len();
        if (index + 1).saturating_mul(self.rows) > self.most_cells {
            return None;
        }
        self.indexes.insert(name, index);
        self.names.push(name);
        self.cells.push(vec![None; self.rows]);
        Some(index)
    }

    /// Adds the members of a record to their columns.
    fn add(&mut self, row: usize, object: Object<'a>) -> Option<()> {
        if !self.last.is_some_and(|last| last.shares_keys(object)) {
            self.columns_of_last.clear();
            for (guess, name) in object.keys().enumerate() {
                let column = self.column(name, guess)?;
                self.columns_of_last.push(column);
            }
            self.last = Some(object);
        }
        for (column, position) in self.columns_of_last.iter().zip(object.positions()) {
            self.cells[*column][row] = Some(position);
        }
        Some(())
    }
}

fn objects<'a: 'r, 'r>(records: &'r [Node<'a>]) -> impl Iterator<Item = (usize, Object<'a>)> + 'r {
    let object = |(row, node): (usize, &Node<'a>)| Some((row, node.as_object()?));
    records.iter().enumerate().filter_map(object)
}

impl Planner<'_> {
    /// The data frame of these records, unless it would be much larger than the text.
    pub fn frame(&self, records: &[Node<'_>]) -> Option<Frame> {
        let mut columns = Columns::new(records);
        for (row, object) in objects(records) {
            columns.add(row, object)?;
        }
        let (_, any) = objects(records).next()?;
        let Columns { names, cells, .. } = columns;
        let mut fields = Fields::default();
        let mut rows = RowNames::Automatic(records.len());
        let values = self.columns(any, cells);
        for (name, value) in names.into_iter().zip(values) {
            match self.row_names(name, value) {
                Ok(names) => rows = names,
                Err(value) => {
                    fields.names.push(self.text(name));
                    fields.values.push(value);
                }
            }
        }
        Some(Frame {
            columns: fields,
            rows,
        })
    }

    /// The values of the columns; `any` is one of the records. Large data frames are divided among
    /// several threads, except inside another such data frame.
    fn columns(&self, any: Object<'_>, cells: Vec<Vec<Option<ValuePosition>>>) -> Vec<Value> {
        let column = |cells: Vec<Option<ValuePosition>>| {
            let nodes = cells.iter();
            let nodes =
                nodes.map(|position| position.map_or(Node::Null, |position| any.at(position)));
            match self.uniform(nodes.clone()) {
                Some(vector) => Value::Vector(vector),
                None => self.list(&nodes.collect::<Vec<_>>(), false),
            }
        };
        let large = cells.iter().map(Vec::len).sum::<usize>() >= CELLS_OF_ONE_THREAD;
        if !large || self.shared_out.swap(true, Ordering::Relaxed) {
            return cells.into_iter().map(column).collect();
        }
        let values = share_out(cells, most_threads(), column);
        self.shared_out.store(false, Ordering::Relaxed);
        values
    }

    /// The row names, if this is their column; otherwise its value.
    fn row_names(&self, name: &str, value: Value) -> Result<RowNames, Value> {
        if name != ROW {
            return Err(value);
        }
        match value {
            Value::Vector(Vector::Double(values)) => {
                let truncated = values.iter().map(|value| truncated(*value)).collect();
                Ok(self.integer_names(truncated))
            }
            Value::Vector(Vector::Integer(values)) => Ok(self.integer_names(values)),
            Value::Vector(Vector::Logical(values)) => {
                let texts = values
                    .iter()
                    .map(|value| self.logical_text(*value))
                    .collect::<Vec<_>>();
                Ok(
                    match texts.iter().all(|text| self.read(*text).is_some()) && repeats(&values) {
                        true => RowNames::Automatic(values.len()),
                        false => self.text_names(texts),
                    },
                )
            }
            Value::Vector(Vector::Text(texts)) => Ok(self.text_names(texts)),
            value => Err(value),
        }
    }

    fn integer_names(&self, values: Vec<i32>) -> RowNames {
        if values.contains(&NA_INTEGER) {
            let texts = values
                .iter()
                .map(|value| self.integer_text(*value))
                .collect();
            return self.text_names(texts);
        }
        let automatic = values.iter().zip(1..).all(|(value, row)| *value == row);
        if automatic || repeats(&values) {
            return RowNames::Automatic(values.len());
        }
        RowNames::Integer(values)
    }

    /// Texts as names: missing ones become `NA_1`, `NA_2`, ..., and repeated ones are made unique.
    fn text_names(&self, mut texts: Vec<Text>) -> RowNames {
        let mut missing = 0;
        for text in &mut texts {
            if self.read(*text).is_none() {
                missing += 1;
                *text = self.text(&format!("NA_{missing}"));
            }
        }
        let names: Vec<Cow<str>> = texts.iter().filter_map(|text| self.read(*text)).collect();
        let renamed = make_unique(&names.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        for (text, name) in texts.iter_mut().zip(renamed) {
            if let Some(name) = name {
                *text = self.text(&name);
            }
        }
        RowNames::Text(texts)
    }
}

fn repeats(values: &[i32]) -> bool {
    let mut seen = HashSet::new();
    !values.iter().all(|value| seen.insert(value))
}

/// `as.integer()`.
fn truncated(value: f64) -> i32 {
    match value.trunc() {
        whole if whole.abs() < 2_147_483_648.0 => whole as i32,
        _ => NA_INTEGER,
    }
}
