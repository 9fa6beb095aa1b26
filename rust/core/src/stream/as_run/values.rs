//! Helpers that create and read values.

use crate::json::{Fields, Node, Value};

pub(super) fn fields<const N: usize>(members: [(&str, Value); N]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in members {
        fields.set(name, value);
    }
    fields
}

pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(fields(members))
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Adds an index to an object, as in deltas.
pub(super) fn numbered(index: usize, object: Fields) -> Value {
    let mut numbered = fields([("index", Value::Integer(index as i64))]);
    for (name, value) in object {
        numbered.set(&name, value);
    }
    Value::Object(numbered)
}

/// A time in whole seconds; null if there is none.
pub(super) fn time(seconds: Option<i64>) -> Value {
    seconds.map_or(Value::Null, Value::Integer)
}

/// Copies a member; null if it is missing.
pub(super) fn copy(node: Node<'_>, name: &str) -> Value {
    node.get(name).map_or(Value::Null, Value::from)
}

/// A member that is an integer.
pub(super) fn integer_of(node: Node<'_>, name: &str) -> Option<i64> {
    node.get(name).and_then(Node::as_i64)
}
