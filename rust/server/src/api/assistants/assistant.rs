//! `/assistants`.

use serde_json::{json, Value};

use super::{resources, stored};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::{type_among, wrong_type, Parameters};
use crate::reply::Reply;
use crate::store::{size_of, CREATED};

/// The types of tools.
const TOOLS: [&str; 3] = ["code_interpreter", "file_search", "function"];

/// The fields of an assistant that a client may set, with their defaults; fields without a default
/// may be missing.
fn fields() -> [(&'static str, Option<Value>); 11] {
    [
        ("name", Some(Value::Null)),
        ("description", Some(Value::Null)),
        ("model", None),
        ("instructions", Some(Value::Null)),
        ("tools", Some(json!([]))),
        ("tool_resources", Some(json!({}))),
        ("metadata", Some(json!({}))),
        ("top_p", Some(json!(1.0))),
        ("temperature", Some(json!(1.0))),
        ("response_format", Some(json!("auto"))),
        ("reasoning_effort", None),
    ]
}

pub(super) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    check(&call.body)?;
    call.body.metadata()?;
    let resources = resources::made(call.store, call.body.get("tool_resources"))?;
    let id = call.store.assistants.next_id();
    let mut assistant = json!({
        "id": id,
        "object": "assistant",
        "created_at": CREATED,
    });
    for (name, default) in fields() {
        if let Some(value) = given(&call.body, name).or(default) {
            assistant[name] = value;
        }
    }
    assistant["tool_resources"] = resources;
    Ok(kept(call, &id, assistant))
}

/// A field as given; fractions are written as such even if they are whole.
pub(super) fn given(body: &Parameters, name: &str) -> Option<Value> {
    let value = body.get(name)?;
    let fraction = match name {
        "temperature" | "top_p" => value.as_f64(),
        _ => None,
    };
    Some(fraction.map_or_else(|| value.clone(), Value::from))
}

/// Stores an assistant and responds with it.
fn kept(call: &mut Call, id: &str, assistant: Value) -> Reply {
    let reply = Reply::json(&assistant);
    let size = size_of(&assistant);
    call.store.assistants.put(id, size, assistant);
    reply
}

pub(super) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let assistants = call.store.assistants.iter().cloned().collect();
    Ok(Reply::json(&page(&call.query, assistants, PAGE)?))
}

pub(super) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(stored::assistant(
        call.store,
        &call.argument(0),
    )?))
}

/// Updates the given fields; null removes a value.
pub(super) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let mut assistant = stored::assistant(call.store, &id)?.clone();
    check(&call.body)?;
    call.body.metadata()?;
    let resources = resources::made(call.store, call.body.get("tool_resources"))?;
    let named = call.body.values();
    let known = fields()
        .into_iter()
        .filter(|(name, _)| named.contains_key(*name));
    for (name, default) in known {
        let nothing = (name != "model").then_some(Value::Null);
        let value = given(&call.body, name).or(default).or(nothing);
        if let (Some(value), Some(fields)) = (value, assistant.as_object_mut()) {
            fields.insert(name.to_owned(), value);
        }
    }
    if named.contains_key("tool_resources") {
        assistant["tool_resources"] = resources;
    }
    Ok(kept(call, &id, assistant))
}

pub(super) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored::assistant(call.store, &id)?;
    call.store.assistants.remove(&id);
    Ok(Reply::deleted(&id, "assistant.deleted"))
}

/// Rejects invalid fields.
fn check(body: &Parameters) -> Result<(), ApiError> {
    for name in ["model", "name", "description", "instructions"] {
        body.string(name)?;
    }
    check_tools(body)
}

/// Rejects unknown tools.
pub(super) fn check_tools(body: &Parameters) -> Result<(), ApiError> {
    match body.get("tools") {
        None => Ok(()),
        Some(Value::Array(tools)) => {
            for (index, tool) in tools.iter().enumerate() {
                type_among(tool, &format!("tools[{index}]"), &TOOLS)?;
            }
            Ok(())
        }
        Some(other) => Err(wrong_type("tools", "an array of objects", other)),
    }
}
