//! Embeddings of any number of inputs: as many requests as they need, one row of numbers for each.

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
pub(crate) use part::PartAnswer;
use shares::in_shares;
use vector::Values;

/// How many requests run at the same time: more would mostly wait for the server's rate limit.
const SIDE_BY_SIDE: usize = 4;

/// Rows that are copied together: what of them stands in one column fills some cache lines, and the
/// columns, which lie far apart, are visited seldom.
const ROWS_AT_ONCE: usize = 64;

/// A part of the inputs, as one request carries it.
#[derive(Debug, Clone)]
pub struct Part {
    pub body: Bytes,
    pub inputs: usize,
}

impl Part {
    /// The same inputs in two requests; None for one input, or none.
    fn halves(&self) -> Option<[Part; 2]> {
        let document = Document::parse(self.body.clone()).ok()?;
        let body = Value::from(document.root());
        let inputs = body.as_object()?.get("input")?.as_array()?;
        if inputs.len() < 2 || inputs.len() != self.inputs {
            return None;
        }
        let (one, other) = inputs.split_at(inputs.len() / 2);
        Some([one, other].map(|inputs| {
            let mut body = body.clone();
            if let Some(field) = body.member("input") {
                *field = Value::Array(inputs.to_vec());
            }
            Part {
                body: body.to_text().into(),
                inputs: inputs.len(),
            }
        }))
    }
}

/// The vectors of all inputs, in the order of the inputs.
#[derive(Debug)]
pub struct Embeddings {
    parts: Vec<PartAnswer>,
    rows: usize,
    width: usize,
}

/// Sends all parts, each as `request` with its own body, some side by side; one that is too large
/// for the server is sent again in halves. Any other failure ends the others, unless it is that of
/// a server which does not know base64: then all is asked for again by the parts of `fallback`, if
/// there are any.
///
/// # Errors
/// Those of [`send`], and answers that do not hold one vector for each input, all of one length.
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

/// Whether a server says that it cannot give vectors as base64.
fn refuses_base64(error: &Error) -> bool {
    let said = [Some(&error.message), error.param.as_ref()];
    matches!(error.status, Some(400 | 422))
        && said
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
    // Dropped at a failure, it ends what still runs.
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
            Err(error) => match part.halves().filter(|_| is_too_large(&error)) {
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

/// Whether a server says that a request holds more inputs or tokens than it takes in one.
fn is_too_large(error: &Error) -> bool {
    let said = [Some(&error.message), error.code.as_ref()];
    let names_limit = said.into_iter().flatten().any(|text| {
        let text = text.to_lowercase();
        LIMITS.iter().any(|limit| text.contains(limit))
    });
    error.status == Some(413) || (matches!(error.status, Some(400 | 422)) && names_limit)
}

/// What servers say of the limits of a request: OpenAI of its tokens and its inputs, others of the
/// size of a batch.
const LIMITS: [&str; 4] = [
    "max_tokens_per_request",
    "tokens per request",
    "array too long",
    "batch size",
];

/// The error of the request for some of `rows` inputs, those from `first` on.
fn of_inputs(mut error: Error, first: usize, part: &Part, rows: usize) -> Error {
    if part.inputs < rows {
        let (first, last) = (first + 1, first + part.inputs);
        error.message += &format!(" This was the request for inputs {first} to {last}.");
    }
    error
}

/// The vectors in answers that are there already, each with how many inputs it is for.
///
/// # Errors
/// Answers that do not hold one vector for each input, all of one length.
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
        _ => Err("it is no JSON".to_owned()),
    };
    read.map_err(|why| answer.unreadable(Expected::Embeddings.name(), &why))
}

impl Embeddings {
    /// How many vectors there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How long each vector is.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The model, as the first answer names it.
    pub fn model(&self) -> Option<&str> {
        self.parts.first()?.model()
    }

    /// What all requests used together.
    pub fn usage(&self) -> Option<Document> {
        let mut total = Value::Null;
        for part in &self.parts {
            add(&mut total, part.usage().clone());
        }
        Document::parse(total.to_text())
            .ok()
            .filter(|_| !total.is_null())
    }

    /// Whether U+FFFD stands in an answer for something else.
    pub fn has_replacements(&self) -> bool {
        self.parts.iter().any(PartAnswer::has_replacements)
    }

    /// Has `write` fill the cells of the matrix of the vectors as rows, whose columns lie one
    /// behind the other.
    ///
    /// # Panics
    /// If there are not `rows()` times `width()` cells.
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

    /// Copies what `vectors`, the rows from `first_row` on, have in the columns from `first_column`
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

/// Adds numbers to those of the same name.
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
