//! Merges the deltas of an answer.

use crate::json::{Array, Fields, Node, Object, Value};

/// Keeps the first value that is not empty.
pub(super) fn set_if_empty(fields: &mut Fields, name: &str, value: Node<'_>) {
    let is_set = fields.get(name).is_some_and(|known| match known {
        Value::Null | Value::Integer(0) => false,
        Value::String(text) => !text.is_empty(),
        _ => true,
    });
    if !is_set {
        fields.set(name, Value::from(value));
    }
}

/// Takes the newest value that is not empty.
pub(super) fn renew(fields: &mut Fields, name: &str, value: Node<'_>) {
    match fields.get_mut(name) {
        Some(_) if value.is_null() => {}
        // Most members never change between chunks.
        Some(Value::String(known)) if value.as_str() == Some(known) => {}
        Some(known) => *known = Value::from(value),
        None => fields.set(name, Value::from(value)),
    }
}

/// Merges a delta into a member: texts and arrays are appended, objects are merged recursively.
pub(super) fn merge(fields: &mut Fields, name: &str, part: Node<'_>) {
    match (fields.entry(name), part) {
        (_, Node::Null) => {}
        (Value::String(known), Node::String(part)) => {
            // Some servers repeat these members in every chunk.
            let is_repeated = match name {
                "role" | "id" | "type" => !known.is_empty(),
                "name" => known == part,
                _ => false,
            };
            if !is_repeated {
                known.push_str(part);
            }
        }
        (Value::Object(known), Node::Object(part)) => merge_members(known, part),
        (Value::Array(known), Node::Array(part)) => merge_elements(known, part),
        (known, Node::Array(part)) => {
            let mut elements = Vec::new();
            merge_elements(&mut elements, part);
            *known = Value::Array(elements);
        }
        (known, part) => *known = Value::from(part),
    }
}

pub(super) fn merge_members(known: &mut Fields, parts: Object<'_>) {
    for (name, part) in parts.iter() {
        merge(known, name, part);
    }
}

/// Elements with an index are merged into the element with that index; others are appended.
fn merge_elements(known: &mut Vec<Value>, parts: Array<'_>) {
    for part in parts.iter() {
        let index = part.get("index").and_then(Node::as_i64);
        let position = index.and_then(|index| {
            let mut elements = known.iter();
            elements.position(|element| index_of(element) == Some(index))
        });
        match (position.map(|position| &mut known[position]), part) {
            (Some(Value::Object(known)), Node::Object(part)) => merge_members(known, part),
            _ => known.push(Value::from(part)),
        }
    }
}

fn index_of(element: &Value) -> Option<i64> {
    match element.as_object()?.get("index")? {
        Value::Integer(index) => Some(*index),
        _ => None,
    }
}
