//! `/vector_stores` (<https://platform.openai.com/docs/api-reference/vector-stores>). Files are
//! ready immediately.

mod batches;
mod chunks;
mod files;
mod filter;
mod search;

use serde_json::{json, Map, Value};

pub(crate) use batches::{
    cancel as cancel_batch, create as create_batch, list_files as list_batch_files,
    retrieve as retrieve_batch,
};
pub(crate) use files::{
    content as file_content, create as create_file, delete as delete_file, list as list_files,
    retrieve as retrieve_file, update as update_file,
};
pub(crate) use search::{find, search, Search};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::Parameters;
use crate::reply::Reply;
use crate::store::{Store, VectorStore, CREATED};

/// The approximate size of a vector store without files, in bytes.
const BYTES: usize = 256;

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let id = make(call.store, &call.body)?;
    Ok(Reply::json(&object(stored(call.store, &id)?)))
}

/// Creates a vector store and returns its id.
pub(crate) fn make(store: &mut Store, body: &Parameters) -> Result<String, ApiError> {
    let mut made = VectorStore {
        id: String::new(),
        name: body.string("name")?.unwrap_or_default().to_owned(),
        description: body.string("description")?.map(str::to_owned),
        metadata: body.metadata()?,
        expires_after: body.get("expires_after").cloned(),
        files: Vec::new(),
    };
    let file_ids = body.strings("file_ids")?;
    let new = file_ids
        .iter()
        .map(|file_id| files::new(store, file_id, body.values()))
        .collect::<Result<Vec<_>, ApiError>>()?;
    let id = store.vector_stores.next_id();
    made.id.clone_from(&id);
    store.vector_stores.put(&id, BYTES, made);
    for file in new {
        files::add(store, &id, file)?;
    }
    Ok(id)
}

/// Adds a file to a vector store.
pub(crate) fn put_file(store: &mut Store, id: &str, file_id: &str) -> Result<(), ApiError> {
    let file = files::new(store, file_id, &Map::new())?;
    files::add(store, id, file)
}

pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let stores = call.store.vector_stores.iter().map(object).collect();
    Ok(Reply::json(&page(&call.query, stores, PAGE)?))
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    Ok(Reply::json(&object(stored(call.store, &id)?)))
}

/// Updates the given fields; null removes a value.
pub(crate) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let body = &call.body;
    let name = body.string("name")?;
    let metadata = body.metadata()?;
    let store = stored(call.store, &id)?;
    for given in body.values().keys() {
        match given.as_str() {
            "name" => name.unwrap_or_default().clone_into(&mut store.name),
            "metadata" => store.metadata = metadata.clone(),
            "expires_after" => store.expires_after = body.get("expires_after").cloned(),
            _ => {}
        }
    }
    Ok(Reply::json(&object(store)))
}

pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call.store, &id)?;
    call.store.vector_stores.remove(&id);
    Ok(Reply::deleted(&id, "vector_store.deleted"))
}

fn object(store: &VectorStore) -> Value {
    let bytes: usize = store.files.iter().map(|file| file.bytes).sum();
    let mut object = json!({
        "id": store.id,
        "object": "vector_store",
        "created_at": CREATED,
        "name": store.name,
        "usage_bytes": bytes,
        "file_counts": file_counts(store.files.len()),
        "status": "completed",
        "last_active_at": CREATED,
        "metadata": store.metadata,
    });
    if let Some(description) = &store.description {
        object["description"] = description.as_str().into();
    }
    if let Some(after) = &store.expires_after {
        let days = after["days"].as_u64().unwrap_or_default();
        object["expires_after"] = after.clone();
        object["expires_at"] = CREATED
            .saturating_add(days.saturating_mul(24 * 3600))
            .into();
    }
    object
}

/// The file counts if all files are ready.
fn file_counts(count: usize) -> Value {
    json!({ "in_progress": 0, "completed": count, "failed": 0, "cancelled": 0, "total": count })
}

fn stored<'a>(store: &'a mut Store, id: &str) -> Result<&'a mut VectorStore, ApiError> {
    store.vector_stores.get_mut(id).ok_or_else(|| {
        let message = format!("Vector store with id '{id}' not found.");
        ApiError::new(404, message).param("vector_store_id")
    })
}
