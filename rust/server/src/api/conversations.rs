//! `/conversations` (<https://platform.openai.com/docs/api-reference/conversations>).

use serde_json::{json, Value};

use super::items::items;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::page::{list, page, PAGE};
use crate::reply::Reply;
use crate::store::{Conversation, CREATED};

/// The maximum number of items in a request in OpenAI's reference.
const ITEM_LIMIT: usize = 20;

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let metadata = call.body.metadata()?;
    let new = new_items(call)?;
    let id = call.store.conversations.next_id();
    let mut conversation = Conversation {
        metadata,
        items: Vec::new(),
        pending: None,
    };
    let bytes = conversation.add(new);
    let reply = Reply::json(&object(&id, &conversation));
    call.store.conversations.put(&id, bytes, conversation);
    Ok(reply)
}

pub(crate) fn retrieve(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let conversation = stored(call, &id)?;
    Ok(Reply::json(&object(&id, conversation)))
}

pub(crate) fn update(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let metadata = call.body.metadata()?;
    let conversation = stored(call, &id)?;
    conversation.metadata = metadata;
    Ok(Reply::json(&object(&id, conversation)))
}

pub(crate) fn delete(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call, &id)?;
    call.store.conversations.remove(&id);
    Ok(Reply::deleted(&id, "conversation.deleted"))
}

/// Adds items and responds with them.
pub(crate) fn create_items(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    stored(call, &id)?;
    let new = new_items(call)?;
    let answer = list(new.clone(), false);
    let bytes = stored(call, &id)?.add(new);
    call.store.conversations.grow(&id, bytes);
    Ok(Reply::json(&answer))
}

pub(crate) fn list_items(call: &mut Call) -> Result<Reply, ApiError> {
    let id = call.argument(0);
    let items = stored(call, &id)?.items.clone();
    Ok(Reply::json(&page(&call.query, items, PAGE)?))
}

pub(crate) fn retrieve_item(call: &mut Call) -> Result<Reply, ApiError> {
    let item_id = call.argument(1);
    let (conversation, index) = stored_item(call, &item_id)?;
    Ok(Reply::json(&conversation.items[index]))
}

/// Deletes an item and responds with the conversation.
pub(crate) fn delete_item(call: &mut Call) -> Result<Reply, ApiError> {
    let (id, item_id) = (call.argument(0), call.argument(1));
    let (conversation, index) = stored_item(call, &item_id)?;
    conversation.items.remove(index);
    Ok(Reply::json(&object(&id, conversation)))
}

fn new_items(call: &mut Call) -> Result<Vec<Value>, ApiError> {
    let Some(given) = call.body.get("items") else {
        return Ok(Vec::new());
    };
    let count = given.as_array().map_or(0, Vec::len);
    if count > ITEM_LIMIT {
        let message = format!(
            "Invalid 'items': array too long. Expected an array with maximum length {ITEM_LIMIT}, \
             but got an array with length {count} instead."
        );
        return Err(ApiError::new(400, message)
            .param("items")
            .code("array_above_max_length"));
    }
    items(given, "items", &mut call.store.ids)
}

fn object(id: &str, conversation: &Conversation) -> Value {
    json!({
        "id": id,
        "object": "conversation",
        "created_at": CREATED,
        "metadata": conversation.metadata,
    })
}

fn stored<'a>(call: &'a mut Call, id: &str) -> Result<&'a mut Conversation, ApiError> {
    let found = call.store.conversation(id, call.now);
    found.ok_or_else(|| ApiError::new(404, format!("Conversation with id '{id}' not found.")))
}

/// The conversation of a request, and the index of an item in it.
fn stored_item<'a>(
    call: &'a mut Call,
    item_id: &str,
) -> Result<(&'a mut Conversation, usize), ApiError> {
    let id = call.argument(0);
    let conversation = stored(call, &id)?;
    let index = conversation
        .items
        .iter()
        .position(|item| item["id"] == item_id);
    match index {
        Some(index) => Ok((conversation, index)),
        None => Err(ApiError::new(
            404,
            format!("Item with id '{item_id}' not found in conversation '{id}'."),
        )),
    }
}
