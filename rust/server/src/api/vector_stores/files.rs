//! The files of a vector store.

use serde_json::{json, Map, Value};

use super::chunks::chunks;
use super::stored;
use crate::api::files;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::{not_a_choice, wrong_type};
use crate::reply::Reply;
use crate::store::{size_of, Store, VectorFile, CREATED};

/// The maximum number of files in OpenAI's reference.
const FILE_LIMIT: usize = 10_000;
/// The approximate size of a file in a vector store, in bytes, without its attributes.
pub(super) const FILE_BYTES: usize = 256;
/// The file states that a list can be filtered by; here all files are completed.
const STATUSES: [&str; 4] = ["completed", "in_progress", "failed", "cancelled"];

/// A file to add, with these attributes and this chunking strategy.
pub(super) fn new(
    store: &Store,
    file_id: &str,
    options: &Map<String, Value>,
) -> Result<VectorFile, ApiError> {
    let bytes = files::stored(store, file_id)?.bytes.len();
    let option = |name: &str| options.get(name).filter(|value| !value.is_null());
    let attributes = match option("attributes") {
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(other) => return Err(wrong_type("attributes", "an object", other)),
        None => Map::new(),
    };
    let chosen = option("chunking_strategy").filter(|strategy| strategy["type"] == "static");
    let automatic = || {
        let sizes = json!({ "max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400 });
        json!({ "type": "static", "static": sizes })
    };
    Ok(VectorFile {
        id: file_id.to_owned(),
        attributes: attributes.into(),
        chunking_strategy: chosen.cloned().unwrap_or_else(automatic),
        bytes,
    })
}

/// Adds a file, or replaces it.
pub(super) fn add(store: &mut Store, id: &str, file: VectorFile) -> Result<(), ApiError> {
    let bytes = FILE_BYTES + size_of(&file.attributes);
    let files = &mut stored(store, id)?.files;
    files.retain(|known| known.id != file.id);
    files.push(file);
    let surplus = files.len().saturating_sub(FILE_LIMIT);
    files.drain(..surplus);
    store.vector_stores.grow(id, bytes);
    Ok(())
}

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call.store, &id)?;
    let file_id = call.body.required_string("file_id")?;
    let file = new(call.store, file_id, call.body.values())?;
    let reply = Reply::json(&object(&id, &file));
    add(call.store, &id, file)?;
    Ok(reply)
}

pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let files = stored(call.store, &id)?.files.clone();
    list_of(call, &id, &files)
}

/// A page of the files of a vector store.
pub(super) fn list_of(call: &Call, id: &str, files: &[VectorFile]) -> Result<Reply, ApiError> {
    let status = call.query.string("filter")?.unwrap_or("completed");
    if !STATUSES.contains(&status) {
        return Err(not_a_choice("filter", status, &STATUSES));
    }
    let files = files.iter().filter(|_| status == "completed");
    let files = files.map(|file| object(id, file)).collect();
    Ok(Reply::json(&page(&call.query, files, PAGE)?))
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    Ok(Reply::json(&object(&id, stored_file(call)?)))
}

pub(crate) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let attributes = call.body.required("attributes")?;
    if !attributes.is_object() {
        return Err(wrong_type("attributes", "an object", attributes));
    }
    let attributes = attributes.clone();
    let file = stored_file(call)?;
    file.attributes = attributes;
    Ok(Reply::json(&object(&id, file)))
}

/// Removes a file from the vector store without deleting the file.
pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let (id, file_id) = (call.argument(0), call.argument(1));
    stored_file(call)?;
    stored(call.store, &id)?
        .files
        .retain(|file| file.id != file_id);
    Ok(Reply::deleted(&file_id, "vector_store.file.deleted"))
}

/// The text of a file in chunks.
pub(crate) fn content(call: &mut Call) -> Result<Reply, ApiError> {
    let file = stored_file(call)?.clone();
    let data: Vec<Value> = chunks(call.store, &file)
        .into_iter()
        .map(|text| json!({ "type": "text", "text": text }))
        .collect();
    Ok(Reply::json(&json!({
        "object": "vector_store.file_content.page",
        "data": data,
        "has_more": false,
        "next_page": null,
    })))
}

fn object(id: &str, file: &VectorFile) -> Value {
    json!({
        "id": file.id,
        "object": "vector_store.file",
        "created_at": CREATED,
        "vector_store_id": id,
        "usage_bytes": file.bytes,
        "status": "completed",
        "last_error": null,
        "chunking_strategy": file.chunking_strategy,
        "attributes": file.attributes,
    })
}

fn stored_file<'a>(call: &'a mut Call) -> Result<&'a mut VectorFile, ApiError> {
    let (id, file_id) = (call.argument(0), call.argument(1));
    let files = &mut stored(call.store, &id)?.files;
    let found = files.iter_mut().find(|file| file.id == file_id);
    found.ok_or_else(|| {
        let message = format!("No file found with id '{file_id}' in vector store '{id}'.");
        ApiError::new(404, message).param("file_id")
    })
}
