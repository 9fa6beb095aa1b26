//! Matrices, and arrays with more dimensions.

use super::value::{Piece, Planner, Value, Vector};
use super::vector::{as_text, Type};

impl Planner<'_> {
    /// The matrix with these rows, which have the same length, like `rbind()`.
    pub fn matrix(&self, rows: Vec<Value>, width: usize) -> Value {
        let dim = vec![rows.len() as i32, width as i32];
        self.array_of(rows, dim)
    }

    /// The array with these slices along the first dimension, which have the same dimensions.
    pub fn higher_array(&self, slices: Vec<Value>, inner: &[i32]) -> Value {
        let mut dim = vec![slices.len() as i32];
        dim.extend(inner);
        self.array_of(slices, dim)
    }

    fn array_of(&self, rows: Vec<Value>, dim: Vec<i32>) -> Value {
        if rows
            .iter()
            .any(|row| matches!(row, Value::TimesFromText(_) | Value::BoundTimes { .. }))
        {
            return Value::BoundTimes { rows, dim };
        }
        let rows = rows.into_iter().filter_map(elements).collect();
        Value::Array {
            elements: self.bound(rows),
            dim,
        }
    }

    /// The elements of the matrix with these rows, in column-major order and in their common type.
    fn bound(&self, rows: Vec<Vector>) -> Vector {
        let kind = rows.iter().map(Vector::kind).max().unwrap_or(Type::Logical);
        let rows: Vec<Vector> = rows
            .into_iter()
            .map(|row| self.coerced(row, kind))
            .collect();
        match kind {
            Type::Logical => Vector::Logical(by_column(&rows, integers)),
            Type::Integer => Vector::Integer(by_column(&rows, integers)),
            Type::Double => Vector::Double(by_column(&rows, doubles)),
            Type::Text => {
                let rows: Vec<Vec<Piece>> = rows.into_iter().map(pieces).collect();
                as_text(by_column(&rows, |row| row))
            }
        }
    }
}

/// The elements of a vector, an array, or times, without dimensions.
fn elements(value: Value) -> Option<Vector> {
    match value {
        Value::Vector(vector)
        | Value::Array {
            elements: vector, ..
        } => Some(vector),
        Value::Times { seconds, .. } => Some(Vector::Double(seconds)),
        _ => None,
    }
}

fn by_column<R, T: Copy>(rows: &[R], elements: fn(&R) -> &[T]) -> Vec<T> {
    let rows: Vec<&[T]> = rows.iter().map(elements).collect();
    let width = rows.first().map_or(0, |row| row.len());
    (0..width)
        .flat_map(|column| rows.iter().map(move |row| row[column]))
        .collect()
}

fn integers(row: &Vector) -> &[i32] {
    match row {
        Vector::Logical(values) | Vector::Integer(values) => values,
        _ => &[],
    }
}

fn doubles(row: &Vector) -> &[f64] {
    match row {
        Vector::Double(values) => values,
        _ => &[],
    }
}

fn pieces(row: Vector) -> Vec<Piece> {
    match row {
        Vector::Text(texts) => texts.into_iter().map(Piece::Text).collect(),
        Vector::Mixed(pieces) => pieces,
        _ => Vec::new(),
    }
}
