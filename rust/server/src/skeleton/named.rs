//! Skeletons of operations that are missing in OpenAI's description, generated from the table.

use serde_json::{json, Map, Value};

use super::{Content, Skeleton};
use crate::operations::{Operation, OPERATIONS};
use crate::store::CREATED;

const DAY: u64 = 86_400;

/// The skeleton suggested by an operation's line.
pub(super) fn skeleton(operation: &Operation) -> Skeleton {
    let content = match operation.answer {
        "nothing" => Content::Nothing,
        "bytes" => Content::File("application/octet-stream"),
        "text" => Content::File("text/plain"),
        _ => Content::Json(json(operation)),
    };
    Skeleton {
        status: 200,
        content,
        is_open: true,
    }
}

fn json(operation: &Operation) -> Value {
    let kind = kind(operation.name);
    match operation.pages {
        "" if operation.method == "DELETE" => {
            json!({ "id": id(&kind, 1), "object": format!("{kind}.deleted"), "deleted": true })
        }
        "" => object(operation, &kind, 1),
        "buckets" => {
            let bucket = json!({ "object": "bucket", "start_time": CREATED,
                                 "end_time": CREATED + DAY, "results": [] });
            json!({ "object": "page", "data": [bucket], "has_more": false, "next_page": null })
        }
        pages => {
            let data = [1, 2].map(|number| object(operation, &kind, number));
            if matches!(pages, "next" | "page") {
                json!({ "object": "list", "data": data, "has_more": false, "next": null })
            } else {
                json!({ "object": "list", "data": data, "has_more": false,
                        "first_id": id(&kind, 1), "last_id": id(&kind, 2) })
            }
        }
    }
}

/// The kind of object, such as `agent.session` for `beta.agents.sessions.create`.
fn kind(name: &str) -> String {
    let resource = name.rsplit_once('.').map_or(name, |(resource, _)| resource);
    let words = resource
        .split('.')
        .filter(|word| !matches!(*word, "beta" | "admin" | "organization"));
    words.map(singular).collect::<Vec<_>>().join(".")
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

fn id(kind: &str, number: u64) -> String {
    let last = kind.rsplit('.').next().unwrap_or(kind);
    format!("{last}_{number}")
}

/// An object with the required fields of its request.
fn object(operation: &Operation, kind: &str, number: u64) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), id(kind, number).into());
    object.insert("object".to_owned(), kind.into());
    object.insert("created_at".to_owned(), CREATED.into());
    let resource = operation
        .name
        .rsplit_once('.')
        .map(|(resource, _)| resource);
    let made_by = OPERATIONS
        .iter()
        .find(|other| other.name.rsplit_once('.') == resource.map(|resource| (resource, "create")));
    let required = made_by.into_iter().chain([operation]);
    for name in required.flat_map(|operation| &operation.required) {
        object.insert((*name).to_owned(), field(name));
    }
    if operation.answer.starts_with("stream") {
        object.insert("type".to_owned(), kind.into());
    }
    object.entry("metadata").or_insert(json!({}));
    object.into()
}

/// A value for a field of which only the name is known.
fn field(name: &str) -> Value {
    match name {
        "model" => json!("gpt-6-luna"),
        "name" => json!("Example"),
        _ if name.ends_with('s') => json!([]),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_singular() {
        for (name, expected) in [
            ("beta.agents.sessions.create", "agent.session"),
            ("safety.cases.retrieve", "safety.case"),
            ("admin.organization.policies.list", "policy"),
            ("webhooks.test", "webhook"),
        ] {
            assert_eq!(kind(name), expected);
        }
    }
}
