//! `/threads`.

use serde_json::{json, Map, Value};

use super::{messages, resources, stored};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::store::{size_of, Thread, CREATED};

pub(super) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let id = make(call, call.body.values().clone())?;
    Ok(Reply::json(&object(stored::thread(call, &id)?)))
}

/// Creates a thread with these fields and returns its id.
pub(super) fn make(call: &mut Call, fields: Map<String, Value>) -> Result<String, ApiError> {
    let fields = Parameters::of_object(fields);
    let metadata = fields.metadata()?;
    let new = messages::read_all(&fields, "messages")?;
    let tool_resources = resources::made(call.store, fields.get("tool_resources"))?;
    let id = call.store.threads.next_id();
    let thread = Thread {
        id: id.clone(),
        metadata,
        tool_resources,
        messages: Vec::new(),
        active: None,
    };
    let bytes = size_of(&thread.metadata) + size_of(&thread.tool_resources);
    call.store.threads.put(&id, bytes, thread);
    for message in new {
        if let Err(refused) = messages::add(call, &id, message) {
            call.store.threads.remove(&id);
            return Err(refused);
        }
    }
    Ok(id)
}

pub(super) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    Ok(Reply::json(&object(stored::thread(call, &id)?)))
}

/// Updates the given fields; null removes a value.
pub(super) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored::thread(call, &id)?;
    let metadata = call.body.metadata()?;
    let resources = resources::made(call.store, call.body.get("tool_resources"))?;
    let given = |name| call.body.values().contains_key(name);
    let (gives_metadata, gives_resources) = (given("metadata"), given("tool_resources"));
    let thread = stored::thread(call, &id)?;
    if gives_metadata {
        thread.metadata = metadata;
    }
    if gives_resources {
        thread.tool_resources = resources;
    }
    Ok(Reply::json(&object(thread)))
}

pub(super) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored::thread(call, &id)?;
    call.store.threads.remove(&id);
    call.store.runs.retain(|run| run.thread != id);
    Ok(Reply::deleted(&id, "thread.deleted"))
}

pub(super) fn object(thread: &Thread) -> Value {
    json!({
        "id": thread.id,
        "object": "thread",
        "created_at": CREATED,
        "metadata": thread.metadata,
        "tool_resources": thread.tool_resources,
    })
}
