//! Atomic vectors: the common type of scalars, and their conversion to it.

use openaistream_core::json::{Node, Numbers};

use super::value::{Piece, Planner, Text, Vector, NA_DOUBLE, NA_INTEGER};

/// The types of atomic vectors, in the order in which they are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Logical,
    Integer,
    Double,
    Text,
}

/// Whether a node is neither an array nor an object.
pub(super) fn scalar(node: &Node<'_>) -> bool {
    !matches!(node, Node::Array(_) | Node::Object(_))
}

/// Converts integers to doubles.
pub(super) fn doubles(values: &[i32]) -> Vec<f64> {
    values.iter().map(|value| as_double(*value)).collect()
}

impl From<Numbers<'_>> for Vector {
    fn from(numbers: Numbers<'_>) -> Vector {
        match numbers {
            Numbers::Doubles(values) => Vector::Double(values.to_vec()),
            Numbers::Integers(values) => {
                match values.iter().map(|value| as_integer(*value)).collect() {
                    Some(integers) => Vector::Integer(integers),
                    None => Vector::Double(values.iter().map(|value| *value as f64).collect()),
                }
            }
        }
    }
}

impl Planner<'_> {
    /// The vector of scalars, like `jsonlite:::list_to_vec`.
    pub fn joined(&self, items: &[Node<'_>]) -> Vector {
        // The names of R's special numbers are read as numbers only if there is no other text.
        let texts = items
            .iter()
            .any(|item| item.as_str().is_some_and(|it| special(it).is_none()));
        let kind = items.iter().map(|item| type_of(*item, texts)).max();
        match kind.unwrap_or(Type::Logical) {
            Type::Logical => Vector::Logical(items.iter().map(logical).collect()),
            Type::Integer => Vector::Integer(items.iter().map(integer).collect()),
            Type::Double => Vector::Double(items.iter().map(double).collect()),
            Type::Text => {
                let pieces = items.iter().map(|item| self.piece(*item)).collect();
                as_text(pieces)
            }
        }
    }

    /// The result of `joined` for texts only or integers only, as in most arrays and columns: in
    /// one pass, without a list of nodes.
    pub fn uniform<'n>(
        &self,
        items: impl ExactSizeIterator<Item = Node<'n>> + Clone,
    ) -> Option<Vector> {
        match items.clone().next()? {
            Node::String(_) => self.texts(items).map(Vector::Text),
            Node::Integer(_) => integers(items).map(Vector::Integer),
            _ => None,
        }
    }

    /// The texts; `None` if there are other values, or if all are names of special numbers.
    fn texts<'n>(&self, items: impl ExactSizeIterator<Item = Node<'n>>) -> Option<Vec<Text>> {
        let mut texts = Vec::with_capacity(items.len());
        let mut are_special = true;
        for item in items {
            let text = item.as_str()?;
            are_special = are_special && is_special(text);
            texts.push(self.text(text));
        }
        (!are_special).then_some(texts)
    }

    fn piece(&self, item: Node<'_>) -> Piece {
        match item {
            Node::String(text) => Piece::Text(self.text(text)),
            Node::Bool(value) => Piece::Text(self.logical_text(i32::from(value))),
            Node::Integer(value) => match as_integer(value) {
                Some(value) => Piece::Text(self.integer_text(value)),
                None => Piece::Double(value as f64),
            },
            Node::Double(value) => Piece::Double(value),
            _ => Piece::Text(Text::NA),
        }
    }

    /// Converts the elements to `kind`, which must be the type of the vector or a later one.
    pub fn coerced(&self, vector: Vector, kind: Type) -> Vector {
        match (vector, kind) {
            (Vector::Logical(values), Type::Integer) => Vector::Integer(values),
            (Vector::Logical(values) | Vector::Integer(values), Type::Double) => {
                Vector::Double(doubles(&values))
            }
            (Vector::Logical(values), Type::Text) => Vector::Text(
                values
                    .iter()
                    .map(|value| self.logical_text(*value))
                    .collect(),
            ),
            (Vector::Integer(values), Type::Text) => Vector::Text(
                values
                    .iter()
                    .map(|value| self.integer_text(*value))
                    .collect(),
            ),
            (Vector::Double(values), Type::Text) => {
                Vector::Mixed(values.into_iter().map(Piece::Double).collect())
            }
            (vector, _) => vector,
        }
    }

    pub fn logical_text(&self, value: i32) -> Text {
        match value {
            NA_INTEGER => Text::NA,
            0 => self.text("FALSE"),
            _ => self.text("TRUE"),
        }
    }

    pub fn integer_text(&self, value: i32) -> Text {
        match value {
            NA_INTEGER => Text::NA,
            value => self.text(&value.to_string()),
        }
    }
}

impl Vector {
    pub fn empty(kind: Type) -> Vector {
        match kind {
            Type::Logical => Vector::Logical(Vec::new()),
            Type::Integer => Vector::Integer(Vec::new()),
            Type::Double => Vector::Double(Vec::new()),
            Type::Text => Vector::Text(Vec::new()),
        }
    }

    pub fn kind(&self) -> Type {
        match self {
            Vector::Logical(_) => Type::Logical,
            Vector::Integer(_) => Type::Integer,
            Vector::Double(_) => Type::Double,
            Vector::Text(_) | Vector::Mixed(_) => Type::Text,
        }
    }
}

/// Converts to strings, if there are no numbers for R to format.
pub(super) fn as_text(pieces: Vec<Piece>) -> Vector {
    let known = |piece: &Piece| match piece {
        Piece::Text(text) => Some(*text),
        Piece::Double(_) => None,
    };
    match pieces.iter().map(known).collect() {
        Some(texts) => Vector::Text(texts),
        None => Vector::Mixed(pieces),
    }
}

/// The special numbers that jsonlite reads from text; `NA` can have any type.
fn special(text: &str) -> Option<f64> {
    match text {
        "NA" => Some(NA_DOUBLE),
        "NaN" => Some(f64::NAN),
        "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Whether a single text would be read as something else.
pub fn is_special(text: &str) -> bool {
    special(text).is_some()
}

fn type_of(item: Node<'_>, texts: bool) -> Type {
    match item {
        Node::Integer(value) if as_integer(value).is_some() => Type::Integer,
        Node::Integer(_) | Node::Double(_) => Type::Double,
        Node::String(_) if texts => Type::Text,
        Node::String(text) if text != "NA" => Type::Double,
        _ => Type::Logical,
    }
}

/// Converts to an R integer; the smallest 32-bit integer is `NA` in R.
fn as_integer(value: i64) -> Option<i32> {
    i32::try_from(value)
        .ok()
        .filter(|value| *value != NA_INTEGER)
}

/// The integers; `None` if R cannot represent one of them.
fn integers<'n>(items: impl ExactSizeIterator<Item = Node<'n>>) -> Option<Vec<i32>> {
    let mut integers = Vec::with_capacity(items.len());
    for item in items {
        integers.push(item.as_i64().and_then(as_integer)?);
    }
    Some(integers)
}

fn as_double(value: i32) -> f64 {
    match value {
        NA_INTEGER => NA_DOUBLE,
        value => f64::from(value),
    }
}

fn logical(item: &Node<'_>) -> i32 {
    item.as_bool().map_or(NA_INTEGER, i32::from)
}

fn integer(item: &Node<'_>) -> i32 {
    item.as_i64()
        .and_then(as_integer)
        .unwrap_or_else(|| logical(item))
}

fn double(item: &Node<'_>) -> f64 {
    match item {
        Node::String(text) => special(text).unwrap_or(NA_DOUBLE),
        item => item.as_f64().unwrap_or_else(|| as_double(logical(item))),
    }
}
