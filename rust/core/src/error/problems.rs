//! Lists of validation problems, which some servers send instead of a message.

use crate::json::{Array, Node, Value};

/// The fields with these lists: FastAPI, Prism, Azure, others.
const LISTS: [&str; 4] = ["detail", "validation", "details", "errors"];

/// Describes the first problem and counts the others.
pub(super) fn first_problem(object: Node<'_>) -> Option<String> {
    let lists = LISTS.into_iter().filter_map(|name| object.get(name));
    let problems = lists
        .filter_map(Node::as_array)
        .find(|list| !list.is_empty())?;
    let first = problem(problems.iter().next()?)?;
    Some(match problems.len() - 1 {
        0 => first,
        more => format!("{first} (and {more} more, see the response body)"),
    })
}

fn problem(value: Node<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let field = |names: [&str; 2]| names.into_iter().find_map(|name| value.get(name));
    let message = field(["msg", "message"])?.as_str()?;
    let path = field(["loc", "location"]).and_then(path_text);
    Some(path.map_or_else(|| message.to_owned(), |path| format!("{path}: {message}")))
}

/// The path of a problem: `["body", "messages", 0]` becomes `body.messages.0`.
fn path_text(path: Node<'_>) -> Option<String> {
    let parts = path.as_array().into_iter().flat_map(Array::iter);
    let parts = parts.map(|part| match part {
        Node::String(name) => name.to_owned(),
        other => Value::from(other).to_text(),
    });
    let path = parts.collect::<Vec<_>>().join(".");
    (!path.is_empty()).then_some(path)
}
