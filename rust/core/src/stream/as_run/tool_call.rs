//! A tool call in a step of a run, assembled from the events of an item of the response.

use super::message::rest_of;
use super::values::{copy, fields, numbered, object, text};
use crate::json::{Fields, Node, Value};
use crate::stream::kind::{members, text_member};

/// A tool call received so far.
#[derive(Debug, Clone)]
pub(super) enum ToolCall {
    Function {
        call_id: String,
        name: String,
        arguments: String,
    },
    CodeInterpreter {
        id: String,
        input: String,
        outputs: Vec<Value>,
    },
    FileSearch {
        id: String,
        search: Search,
        results: Vec<Value>,
    },
}

/// The settings of file search in a run.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub ranking_options: Value,
    /// Whether the found texts are shown.
    pub shows_texts: bool,
}

use ToolCall::{CodeInterpreter, FileSearch, Function};

impl ToolCall {
    /// Creates the call for an item; `None` if runs had no such calls.
    pub fn of_item(item_type: &str, item: Node<'_>, id: &str, search: Search) -> Option<ToolCall> {
        Some(match item_type {
            "function_call" => Function {
                call_id: text_member(item, "call_id").to_owned(),
                name: text_member(item, "name").to_owned(),
                arguments: String::new(),
            },
            "code_interpreter_call" => CodeInterpreter {
                id: id.to_owned(),
                input: String::new(),
                outputs: Vec::new(),
            },
            "file_search_call" => FileSearch {
                id: id.to_owned(),
                search,
                results: Vec::new(),
            },
            _ => return None,
        })
    }

    pub fn is_function(&self) -> bool {
        matches!(self, Function { .. })
    }

    /// The first delta of the call; `index` is its index in the step.
    pub fn first_delta(&self, index: usize) -> Value {
        let (id, details) = match self {
            Function { call_id, name, .. } => {
                let function = object([
                    ("name", text(name)),
                    ("arguments", text("")),
                    ("output", Value::Null),
                ]);
                (call_id, function)
            }
            CodeInterpreter { id, .. } => {
                let nothing = [("input", text("")), ("outputs", Value::Array(Vec::new()))];
                (id, object(nothing))
            }
            FileSearch { id, .. } => (id, object([])),
        };
        object([
            ("index", Value::Integer(index as i64)),
            ("id", text(id)),
            ("type", text(self.name())),
            (self.name(), details),
        ])
    }

    /// Adds to the arguments of a function or to the code; returns the call for a delta.
    pub fn add(&mut self, added: &str, index: usize) -> Option<Value> {
        let member = match self {
            Function { arguments, .. } => {
                arguments.push_str(added);
                "arguments"
            }
            CodeInterpreter { input, .. } => {
                input.push_str(added);
                "input"
            }
            FileSearch { .. } => return None,
        };
        Some(self.delta(index, object([(member, text(added))])))
    }

    /// Takes the complete item; returns calls for deltas with what has not been received yet.
    pub fn take(&mut self, item: Node<'_>, index: usize) -> Vec<Value> {
        let member = match self {
            Function { .. } => "arguments",
            _ => "code",
        };
        let whole = text_member(item, member);
        let mut missing = Vec::new();
        if let Some(rest) = rest_of(whole, self.grown()) {
            missing.extend(self.add(rest, index));
        }
        match self {
            Function {
                arguments: grown, ..
            } => whole.clone_into(grown),
            CodeInterpreter {
                input: grown,
                outputs,
                ..
            } => {
                whole.clone_into(grown);
                let converted = members(item, "outputs").map(old_output);
                let converted: Vec<Fields> = converted.collect();
                *outputs = converted.iter().cloned().map(Value::Object).collect();
                let converted = converted.into_iter().enumerate();
                let converted: Vec<Value> =
                    converted.map(|(at, output)| numbered(at, output)).collect();
                if !converted.is_empty() {
                    let converted = object([("outputs", Value::Array(converted))]);
                    missing.push(self.delta(index, converted));
                }
            }
            FileSearch {
                search, results, ..
            } => {
                let found = members(item, "results");
                *results = found.map(|it| old_result(it, search)).collect();
            }
        }
        missing
    }

    /// The call in its step.
    pub fn value(&self) -> Value {
        let (id, details) = match self {
            Function {
                call_id,
                name,
                arguments,
            } => {
                let function = object([
                    ("name", text(name)),
                    ("arguments", text(arguments)),
                    ("output", Value::Null),
                ]);
                (call_id, function)
            }
            CodeInterpreter { id, input, outputs } => {
                let outputs = Value::Array(outputs.clone());
                (id, object([("input", text(input)), ("outputs", outputs)]))
            }
            FileSearch {
                id,
                search,
                results,
            } => {
                let search = [
                    ("ranking_options", search.ranking_options.clone()),
                    ("results", Value::Array(results.clone())),
                ];
                (id, object(search))
            }
        };
        object([
            ("id", text(id)),
            ("type", text(self.name())),
            (self.name(), details),
        ])
    }

    /// The call as a required action; `None` if it is not a function call.
    pub fn required(&self) -> Option<Value> {
        let Function {
            call_id,
            name,
            arguments,
        } = self
        else {
            return None;
        };
        let function = object([("name", text(name)), ("arguments", text(arguments))]);
        Some(object([
            ("id", text(call_id)),
            ("type", text(self.name())),
            ("function", function),
        ]))
    }

    /// Its type, which is also the name of its member.
    fn name(&self) -> &'static str {
        match self {
            Function { .. } => "function",
            CodeInterpreter { .. } => "code_interpreter",
            FileSearch { .. } => "file_search",
        }
    }

    /// The text received so far.
    fn grown(&self) -> &str {
        match self {
            Function { arguments, .. } => arguments,
            CodeInterpreter { input, .. } => input,
            FileSearch { .. } => "",
        }
    }

    fn delta(&self, index: usize, details: Value) -> Value {
        object([
            ("index", Value::Integer(index as i64)),
            ("type", text(self.name())),
            (self.name(), details),
        ])
    }
}

/// Converts the output of the code interpreter; images have a URL instead of a file.
fn old_output(output: Node<'_>) -> Fields {
    match Value::from(output) {
        Value::Object(known) if text_member(output, "type") != "image" => known,
        _ => {
            let image = [("file_id", Value::Null), ("url", copy(output, "url"))];
            fields([("type", text("image")), ("image", object(image))])
        }
    }
}

/// Converts a search result.
fn old_result(result: Node<'_>, search: &Search) -> Value {
    let mut shown = fields([
        ("file_id", copy(result, "file_id")),
        ("file_name", copy(result, "filename")),
        ("score", copy(result, "score")),
    ]);
    if search.shows_texts {
        let content = object([("type", text("text")), ("text", copy(result, "text"))]);
        shown.set("content", Value::Array(vec![content]));
    }
    Value::Object(shown)
}
