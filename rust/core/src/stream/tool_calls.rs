//! Tool calls, assembled from the deltas of a stream.
//!
//! A delta belongs to a *logical* call. OpenAI numbers calls by `index` and sends the `id` once.
//! Other servers use one index for all calls, omit the index or the id, or repeat everything.

use super::merge::{merge, set_if_empty};
use crate::json::{Document, Fields, Node, Object, Value};

/// The calls in the order of their first delta. The cost of adding a delta is proportional to its
/// length.
#[derive(Debug, Clone, Default)]
pub(super) struct ToolCalls(Vec<Call>);

#[derive(Debug, Clone, Default)]
struct Call {
    /// The index sent by the server; it may not be unique.
    index: Option<i64>,
    fields: Fields,
}

impl ToolCalls {
    /// Adds an element of the `tool_calls` of a delta.
    pub fn add(&mut self, delta: Node<'_>) {
        let Some(members) = delta.as_object() else {
            return;
        };
        let index = delta.get("index").and_then(Node::as_i64);
        let position = self.position(index, delta).unwrap_or_else(|| {
            self.0.push(Call::default());
            self.0.len() - 1
        });
        let call = &mut self.0[position];
        call.index = call.index.or(index);
        for (name, value) in members {
            match (name, value) {
                ("index", _) => {}
                // Some servers send "" where the API sends nothing.
                ("id" | "type", value) => set_if_empty(&mut call.fields, name, value),
                ("function", Node::Object(function)) => call.add_function(function),
                _ => merge(&mut call.fields, name, value),
            }
        }
    }

    /// The calls as in a response without streaming.
    pub fn whole(&self) -> Vec<Value> {
        let mut calls: Vec<&Call> = self.0.iter().collect();
        calls.sort_by_key(|call| call.index.unwrap_or(i64::MAX));
        let fields = calls.into_iter().map(|call| call.fields.clone());
        fields.map(Value::Object).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The call that a delta continues; `None` if it starts a new one.
    fn position(&self, index: Option<i64>, delta: Node<'_>) -> Option<usize> {
        let id = text(delta.get("id"));
        let newest = |fits: &dyn Fn(&Call) -> bool| self.0.iter().rposition(fits);
        let last = self.0.len().checked_sub(1);
        let same_id = newest(&|call| {
            let may_be = call.index.is_none() || index.is_none() || call.index == index;
            !id.is_empty() && call.id() == id && may_be
        });
        same_id.or_else(|| {
            let position = match index {
                Some(_) => newest(&|call| call.index == index)
                    .or(last.filter(|last| self.0[*last].index.is_none())),
                None => last,
            }?;
            let call = &self.0[position];
            // The id may arrive after the first delta of its call.
            let may_be = id.is_empty() || call.id().is_empty();
            (may_be && !call.is_another(index, delta)).then_some(position)
        })
    }
}

impl Call {
    fn id(&self) -> &str {
        let id = self.fields.get("id").and_then(Value::as_str);
        id.unwrap_or_default()
    }

    fn function(&self, name: &str) -> &str {
        let function = self.fields.get("function").and_then(Value::as_object);
        let member = function.and_then(|function| function.get(name));
        member.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether a delta that matches this call and has a name starts another call: either this
    /// call's arguments are complete, or only the name distinguishes calls and it differs.
    fn is_another(&self, index: Option<i64>, delta: Node<'_>) -> bool {
        let function = delta.get("function");
        let member = |name| text(function.and_then(|function| function.get(name)));
        let (name, known) = (member("name"), self.function("name"));
        if name.is_empty() || known.is_empty() {
            return false;
        }
        if self.has_all_arguments() {
            index.is_none() || name != known || brings_arguments(function)
        } else {
            name != known && index.is_none()
        }
    }

    fn has_all_arguments(&self) -> bool {
        let arguments = self.function("arguments");
        // Avoid parsing arguments that cannot be complete.
        arguments.trim_end().ends_with('}') && Document::parse(arguments).is_ok()
    }

    /// Adds to the name and the arguments. Arguments sent as an object are converted to JSON text,
    /// as in the API.
    fn add_function(&mut self, function: Object<'_>) {
        let known = self.fields.entry("function");
        if known.is_null() {
            *known = Value::Object(Fields::default());
        }
        let Value::Object(known) = known else {
            return;
        };
        for (name, value) in function {
            match (name, value) {
                ("arguments", Node::Object(_) | Node::Array(_)) => {
                    let arguments = Value::from(value).to_text();
                    match known.entry(name) {
                        Value::String(text) => text.push_str(&arguments),
                        entry => *entry = Value::String(arguments),
                    }
                }
                _ => merge(known, name, value),
            }
        }
    }
}

fn brings_arguments(function: Option<Node<'_>>) -> bool {
    match function.and_then(|function| function.get("arguments")) {
        Some(Node::String(part)) => !part.trim().is_empty(),
        Some(Node::Object(_) | Node::Array(_)) => true,
        _ => false,
    }
}

fn text<'a>(member: Option<Node<'a>>) -> &'a str {
    member.and_then(Node::as_str).unwrap_or_default()
}
