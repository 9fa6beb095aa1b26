//! Lists of what is wrong with a request, as servers send them instead of one sentence.

use serde_json::Value;

/// The fields that hold them: of FastAPI, of Prism, of others.
const LISTS: [&str; 3] = ["detail", "validation", "errors"];

/// The first of what is wrong, in words, and how many more there are.
pub(super) fn first_problem(object: &Value) -> Option<String> {
    let lists = LISTS.into_iter().filter_map(|name| object.get(name));
    let problems = lists
        .filter_map(Value::as_array)
        .find(|list| !list.is_empty())?;
    let first = problem(&problems[0])?;
    Some(match problems.len() - 1 {
        0 => first,
        more => format!("{first} (and {more} more, see the body of the answer)"),
    })
}

fn problem(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let field = |names: [&str; 2]| names.into_iter().find_map(|name| value.get(name));
    let said = field(["msg", "message"])?.as_str()?;
    let place = field(["loc", "location"]).and_then(place);
    Some(place.map_or_else(|| said.to_owned(), |place| format!("{place}: {said}")))
}

/// Where it is: `["body", "messages", 0]` is `body.messages.0`.
fn place(path: &Value) -> Option<String> {
    let parts = path.as_array()?.iter().map(|part| match part {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    });
    let place = parts.collect::<Vec<_>>().join(".");
    (!place.is_empty()).then_some(place)
}
