//! The stateful resources, one per file.

mod assistants;
mod batches;
mod chat;
mod chat_request;
mod chat_stored;
mod completions;
mod conversations;
mod embeddings;
mod files;
mod images;
mod items;
mod models;
mod moderations;
mod responses;
mod speech;
mod transcriptions;
mod uploads;
mod vector_stores;

pub(crate) use assistants::require_version;

use crate::call::Handler;

/// The handler of an operation that has a module here.
pub(crate) fn handler(name: &str) -> Option<Handler> {
    Some(match name {
        "audio.speech.create" => speech::create,
        "audio.transcriptions.create" | "audio.translations.create" => transcriptions::create,
        "batches.cancel" => batches::cancel,
        "batches.create" => batches::create,
        "batches.list" => batches::list,
        "batches.retrieve" => batches::retrieve,
        "chat.completions.create" => chat::create,
        "chat.completions.delete" => chat_stored::delete,
        "chat.completions.list" => chat_stored::list,
        "chat.completions.messages.list" => chat_stored::list_messages,
        "chat.completions.retrieve" => chat_stored::retrieve,
        "chat.completions.update" => chat_stored::update,
        "completions.create" => completions::create,
        "conversations.create" => conversations::create,
        "conversations.delete" => conversations::delete,
        "conversations.items.create" => conversations::create_items,
        "conversations.items.delete" => conversations::delete_item,
        "conversations.items.list" => conversations::list_items,
        "conversations.items.retrieve" => conversations::retrieve_item,
        "conversations.retrieve" => conversations::retrieve,
        "conversations.update" => conversations::update,
        "embeddings.create" => embeddings::create,
        "files.content" => files::content,
        "files.create" => files::create,
        "files.delete" => files::delete,
        "files.list" => files::list,
        "files.retrieve" => files::retrieve,
        "images.edit" | "images.generate" | "images.create_variation" => images::create,
        "models.delete" => models::delete,
        "models.list" => models::list,
        "models.retrieve" => models::retrieve,
        "moderations.create" => moderations::create,
        "responses.cancel" => responses::cancel,
        "responses.compact" => responses::compact,
        "responses.create" => responses::create,
        "responses.delete" => responses::delete,
        "responses.input_items.list" => responses::list_input_items,
        "responses.input_tokens.count" => responses::count_input_tokens,
        "responses.retrieve" => responses::retrieve,
        "uploads.cancel" => uploads::cancel,
        "uploads.complete" => uploads::complete,
        "uploads.create" => uploads::create,
        "uploads.parts.create" => uploads::add_part,
        "vector_stores.create" => vector_stores::create,
        "vector_stores.delete" => vector_stores::delete,
        "vector_stores.file_batches.cancel" => vector_stores::cancel_batch,
        "vector_stores.file_batches.create" => vector_stores::create_batch,
        "vector_stores.file_batches.list_files" => vector_stores::list_batch_files,
        "vector_stores.file_batches.retrieve" => vector_stores::retrieve_batch,
        "vector_stores.files.content" => vector_stores::file_content,
        "vector_stores.files.create" => vector_stores::create_file,
        "vector_stores.files.delete" => vector_stores::delete_file,
        "vector_stores.files.list" => vector_stores::list_files,
        "vector_stores.files.retrieve" => vector_stores::retrieve_file,
        "vector_stores.files.update" => vector_stores::update_file,
        "vector_stores.list" => vector_stores::list,
        "vector_stores.retrieve" => vector_stores::retrieve,
        "vector_stores.search" => vector_stores::search,
        "vector_stores.update" => vector_stores::update,
        _ => return assistants::handler(name),
    })
}
