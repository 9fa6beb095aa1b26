//! `/uploads`: files in parts (<https://platform.openai.com/docs/api-reference/uploads>).

use serde_json::{json, Value};

use super::files;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;
use crate::store::{Store, Upload, UploadPart, UploadStatus, CREATED};

/// The maximum size of an upload in OpenAI's reference, in bytes.
const BYTES_LIMIT: u64 = 8 * 1024 * 1024 * 1024;
/// The lifetime of an upload in seconds.
const LIFETIME: u64 = 3600;

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let upload = Upload {
        filename: body.required_string("filename")?.to_owned(),
        purpose: files::purpose(body)?,
        bytes: body.integer("bytes", 0..=BYTES_LIMIT)?.unwrap_or_default(),
        status: UploadStatus::Pending,
        file_expires_at: files::expires_at(body)?,
    };
    let id = call.store.uploads.next_id();
    call.store.uploads.put(&id, 0, upload);
    answer(call.store, &id)
}

pub(crate) fn add_part(call: &mut Call) -> Result<Reply, ApiError> {
    let upload = call.argument(0);
    pending(call.store, &upload)?;
    let bytes = call.body.required_file("data")?.bytes.clone();
    let id = call.store.upload_parts.next_id();
    let part = UploadPart {
        upload: upload.clone(),
        bytes,
    };
    call.store.upload_parts.put(&id, part.bytes.len(), part);
    Ok(Reply::json(&json!({
        "id": id,
        "object": "upload.part",
        "created_at": CREATED,
        "upload_id": upload,
    })))
}

/// Creates a file from the parts, in the given order.
pub(crate) fn complete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let part_ids = call.body.strings("part_ids")?;
    let upload = pending(call.store, &id)?;
    let mut bytes = Vec::new();
    for part_id in &part_ids {
        let part = call.store.upload_parts.get(part_id);
        let part = part.filter(|part| part.upload == id).ok_or_else(|| {
            ApiError::new(400, format!("No such part '{part_id}' of upload '{id}'."))
                .param("part_ids")
        })?;
        bytes.extend_from_slice(&part.bytes);
    }
    if bytes.len() as u64 != upload.bytes {
        let message = format!(
            "The parts have {} bytes, but the upload was created for {} bytes.",
            bytes.len(),
            upload.bytes
        );
        return Err(ApiError::new(400, message).param("bytes"));
    }
    let (filename, purpose) = (upload.filename.clone(), upload.purpose.clone());
    let expires_at = upload.file_expires_at;
    let file = files::add(call.store, filename, &purpose, bytes, expires_at);
    finish(call.store, &id, UploadStatus::Completed(file));
    answer(call.store, &id)
}

pub(crate) fn cancel(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    pending(call.store, &id)?;
    finish(call.store, &id, UploadStatus::Cancelled);
    answer(call.store, &id)
}

/// Ends an upload and deletes its parts.
fn finish(store: &mut Store, id: &str, status: UploadStatus) {
    store.upload_parts.retain(|part| part.upload != id);
    if let Some(upload) = store.uploads.get_mut(id) {
        upload.status = status;
    }
}

fn pending<'a>(store: &'a Store, id: &str) -> Result<&'a Upload, ApiError> {
    let upload = stored(store, id)?;
    match upload.status {
        UploadStatus::Pending => Ok(upload),
        _ => {
            let message = format!("Upload '{id}' is {}.", status(upload));
            Err(ApiError::new(400, message).code("invalid_upload_status"))
        }
    }
}

fn stored<'a>(store: &'a Store, id: &str) -> Result<&'a Upload, ApiError> {
    let found = store.uploads.get(id);
    found.ok_or_else(|| ApiError::new(404, format!("No such Upload object: {id}")).param("id"))
}

fn status(upload: &Upload) -> &'static str {
    match upload.status {
        UploadStatus::Pending => "pending",
        UploadStatus::Completed(_) => "completed",
        UploadStatus::Cancelled => "cancelled",
    }
}

fn answer(store: &Store, id: &str) -> Result<Reply, ApiError> {
    let upload = stored(store, id)?;
    let file = match &upload.status {
        UploadStatus::Completed(file) => store.files.get(file).map(files::object),
        UploadStatus::Pending | UploadStatus::Cancelled => None,
    };
    let mut object = json!({
        "id": id,
        "object": "upload",
        "bytes": upload.bytes,
        "created_at": CREATED,
        "filename": upload.filename,
        "purpose": upload.purpose,
        "status": status(upload),
        "expires_at": CREATED + LIFETIME,
    });
    object["file"] = file.unwrap_or(Value::Null);
    Ok(Reply::json(&object))
}
