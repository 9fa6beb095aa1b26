//! The content of a message: a text, or an array of parts, some of which are text
//! (<https://docs.mistral.ai/capabilities/reasoning>).

use std::borrow::Cow;

use super::merge::merge;
use crate::json::{Array, Fields, Node, Value};

/// The texts of a received content, in order, without reasoning.
pub(super) fn texts(content: Node<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    let parts = content.as_array().into_iter().flat_map(Array::iter);
    let in_parts = parts.filter_map(|part| match part {
        Node::String(text) => Some(text),
        _ => {
            let kind = part.get("type").and_then(Node::as_str);
            let is_text = matches!(kind, None | Some("text" | "output_text"));
            part.get("text").filter(|_| is_text)?.as_str()
        }
    });
    scalar(content)
        .into_iter()
        .chain(in_parts.map(Cow::Borrowed))
}

/// A content that is not an array: a text, or a number, because some servers send texts of digits
/// as numbers.
fn scalar(content: Node<'_>) -> Option<Cow<'_, str>> {
    match content {
        Node::String(text) => Some(Cow::Borrowed(text)),
        Node::Integer(_) | Node::Double(_) => Some(Cow::Owned(Value::from(content).to_text())),
        _ => None,
    }
}

/// The text of an assembled content.
pub(super) fn text(content: &Value) -> Cow<'_, str> {
    match content {
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(parts) => parts.iter().filter_map(text_of_part).collect(),
        _ => Cow::Borrowed(""),
    }
}

fn text_of_part(part: &Value) -> Option<&str> {
    if let Value::String(text) = part {
        return Some(text);
    }
    let part = part.as_object()?;
    match part.get("type").and_then(Value::as_str) {
        None | Some("text" | "output_text") => part.get("text")?.as_str(),
        Some(_) => None,
    }
}

/// Adds a delta: text is appended to the last text, a part to the last part of its type.
pub(super) fn add(known: &mut Value, delta: Node<'_>) {
    match (&mut *known, delta) {
        (Value::Array(parts), Node::String(_) | Node::Integer(_) | Node::Double(_)) => {
            let text = scalar(delta).unwrap_or_default();
            if !text.is_empty() {
                add_text(parts, &text);
            }
        }
        (Value::Array(parts), Node::Array(new)) => {
            new.iter().for_each(|part| add_part(parts, part));
        }
        (before, Node::Array(new)) => {
            let mut parts = Vec::new();
            if let Some(text) = before.as_str().filter(|text| !text.is_empty()) {
                add_text(&mut parts, text);
            }
            new.iter().for_each(|part| add_part(&mut parts, part));
            *known = Value::Array(parts);
        }
        (_, Node::Null) => {}
        (known, new) => match (known, scalar(new)) {
            (Value::String(text), Some(new)) => text.push_str(&new),
            (known, Some(new)) => *known = Value::String(new.into_owned()),
            (known, None) => *known = Value::from(new),
        },
    }
}

fn add_text(parts: &mut Vec<Value>, text: &str) {
    if let Some(Value::String(known)) =
        last_of_type(parts, "text").and_then(|it| it.get_mut("text"))
    {
        known.push_str(text);
        return;
    }
    let mut part = Fields::default();
    part.set("type", Value::String("text".to_owned()));
    part.set("text", Value::String(text.to_owned()));
    parts.push(Value::Object(part));
}

fn add_part(parts: &mut Vec<Value>, part: Node<'_>) {
    let kind = part.get("type").and_then(Node::as_str).unwrap_or_default();
    let grows = matches!(kind, "text" | "output_text" | "thinking");
    match last_of_type(parts, kind).filter(|_| grows) {
        Some(known) => {
            for (name, value) in part.as_object().into_iter().flatten() {
                match name {
                    "text" | "thinking" => add(known.entry(name), value),
                    _ => merge(known, name, value),
                }
            }
        }
        None => parts.push(Value::from(part)),
    }
}

/// The last part, if it has this type.
fn last_of_type<'a>(parts: &'a mut [Value], kind: &str) -> Option<&'a mut Fields> {
    match parts.last_mut()? {
        Value::Object(part) if part.get("type").and_then(Value::as_str) == Some(kind) => Some(part),
        _ => None,
    }
}
