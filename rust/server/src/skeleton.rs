//! Responses of operations without state: they have the right shape and contain values from the
//! request.

mod described;
mod files;
mod named;

use serde_json::{Map, Value};

use crate::call::Call;
use crate::events::{self, event};
use crate::operations::Operation;
use crate::reply::Reply;

/// A response without values from the request.
struct Skeleton {
    status: u16,
    content: Content,
    /// Whether the fields of the response are unknown, so that it gets all fields of the request.
    is_open: bool,
}

enum Content {
    Json(Value),
    /// A file of this media type.
    File(&'static str),
    Nothing,
}

/// The response to an operation that has no module.
pub(crate) fn answer(operation: &Operation, call: &Call) -> Reply {
    let skeleton = described::skeleton(operation.name);
    let Skeleton {
        status,
        content,
        is_open,
    } = skeleton.unwrap_or_else(|| named::skeleton(operation));
    let reply = match content {
        Content::Json(mut value) => {
            fill(&mut value, operation, call, is_open);
            if is_streamed(operation, call) {
                let events = vec![event(&value), events::DONE.to_vec()];
                events::stream(events, call.options.token_delay)
            } else {
                Reply::json(&value)
            }
        }
        Content::File(media_type) => Reply::body(200, media_type, files::small(media_type)),
        Content::Nothing => Reply::default(),
    };
    Reply { status, ..reply }
}

/// Whether to stream: the operation always streams, or the request asks for it.
fn is_streamed(operation: &Operation, call: &Call) -> bool {
    match operation.answer.split_once('/') {
        Some(("stream", _)) => true,
        Some(_) => call.body.flag("stream").unwrap_or(false),
        None => false,
    }
}

/// Fills in the path arguments and the fields of the body.
fn fill(answer: &mut Value, operation: &Operation, call: &Call, is_open: bool) {
    let arguments = operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let arguments: Vec<(&str, String)> = arguments
        .enumerate()
        .map(|(index, name)| (name, call.argument(index)))
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
        if is_open && name != "stream" {
            fields.entry(name).or_insert(Value::Null);
        }
        replace(fields, name, value);
    }
}

/// Sets fields with the name of a path argument: an object of a session contains the id of the
/// session.
fn name_parents(object: &mut Value, arguments: &[(&str, String)]) {
    if let Some(fields) = object.as_object_mut() {
        for (name, value) in arguments {
            replace(fields, name, &Value::from(value.as_str()));
        }
    }
}

/// Replaces an existing field by a value of the same type. In an object, only existing fields are
/// replaced, unless it is empty, because responses often have more fields than requests.
fn replace(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    match (fields.get_mut(name), value) {
        (Some(Value::Object(known)), Value::Object(given)) if !known.is_empty() => {
            for (name, value) in given {
                replace(known, name, value);
            }
        }
        (Some(field), _) if is_like(field, value) => *field = value.clone(),
        _ => {}
    }
}

fn is_like(field: &Value, value: &Value) -> bool {
    // Null may be replaced by any type.
    field.is_null() || std::mem::discriminant(field) == std::mem::discriminant(value)
}

/// Whether an operation creates an object below the last argument of its path.
fn makes_another(operation: &Operation) -> bool {
    let verb = operation.name.rsplit('.').next();
    !operation.path.ends_with('}') && matches!(verb, Some("create" | "fork" | "remix"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;

    #[test]
    fn responses_match_the_table() {
        for operation in OPERATIONS.iter() {
            let skeletons = [
                described::skeleton(operation.name),
                Some(named::skeleton(operation)),
            ];
            for Skeleton { content, .. } in skeletons.into_iter().flatten() {
                let fits = match content {
                    Content::Json(value) => {
                        let is_page = value["data"].is_array();
                        value.is_object() && is_page != operation.pages.is_empty()
                    }
                    Content::File(_) => matches!(operation.answer, "bytes" | "text"),
                    Content::Nothing => operation.answer == "nothing",
                };
                assert!(fits, "{}", operation.name);
            }
        }
    }
}
