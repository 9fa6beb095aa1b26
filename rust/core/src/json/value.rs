//! A mutable JSON value that owns its data.

use std::fmt::Write as _;

use super::Node;

/// A value assembled from parts of documents.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Double(f64),
    String(String),
    Array(Vec<Value>),
    Object(Fields),
}

/// The members of an object, in order, with unique names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields(Vec<(String, Value)>);

impl From<Node<'_>> for Value {
    fn from(node: Node<'_>) -> Self {
        match node {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Integer(value) => Value::Integer(value),
            Node::Double(value) => Value::Double(value),
            Node::String(text) => Value::String(text.to_owned()),
            Node::Array(array) => Value::Array(array.iter().map(Value::from).collect()),
            Node::Object(object) => {
                let mut members = Fields::default();
                for (name, value) in object.iter() {
                    members.set(name, Value::from(value));
                }
                Value::Object(members)
            }
        }
    }
}

impl Value {
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Fields> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member `name`, if this is an object that has it.
    pub fn member(&mut self, name: &str) -> Option<&mut Value> {
        match self {
            Value::Object(members) => members.get_mut(name),
            _ => None,
        }
    }

    /// The element at this index, if this is an array that has it.
    pub fn element(&mut self, index: usize) -> Option<&mut Value> {
        match self {
            Value::Array(elements) => elements.get_mut(index),
            _ => None,
        }
    }

    /// The value as JSON text. Numbers that JSON lacks are written as this crate's parser reads
    /// them.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Value::Null => write!(out, "null"),
            Value::Bool(value) => write!(out, "{value}"),
            Value::Integer(value) => write!(out, "{value}"),
            Value::Double(value) if value.is_infinite() => {
                write!(out, "{}Infinity", if *value < 0.0 { "-" } else { "" })
            }
            Value::Double(value) => write!(out, "{value:?}"),
            Value::String(text) => write!(out, "{}", serde_json::Value::from(text.as_str())),
            Value::Array(elements) => {
                sequence(out, ['[', ']'], elements, |out, element| element.write(out));
                Ok(())
            }
            Value::Object(Fields(members)) => {
                sequence(out, ['{', '}'], members, |out, (name, value)| {
                    let _ = write!(out, "{}:", serde_json::Value::from(name.as_str()));
                    value.write(out);
                });
                Ok(())
            }
        };
    }
}

fn sequence<T>(
    out: &mut String,
    [open, close]: [char; 2],
    parts: &[T],
    write: impl Fn(&mut String, &T),
) {
    out.push(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, part);
    }
    out.push(close);
}

impl Fields {
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut members = self.0.iter();
        members
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let mut members = self.0.iter_mut();
        members
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The member `name`; if there is none, null is appended.
    pub fn entry(&mut self, name: &str) -> &mut Value {
        let known = self.0.iter().position(|(known, _)| known == name);
        let index = known.unwrap_or_else(|| {
            self.0.push((name.to_owned(), Value::Null));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    pub fn set(&mut self, name: &str, value: Value) {
        *self.entry(name) = value;
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(index).1)
    }
}

impl IntoIterator for Fields {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
