//! `/files` (<https://platform.openai.com/docs/api-reference/files>).

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PageSize};
use crate::parameters::{missing, Parameters};
use crate::reply::Reply;
use crate::store::{Store, StoredFile, CREATED};

const FILES_PAGE: PageSize = PageSize {
    default: 10_000,
    most: 10_000,
};
/// The valid purposes of a file.
const PURPOSES: [&str; 6] = [
    "assistants",
    "batch",
    "fine-tune",
    "vision",
    "user_data",
    "evals",
];

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let purpose = purpose(&call.body)?;
    let expires_at = expires_at(&call.body)?;
    let file = call.body.required_file("file")?;
    let (filename, bytes) = (file.name.clone(), file.bytes.clone());
    let id = add(call.store, filename, &purpose, bytes, expires_at);
    Ok(Reply::json(&object(stored(call.store, &id)?)))
}

/// Stores a file and returns its id.
pub(crate) fn add(
    store: &mut Store,
    filename: String,
    purpose: &str,
    bytes: Vec<u8>,
    expires_at: Option<u64>,
) -> String {
    let id = store.files.next_id();
    let file = StoredFile {
        id: id.clone(),
        filename,
        purpose: purpose.to_owned(),
        expires_at,
        bytes,
    };
    store.files.put(&id, file.bytes.len(), file);
    id
}

pub(crate) fn purpose(body: &Parameters) -> Result<String, ApiError> {
    body.required_string("purpose")?;
    body.choice("purpose", &PURPOSES)
}

/// When a file expires, in Unix seconds, from the parameter `expires_after`.
pub(crate) fn expires_at(body: &Parameters) -> Result<Option<u64>, ApiError> {
    let Some(after) = body.get("expires_after") else {
        return Ok(None);
    };
    let seconds = &after["seconds"];
    let seconds = seconds
        .as_u64()
        .or_else(|| seconds.as_str()?.parse().ok())
        .ok_or_else(|| missing("expires_after[seconds]"))?;
    Ok(Some(CREATED.saturating_add(seconds)))
}

pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let purpose = call.query.string("purpose")?;
    let files = call.store.files.iter();
    let wanted = files
        .filter(|file| purpose.is_none_or(|purpose| file.purpose == purpose))
        .map(object)
        .collect();
    Ok(Reply::json(&page(&call.query, wanted, FILES_PAGE)?))
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(&object(stored(call.store, &call.argument(0))?)))
}

pub(crate) fn content(call: &mut Call) -> Result<Reply, ApiError> {
    let file = stored(call.store, &call.argument(0))?;
    let mut reply = Reply::body(200, "application/octet-stream", file.bytes.clone());
    let name = file.filename.replace(['"', '\r', '\n'], "_");
    reply.headers.push((
        "content-disposition".to_owned(),
        format!("attachment; filename=\"{name}\""),
    ));
    Ok(reply)
}

pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call.store, &id)?;
    call.store.files.remove(&id);
    Ok(Reply::deleted(&id, "file"))
}

pub(crate) fn object(file: &StoredFile) -> Value {
    let mut object = json!({
        "id": file.id,
        "object": "file",
        "bytes": file.bytes.len(),
        "created_at": CREATED,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    });
    if let Some(expires_at) = file.expires_at {
        object["expires_at"] = expires_at.into();
    }
    object
}

pub(crate) fn stored<'a>(store: &'a Store, id: &str) -> Result<&'a StoredFile, ApiError> {
    store
        .files
        .get(id)
        .ok_or_else(|| ApiError::new(404, format!("No such File object: {id}")).param("id"))
}
