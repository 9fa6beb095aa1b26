//! The resources of tools: files and vector stores.

use serde_json::{json, Value};

use super::stored;
use crate::api::vector_stores;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::{wrong_type, Parameters};
use crate::store::Store;

/// The resources in a request, with newly requested vector stores created.
pub(super) fn made(store: &mut Store, given: Option<&Value>) -> Result<Value, ApiError> {
    let mut resources = match given {
        None => return Ok(json!({})),
        Some(Value::Object(_)) => given.cloned().unwrap_or_default(),
        Some(other) => return Err(wrong_type("tool_resources", "an object", other)),
    };
    let search = resources["file_search"].as_object_mut();
    let wanted = search.and_then(|search| search.remove("vector_stores"));
    for fields in wanted.iter().filter_map(Value::as_array).flatten() {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let id = vector_stores::make(store, &Parameters::of_object(fields))?;
        resources["file_search"]["vector_store_ids"] = json!([id]);
    }
    if let Some(resources) = resources.as_object_mut() {
        resources.retain(|_, tool| !tool.is_null());
    }
    Ok(resources)
}

/// The ids of the vector stores.
pub(super) fn vector_store_ids(resources: &Value) -> Vec<String> {
    texts(&resources["file_search"]["vector_store_ids"])
}

/// The ids of the code interpreter's files.
pub(super) fn code_files(resources: &Value) -> Vec<String> {
    texts(&resources["code_interpreter"]["file_ids"])
}

fn texts(array: &Value) -> Vec<String> {
    let texts = array.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Adds the files attached to a message to the tools of its thread.
pub(super) fn attach(call: &mut Call, thread: &str, attachments: &Value) -> Result<(), ApiError> {
    for file in files_for("code_interpreter", attachments) {
        let resources = &mut stored::thread(call, thread)?.tool_resources;
        let mut files = code_files(resources);
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
        resources["code_interpreter"] = json!({ "file_ids": files });
    }
    for file in files_for("file_search", attachments) {
        let known = vector_store_ids(&stored::thread(call, thread)?.tool_resources);
        let id = match known.first() {
            Some(id) => id.clone(),
            None => vector_stores::make(call.store, &Parameters::default())?,
        };
        vector_stores::put_file(call.store, &id, file)?;
        let stores = json!({ "vector_store_ids": [id] });
        stored::thread(call, thread)?.tool_resources["file_search"] = stores;
    }
    Ok(())
}

/// The attached files for a tool of this type.
fn files_for<'a>(tool: &str, attachments: &'a Value) -> Vec<&'a str> {
    let has_tool = |attachment: &&Value| {
        let mut tools = attachment["tools"].as_array().into_iter().flatten();
        tools.any(|it| it["type"] == tool)
    };
    let attachments = attachments.as_array().into_iter().flatten();
    let files = attachments.filter(has_tool);
    files.filter_map(|it| it["file_id"].as_str()).collect()
}
