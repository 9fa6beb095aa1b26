//! Answers of the operations that keep no state: of the right shape, with what the request told.
//!
//! `tools/skeletons.py` makes them from OpenAI's description of the API.

mod files;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::call::Call;
use crate::events::{self, event};
use crate::operations::Operation;
use crate::reply::Reply;

/// What is answered before a request is looked at.
struct Skeleton {
    status: u16,
    /// JSON, the media type of a file, or nothing.
    answer: &'static str,
}

static SKELETONS: LazyLock<HashMap<&str, Skeleton>> = LazyLock::new(|| {
    let lines = include_str!("skeleton/answers.tsv").lines();
    lines.filter_map(skeleton).collect()
});

fn skeleton(line: &'static str) -> Option<(&'static str, Skeleton)> {
    let mut cells = line.splitn(3, '\t');
    let name = cells.next()?;
    let status = cells.next()?.parse().ok()?;
    let answer = cells.next()?;
    Some((name, Skeleton { status, answer }))
}

/// The answer to a request for an operation that has no module of its own.
pub(crate) fn answer(operation: &Operation, call: &Call) -> Option<Reply> {
    let Skeleton { status, answer } = SKELETONS.get(operation.name)?;
    let reply = match serde_json::from_str::<Value>(answer) {
        Ok(mut value) => {
            fill(&mut value, operation, call);
            if is_streamed(operation, call) {
                let events = vec![event(&value), events::DONE.to_vec()];
                events::stream(events, call.options.token_delay)
            } else {
                Reply::json(&value)
            }
        }
        Err(_) if answer.is_empty() => Reply::default(),
        Err(_) => Reply::body(200, *answer, files::small(answer)),
    };
    Some(Reply {
        status: *status,
        ..reply
    })
}

/// Whether an operation always streams, or may and is asked to.
fn is_streamed(operation: &Operation, call: &Call) -> bool {
    match operation.answer.split_once('/') {
        Some(("stream", _)) => true,
        Some(_) => call.body.flag("stream").unwrap_or(false),
        None => false,
    }
}

/// Puts in what the request told: the arguments of its path and the fields of its body.
fn fill(answer: &mut Value, operation: &Operation, call: &Call) {
    let arguments = operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let arguments: Vec<(&str, String)> = arguments
        .enumerate()
        .map(|(place, name)| (name, call.argument(place)))
        .collect();
    let elements = answer.get_mut("data").and_then(Value::as_array_mut);
    for element in elements.into_iter().flatten() {
        name_parents(element, &arguments);
    }
    name_parents(answer, &arguments);

    let Some(fields) = answer.as_object_mut() else {
        return;
    };
    if let Some((_, id)) = arguments.last().filter(|_| !makes_another(operation)) {
        replace(fields, "id", &Value::from(id.as_str()));
    }
    for (name, value) in call.body.values() {
        replace(fields, name, value);
    }
}

/// An object of a session names the session: fields with the name of an argument have its value.
fn name_parents(object: &mut Value, arguments: &[(&str, String)]) {
    if let Some(fields) = object.as_object_mut() {
        for (name, value) in arguments {
            replace(fields, name, &Value::from(value.as_str()));
        }
    }
}

/// Replaces a field that is there by a value of the same type. Of an object only the fields that
/// are there, unless it has none: an answer often says more of an object than a request.
fn replace(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    match (fields.get_mut(name), value) {
        (Some(Value::Object(known)), Value::Object(told)) if !known.is_empty() => {
            for (name, value) in told {
                replace(known, name, value);
            }
        }
        (Some(field), _) if is_like(field, value) => *field = value.clone(),
        _ => {}
    }
}

fn is_like(field: &Value, value: &Value) -> bool {
    // What is null has no value yet, and takes any.
    field.is_null() || std::mem::discriminant(field) == std::mem::discriminant(value)
}

/// Whether an operation makes an object below the last argument of its path, not that one.
fn makes_another(operation: &Operation) -> bool {
    let verb = operation.name.rsplit('.').next();
    !operation.path.ends_with('}') && matches!(verb, Some("create" | "fork" | "remix"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;
    use crate::operations::OPERATIONS;
    use crate::router::{find, Route};
    use crate::routes::is_shut;

    #[test]
    fn every_line_is_an_operation_of_the_table() {
        let lines = include_str!("skeleton/answers.tsv").lines();
        assert_eq!(SKELETONS.len(), lines.count());
        for name in SKELETONS.keys() {
            let known = OPERATIONS.iter().any(|operation| operation.name == *name);
            assert!(known, "{name}");
        }
    }

    #[test]
    fn each_operation_is_answered_in_one_way() {
        for operation in OPERATIONS.iter().filter(|operation| !is_shut(operation)) {
            // An operation with two names is found by the first.
            let Route::Operation(found, _) = find(operation.method, operation.path) else {
                panic!("no route to {}", operation.name);
            };
            let has_module = api::handler(found.name).is_some();
            let has_skeleton = SKELETONS.contains_key(found.name);
            assert_ne!(has_module, has_skeleton, "{}", operation.name);
        }
    }

    #[test]
    fn what_the_table_says_is_answered() {
        for operation in OPERATIONS.iter() {
            let Some(Skeleton { answer, .. }) = SKELETONS.get(operation.name) else {
                continue;
            };
            let is_object = serde_json::from_str::<Map<String, Value>>(answer).is_ok();
            match operation.answer {
                "nothing" => assert_eq!(*answer, "", "{}", operation.name),
                "bytes" => assert!(!files::small(answer).is_empty(), "{}", operation.name),
                _ => assert!(is_object, "{}: {answer}", operation.name),
            }
        }
    }
}
