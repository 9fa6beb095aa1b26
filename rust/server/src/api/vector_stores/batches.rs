//! Batches of files in vector stores.

use serde_json::{json, Map, Value};

use super::{file_counts, files, stored};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::{missing, wrong_type};
use crate::reply::Reply;
use crate::store::{FileBatch, CREATED};

/// Adds files: `file_ids`, all with the same options, or `files`, each with its own options.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let vector_store = call.argument(0);
    stored(call.store, &vector_store)?;
    let mut new = Vec::new();
    for file_id in call.body.strings("file_ids")? {
        new.push(files::new(call.store, &file_id, call.body.values())?);
    }
    for (index, options) in each_file(call)?.iter().enumerate() {
        let file_id = options.get("file_id").and_then(Value::as_str);
        let file_id = file_id.ok_or_else(|| missing(&format!("files[{index}].file_id")))?;
        new.push(files::new(call.store, file_id, options)?);
    }
    if new.is_empty() {
        return Err(missing("file_ids"));
    }
    for file in &new {
        files::add(call.store, &vector_store, file.clone())?;
    }
    let id = call.store.file_batches.next_id();
    let batch = FileBatch {
        id: id.clone(),
        vector_store,
        files: new,
    };
    let reply = Reply::json(&object(&batch));
    let bytes = batch.files.len() * files::FILE_BYTES;
    call.store.file_batches.put(&id, bytes, batch);
    Ok(reply)
}

fn each_file(call: &Call) -> Result<Vec<Map<String, Value>>, ApiError> {
    let elements = match call.body.get("files") {
        None => return Ok(Vec::new()),
        Some(Value::Array(elements)) => elements,
        Some(other) => return Err(wrong_type("files", "an array of objects", other)),
    };
    elements
        .iter()
        .map(|element| match element {
            Value::Object(options) => Ok(options.clone()),
            other => Err(wrong_type("files", "an array of objects", other)),
        })
        .collect()
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(&object(stored_batch(call)?)))
}

/// Cancels nothing, because batches are completed immediately.
pub(crate) fn cancel(call: &mut Call) -> Result<Reply, ApiError> {
    retrieve(call)
}

pub(crate) fn list_files(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let files = &stored_batch(call)?.files;
    files::list_of(call, &id, files)
}

fn object(batch: &FileBatch) -> Value {
    json!({
        "id": batch.id,
        "object": "vector_store.files_batch",
        "created_at": CREATED,
        "vector_store_id": batch.vector_store,
        "status": "completed",
        "file_counts": file_counts(batch.files.len()),
    })
}

fn stored_batch<'a>(call: &'a Call) -> Result<&'a FileBatch, ApiError> {
    let (vector_store, id) = (call.argument(0), call.argument(1));
    let found = call.store.file_batches.get(&id);
    found
        .filter(|batch| batch.vector_store == vector_store)
        .ok_or_else(|| {
            let message = format!("No file batch found with id '{id}' in '{vector_store}'.");
            ApiError::new(404, message).param("batch_id")
        })
}
