//! Chat completions stored because of `store`
//! (<https://platform.openai.com/docs/api-reference/chat/list>).

use serde_json::Value;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{ordered_page, PAGE};
use crate::reply::Reply;
use crate::store::StoredChat;

/// A page of the stored completions, filtered by the model and metadata in the query.
pub(crate) fn list(call: &mut Call) -> Result<Reply, ApiError> {
    let model = call.query.string("model")?;
    let metadata = call.query.get("metadata").and_then(Value::as_object);
    let is_wanted = |completion: &&Value| {
        let mut pairs = metadata.into_iter().flatten();
        model.is_none_or(|model| completion["model"] == model)
            && pairs.all(|(name, value)| completion["metadata"][name] == *value)
    };
    let completions = call.store.chats.iter().map(|chat| &chat.completion);
    let wanted = completions.filter(is_wanted).cloned().collect();
    Ok(Reply::json(&ordered_page(
        &call.query,
        wanted,
        PAGE,
        "asc",
    )?))
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    Ok(Reply::json(&stored(call)?.completion))
}

pub(crate) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let metadata = call.body.metadata()?;
    let chat = stored(call)?;
    chat.completion["metadata"] = metadata;
    Ok(Reply::json(&chat.completion))
}

pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    stored(call)?;
    let id = call.argument(0);
    call.store.chats.remove(&id);
    Ok(Reply::deleted(&id, "chat.completion.deleted"))
}

pub(crate) fn list_messages(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let messages = stored(call)?.messages.iter().enumerate();
    let messages = messages.map(|(index, message)| {
        let mut message = message.clone();
        message["id"] = format!("{id}-{index}").into();
        for name in ["content", "refusal"] {
            if message.get(name).is_none() {
                message[name] = Value::Null;
            }
        }
        if message["content"].is_array() {
            message["content_parts"] = message["content"].take();
        }
        message
    });
    let messages = messages.collect();
    Ok(Reply::json(&ordered_page(
        &call.query,
        messages,
        PAGE,
        "asc",
    )?))
}

fn stored<'a>(call: &'a mut Call) -> Result<&'a mut StoredChat, ApiError> {
    let id = call.argument(0);
    call.store.chats.get_mut(&id).ok_or_else(|| {
        ApiError::new(404, format!("Chat completion with id '{id}' not found."))
            .param("completion_id")
    })
}
