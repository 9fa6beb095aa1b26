//! The resources that really do something, a file each.

mod chat;
mod chat_request;
mod embeddings;
mod images;
mod models;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::reply::Reply;

/// How an operation is answered.
pub(crate) type Handler = fn(&mut Call) -> Result<Reply, ApiError>;

/// What answers an operation of this name, where it has a module here.
pub(crate) fn handler(name: &str) -> Option<Handler> {
    Some(match name {
        "chat.completions.create" => chat::create,
        "embeddings.create" => embeddings::create,
        "images.edit" | "images.generate" | "images.create_variation" => images::create,
        "models.list" => models::list,
        "models.retrieve" => models::retrieve,
        _ => return None,
    })
}
