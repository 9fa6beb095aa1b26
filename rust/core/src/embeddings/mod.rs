//! Embeddings of any number of inputs: sends as many requests as needed and returns one row per
//! input.

mod halves;
mod part;
mod shares;
mod vector;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::expected::Expected;
use crate::http::request::{Body, Request};
use crate::http::trace::Trace;
use crate::http::transport::Transport;
use crate::json::{Document, Value};
use crate::received::Content;
use crate::send::{send, Answer};
use halves::{halves, is_too_large};

pub(crate) use halves::send_in_halves;
pub(crate) use part::PartAnswer;
use shares::in_shares;
use vector::Values;

/// The number of concurrent requests. More would mostly wait for the server's rate limit.
const SIDE_BY_SIDE: usize = 4;

/// The number of rows copied together. Columns are far apart in memory, so each visit should fill
/// several cache lines.
const ROWS_AT_ONCE: usize = 64;

/// The inputs of one request.
#[derive(Debug, Clone)]
pub struct Part {
    pub body: Bytes,
    pub inputs: usize,
}

/// The vectors of all inputs, in the order of the inputs.
#[derive(Debug)]
pub struct Embeddings {
    parts: Vec<PartAnswer>,
    rows: usize,
    width: usize,
}

/// Sends all parts, several at a time, each as `request` with its own body. A part that is too
/// large for the server is split in half and sent again. If the server does not support base64, all
/// inputs are sent again as the parts of `fallback`, if there are any. Any other failure cancels
/// the remaining requests.
///
/// # Errors
/// Returns the errors of [`send`], and an error if an answer does not contain one vector per input,
/// all of the same length.
pub async fn embed(
    transport: &Transport,
    request: &Request,
    parts: Vec<Part>,
    fallback: Vec<Part>,
    trace: &Arc<Trace>,
) -> Result<Embeddings, Error> {
    match receive(transport, request, parts, trace).await {
        Err(error) if !fallback.is_empty() && refuses_base64(&error) => {
            receive(transport, request, fallback, trace).await
        }
        received => received,
    }
}

/// Whether the error says that the server does not support base64.
fn refuses_base64(error: &Error) -> bool {
    let texts = [Some(&error.message), error.param.as_ref()];
    matches!(error.status, Some(400 | 422))
        && texts
            .into_iter()
            .flatten()
            .any(|text| text.contains("encoding_format") || text.contains("base64"))
}

async fn receive(
    transport: &Transport,
    request: &Request,
    parts: Vec<Part>,
    trace: &Arc<Trace>,
) -> Result<Embeddings, Error> {
    let mut waiting = VecDeque::new();
    let mut rows = 0;
    for part in parts {
        let first = rows;
        rows += part.inputs;
        waiting.push_back((first, part));
    }
    let mut answers = BTreeMap::new();
    let mut width = None;
    // Dropping the set cancels the remaining requests.
    let mut running = JoinSet::new();
    loop {
        while running.len() < SIDE_BY_SIDE {
            let Some((first, part)) = waiting.pop_front() else {
                break;
            };
            let (transport, request, trace) =
                (transport.clone(), request.clone(), Arc::clone(trace));
            running.spawn(async move {
                let answer = receive_part(&transport, request, &part, &trace).await;
                (first, part, answer)
            });
        }
        let Some(ended) = running.join_next().await else {
            break;
        };
        let (first, part, answer) = ended.map_err(|error| {
            Error::response(format!("A request ended without a result: {error}."))
        })?;
        let answer = answer.and_then(|answer| {
            let expected = *width.get_or_insert(answer.width());
            answer.check_width(expected)?;
            Ok(answer)
        });
        match answer {
            Ok(answer) => {
                answers.insert(first, answer);
            }
            Err(error) => match halves(&part.body).filter(|_| is_too_large(&error)) {
                Some([one, other]) => {
                    waiting.push_front((first + one.inputs, other));
                    waiting.push_front((first, one));
                }
                None => return Err(of_inputs(error, first, &part, rows)),
            },
        }
    }
    Ok(Embeddings {
        parts: answers.into_values().collect(),
        rows,
        width: width.unwrap_or(0),
    })
}

/// Adds to an error which of the `rows` inputs the request contained, from `first` on.
fn of_inputs(mut error: Error, first: usize, part: &Part, rows: usize) -> Error {
    if part.inputs < rows {
        let (first, last) = (first + 1, first + part.inputs);
        error.message += &format!(" This was the request for inputs {first} to {last}.");
    }
    error
}

/// Reads the vectors of existing answers, each with its number of inputs.
///
/// # Errors
/// Returns an error if an answer does not contain one vector per input, all of the same length.
pub fn of_answers(answers: impl Iterator<Item = (Answer, usize)>) -> Result<Embeddings, Error> {
    let mut parts: Vec<PartAnswer> = Vec::new();
    let mut rows = 0;
    for (answer, inputs) in answers {
        let part = read_part(&answer, inputs)?;
        let width = parts.first().map_or(part.width(), PartAnswer::width);
        part.check_width(width)?;
        parts.push(part);
        rows += inputs;
    }
    Ok(Embeddings {
        width: parts.first().map_or(0, PartAnswer::width),
        parts,
        rows,
    })
}

async fn receive_part(
    transport: &Transport,
    mut request: Request,
    part: &Part,
    trace: &Trace,
) -> Result<PartAnswer, Error> {
    request.body(Body::Json(part.body.clone()));
    let answer = send(transport, &request, trace).await?;
    read_part(&answer, part.inputs)
}

fn read_part(answer: &Answer, inputs: usize) -> Result<PartAnswer, Error> {
    let read = match &answer.content {
        Content::Json(document) => PartAnswer::read(document, inputs),
        _ => Err("it is not JSON".to_owned()),
    };
    read.map_err(|why| answer.unreadable(Expected::Embeddings.name(), &why))
}

impl Embeddings {
    /// The number of vectors.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The length of each vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The model named in the first answer.
    pub fn model(&self) -> Option<&str> {
        self.parts.first()?.model()
    }

    /// The total usage of all requests.
    pub fn usage(&self) -> Option<Document> {
        let mut total = Value::Null;
        for part in &self.parts {
            add(&mut total, part.usage().clone());
        }
        Document::parse(total.to_text())
            .ok()
            .filter(|_| !total.is_null())
    }

    /// Whether invalid text in an answer was replaced by U+FFFD.
    pub fn has_replacements(&self) -> bool {
        self.parts.iter().any(PartAnswer::has_replacements)
    }

    /// Fills a column-major matrix that has the vectors as rows. `write` sets each cell.
    ///
    /// # Panics
    /// Panics if `matrix` does not have `rows()` times `width()` cells.
    pub fn fill<C: Send>(&self, matrix: &mut [C], write: impl Fn(&mut C, f64) + Sync) {
        assert_eq!(matrix.len(), self.rows * self.width);
        in_shares(matrix, self.rows, |first, columns| {
            self.fill_columns(first, columns, &write);
        });
    }

    /// Fills the columns from `first` on.
    fn fill_columns<C>(&self, first: usize, columns: &mut [C], write: &impl Fn(&mut C, f64)) {
        let mut row = 0;
        for part in &self.parts {
            match part.values() {
                Values::Floats(values) => self.copy(values, first, row, columns, write),
                Values::Doubles(values) => self.copy(values, first, row, columns, write),
            }
            row += part.values().len() / self.width;
        }
    }

    /// Copies the columns from `first_column` on of `vectors`, which are the rows from `first_row`
    /// on.
    fn copy<C, T: Copy + Into<f64>>(
        &self,
        vectors: &[T],
        first_column: usize,
        mut first_row: usize,
        columns: &mut [C],
        write: &impl Fn(&mut C, f64),
    ) {
        for rows in vectors.chunks(ROWS_AT_ONCE * self.width) {
            let count = rows.len() / self.width;
            for (column, cells) in columns.chunks_exact_mut(self.rows).enumerate() {
                let numbers = rows[first_column + column..].iter().step_by(self.width);
                let cells = &mut cells[first_row..first_row + count];
                for (cell, number) in cells.iter_mut().zip(numbers) {
                    write(cell, (*number).into());
                }
            }
            first_row += count;
        }
    }
}

/// Adds up the numbers with the same names.
pub(crate) fn add(total: &mut Value, more: Value) {
    match (total, more) {
        (total @ Value::Null, more) => *total = more,
        (Value::Integer(total), Value::Integer(more)) => *total = total.saturating_add(more),
        (Value::Double(total), Value::Double(more)) => *total += more,
        (Value::Object(total), Value::Object(more)) => {
            for (name, more) in more {
                add(total.entry(&name), more);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
