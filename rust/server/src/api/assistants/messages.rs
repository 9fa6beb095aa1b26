//! `/threads/{thread_id}/messages`.

use serde_json::{json, Value};

use super::{resources, stored};
use crate::api::files;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{page, PAGE};
use crate::parameters::{empty_array, missing, not_a_choice, type_among, wrong_type, Parameters};
use crate::reply::Reply;
use crate::store::{size_of, CREATED};

const ROLES: [&str; 2] = ["user", "assistant"];
/// The types of content parts.
const PARTS: [&str; 3] = ["text", "image_file", "image_url"];

/// A message sent by a client.
#[derive(Debug)]
pub(super) struct NewMessage {
    role: String,
    content: Value,
    attachments: Value,
    metadata: Value,
}

pub(super) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let thread = call.argument(0);
    let active = stored::thread(call, &thread)?.active.clone();
    if let Some(run) = active {
        return Err(locked(&thread, &run));
    }
    let message = read(&call.body, "")?;
    Ok(Reply::json(&add(call, &thread, message)?))
}

/// The error for a message to a thread with an active run.
fn locked(thread: &str, run: &str) -> ApiError {
    let message = format!("Can't add messages to {thread} while a run {run} is active.");
    ApiError::new(400, message)
}

/// Parses the messages in a parameter.
pub(super) fn read_all(fields: &Parameters, param: &str) -> Result<Vec<NewMessage>, ApiError> {
    let given = match fields.get(param) {
        None => return Ok(Vec::new()),
        Some(Value::Array(given)) => given,
        Some(other) => return Err(wrong_type(param, "an array of objects", other)),
    };
    let numbered = given.iter().enumerate();
    numbered
        .map(|(index, message)| {
            let at = format!("{param}[{index}]");
            match message {
                Value::Object(fields) => {
                    let fields = Parameters::of_object(fields.clone());
                    read(&fields, &format!("{at}."))
                }
                other => Err(wrong_type(&at, "an object", other)),
            }
        })
        .collect()
}

/// Parses a message whose parameters start with `prefix`.
fn read(fields: &Parameters, prefix: &str) -> Result<NewMessage, ApiError> {
    let param = |name: &str| format!("{prefix}{name}");
    let role = match fields.get("role") {
        None => return Err(missing(&param("role"))),
        Some(Value::String(role)) if ROLES.contains(&role.as_str()) => role.clone(),
        Some(Value::String(role)) => return Err(not_a_choice(&param("role"), role, &ROLES)),
        Some(other) => return Err(wrong_type(&param("role"), "a string", other)),
    };
    let attachments = match fields.get("attachments") {
        None => json!([]),
        Some(Value::Array(given)) => given.clone().into(),
        Some(other) => {
            return Err(wrong_type(
                &param("attachments"),
                "an array of objects",
                other,
            ));
        }
    };
    Ok(NewMessage {
        role,
        content: content(fields.get("content"), &param("content"))?,
        attachments,
        metadata: fields.metadata()?,
    })
}

/// The content of a message as an array of parts.
fn content(given: Option<&Value>, param: &str) -> Result<Value, ApiError> {
    match given {
        None => Err(missing(param)),
        Some(Value::String(text)) => Ok(json!([text_part(text, Vec::new())])),
        Some(Value::Array(parts)) if parts.is_empty() => Err(empty_array(param)),
        Some(Value::Array(parts)) => {
            let numbered = parts.iter().enumerate();
            let parts = numbered.map(|(index, given)| part(given, &format!("{param}[{index}]")));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.into())
        }
        Some(other) => Err(wrong_type(param, "a string or an array of objects", other)),
    }
}

fn part(given: &Value, param: &str) -> Result<Value, ApiError> {
    let kind = type_among(given, param, &PARTS)?;
    if kind == "text" {
        return match &given["text"] {
            Value::String(text) => Ok(text_part(text, Vec::new())),
            other => Err(wrong_type(&format!("{param}.text"), "a string", other)),
        };
    }
    let mut part = given.clone();
    match part[kind].as_object_mut() {
        Some(image) => {
            image.entry("detail").or_insert("auto".into());
            Ok(part)
        }
        None => Err(missing(&format!("{param}.{kind}"))),
    }
}

/// Text as a content part.
pub(super) fn text_part(text: &str, annotations: Vec<Value>) -> Value {
    json!({ "type": "text", "text": { "value": text, "annotations": annotations } })
}

/// Adds a message to a thread and returns it.
pub(super) fn add(call: &mut Call, thread: &str, new: NewMessage) -> Result<Value, ApiError> {
    for attachment in new.attachments.as_array().into_iter().flatten() {
        let file = attachment["file_id"].as_str().unwrap_or_default();
        files::stored(call.store, file)?;
    }
    resources::attach(call, thread, &new.attachments)?;
    let message = json!({
        "id": call.store.ids.next("msg_"),
        "object": "thread.message",
        "created_at": CREATED,
        "thread_id": thread,
        "status": "completed",
        "incomplete_details": null,
        "completed_at": CREATED,
        "incomplete_at": null,
        "role": new.role,
        "content": new.content,
        "assistant_id": null,
        "run_id": null,
        "attachments": new.attachments,
        "metadata": new.metadata,
    });
    stored::thread(call, thread)?.add(message.clone());
    call.store.threads.grow(thread, size_of(&message));
    Ok(message)
}

pub(super) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(stored::message(call)?))
}

pub(super) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let metadata = call.body.metadata()?;
    let message = stored::message(call)?;
    message["metadata"] = metadata;
    Ok(Reply::json(message))
}

pub(super) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let (thread, id) = (call.argument(0), call.argument(1));
    stored::message(call)?;
    stored::thread(call, &thread)?
        .messages
        .retain(|message| message["id"] != *id);
    Ok(Reply::deleted(&id, "thread.message.deleted"))
}

pub(super) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let run = call.query.string("run_id")?.map(str::to_owned);
    let thread = call.argument(0);
    let messages = stored::thread(call, &thread)?.messages.iter();
    let wanted = messages
        .filter(|message| run.as_deref().is_none_or(|run| message["run_id"] == run))
        .cloned()
        .collect();
    Ok(Reply::json(&page(&call.query, wanted, PAGE)?))
}
