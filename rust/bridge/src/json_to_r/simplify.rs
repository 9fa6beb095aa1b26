//! Simplifies arrays and objects by the rules of `jsonlite:::simplify`, in the same order.

use openaistream_core::json::{Array, Node, Object};

use super::value::{Fields, Frame, Planner, RowNames, Value, Vector};
use super::vector::{doubles, scalar};

/// The key that marks an object as a date.
const DATE: &str = "$date";

impl Planner<'_> {
    pub fn node(&self, node: Node<'_>) -> Value {
        match node {
            Node::Null => Value::Null,
            Node::Array(array) => self.array(array),
            Node::Object(object) => self.object(object),
            Node::String(text) => Value::Vector(Vector::Text(vec![self.text(text)])),
            Node::Bool(value) => Value::Vector(Vector::Logical(vec![i32::from(value)])),
            Node::Integer(_) | Node::Double(_) => Value::Vector(self.joined(&[node])),
        }
    }

    fn array(&self, array: Array<'_>) -> Value {
        if let Some(numbers) = array.numbers() {
            return Value::Vector(numbers.into());
        }
        if let Some(vector) = self.uniform(array.iter()) {
            return Value::Vector(vector);
        }
        // Numbers of both kinds.
        match array.iter().map(Node::as_f64).collect() {
            Some(values) if !array.is_empty() => Value::Vector(Vector::Double(values)),
            _ => self.list(&array.iter().collect::<Vec<_>>(), true),
        }
    }

    /// The value of an array, or of a column of a data frame if `matrices` is false: a column does
    /// not become a matrix, because it must keep its length.
    pub fn list(&self, items: &[Node<'_>], matrices: bool) -> Value {
        if items.is_empty() {
            return Value::List(Vec::new());
        }
        if is_record_list(items) {
            if let Some(frame) = self.frame(items) {
                return self.date_column(frame);
            }
        } else if items.iter().all(scalar) {
            return Value::Vector(self.joined(items));
        }
        let values: Vec<Value> = items.iter().map(|item| self.node(*item)).collect();
        if values.iter().all(is_single_time) {
            return joined_times(values);
        }
        if matrices {
            if let Some(width) = width(&values).filter(|_| items.iter().all(is_scalar_list)) {
                return self.matrix(values, width);
            }
            if let Some(dim) = inner_dim(&values) {
                return self.higher_array(values, &dim);
            }
        }
        Value::List(homogeneous(values))
    }

    fn object(&self, object: Object<'_>) -> Value {
        let mut fields = Fields::default();
        for (name, node) in object {
            fields.names.push(self.text(name));
            fields.values.push(self.node(node));
        }
        if !object.is_empty() && fields.values.iter().all(is_single_time) {
            return joined_times(fields.values);
        }
        match self.date(fields) {
            Ok(date) => date,
            Err(fields) => Value::Named(fields),
        }
    }

    /// Replaces a data frame whose only column is a date by that column.
    fn date_column(&self, frame: Frame) -> Value {
        let Frame { columns, rows } = frame;
        match self.date(columns) {
            Ok(date) => date,
            Err(columns) => Value::Frame(Frame { columns, rows }),
        }
    }

    /// The date in these fields, or the fields themselves if they are not a date.
    fn date(&self, mut fields: Fields) -> Result<Value, Fields> {
        let named = matches!(fields.names[..], [name] if self.read(name).as_deref() == Some(DATE));
        match fields.values.pop() {
            Some(Value::Vector(vector)) if named && may_be_time(&vector) => {
                Ok(times(vector, Vec::new()))
            }
            Some(Value::Array { elements, dim }) if named && may_be_time(&elements) => {
                Ok(times(elements, dim))
            }
            other => {
                fields.values.extend(other);
                Err(fields)
            }
        }
    }
}

/// Whether these are objects, or `null` for missing ones.
fn is_record_list(items: &[Node<'_>]) -> bool {
    let object = |item: &Node<'_>| matches!(item, Node::Object(_));
    items.iter().all(|item| item.is_null() || object(item)) && items.iter().any(object)
}

/// Whether this is an array or an object of scalars.
fn is_scalar_list(item: &Node<'_>) -> bool {
    match item {
        Node::Array(array) => array.numbers().is_some() || array.iter().all(|item| scalar(&item)),
        Node::Object(object) => object.iter().all(|(_, item)| scalar(&item)),
        _ => false,
    }
}

/// The common length of the values, if they can be the rows of a matrix.
fn width(values: &[Value]) -> Option<usize> {
    let length = |value: &Value| match value {
        Value::Vector(vector) => Some(vector.len()),
        value => times_in(value),
    };
    let first = length(values.first()?)?;
    values
        .iter()
        .all(|value| length(value) == Some(first))
        .then_some(first)
}

/// The common dimensions of the values, if they are matrices or arrays.
fn inner_dim(values: &[Value]) -> Option<Vec<i32>> {
    let first = dim(values.first()?);
    let same = !first.is_empty() && values.iter().all(|value| dim(value) == first);
    same.then(|| first.to_vec())
}

fn dim(value: &Value) -> &[i32] {
    match value {
        Value::Array { dim, .. } | Value::Times { dim, .. } | Value::BoundTimes { dim, .. } => dim,
        _ => &[],
    }
}

/// Replaces empty arrays among vectors, or among data frames, by empty values of the same kind.
fn homogeneous(mut values: Vec<Value>) -> Vec<Value> {
    let empty = |value: &Value| matches!(value, Value::List(items) if items.is_empty());
    let others = || values.iter().filter(|value| !empty(value));
    let kind = match others().next() {
        Some(Value::Vector(vector)) if others().all(|it| matches!(it, Value::Vector(_))) => {
            Some(vector.kind())
        }
        Some(Value::Frame(_)) if others().all(|it| matches!(it, Value::Frame(_))) => None,
        _ => return values,
    };
    for value in values.iter_mut().filter(|value| empty(value)) {
        *value = kind.map_or_else(empty_frame, |kind| Value::Vector(Vector::empty(kind)));
    }
    values
}

fn empty_frame() -> Value {
    Value::Frame(Frame {
        columns: Fields::default(),
        rows: RowNames::Automatic(0),
    })
}

/// Whether a value is a single time.
fn is_single_time(value: &Value) -> bool {
    times_in(value) == Some(1)
}

/// The number of times in a value, if it contains times.
fn times_in(value: &Value) -> Option<usize> {
    match value {
        Value::Times { seconds, .. } => Some(seconds.len()),
        Value::TimesFromText(texts) => match &**texts {
            Value::Vector(vector)
            | Value::Array {
                elements: vector, ..
            } => Some(vector.len()),
            _ => None,
        },
        Value::JoinedTimes(values) => Some(values.len()),
        _ => None,
    }
}

fn joined_times(values: Vec<Value>) -> Value {
    let seconds = |value: &Value| match value {
        Value::Times { seconds, .. } => seconds.first().copied(),
        _ => None,
    };
    match values.iter().map(seconds).collect() {
        Some(seconds) => Value::Times {
            seconds,
            dim: Vec::new(),
        },
        None => Value::JoinedTimes(values),
    }
}

/// Whether a date may be written as this type of vector.
fn may_be_time(vector: &Vector) -> bool {
    !matches!(vector, Vector::Logical(_))
}

/// Reads milliseconds since 1970; R reads texts, because it knows the time zones.
fn times(elements: Vector, dim: Vec<i32>) -> Value {
    let milliseconds = match elements {
        Vector::Integer(values) => doubles(&values),
        Vector::Double(values) => values,
        texts if dim.is_empty() => return Value::TimesFromText(Box::new(Value::Vector(texts))),
        elements => return Value::TimesFromText(Box::new(Value::Array { elements, dim })),
    };
    Value::Times {
        seconds: milliseconds.into_iter().map(|time| time / 1000.0).collect(),
        dim,
    }
}
