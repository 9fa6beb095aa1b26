//! The state of the server, which is lost when it stops.

mod batch;
mod chat;
mod conversation;
mod file;
mod ids;
mod response;
mod run;
mod shelf;
mod size;
mod thread;
mod timeline;
mod vector_store;

use std::time::Instant;

use serde_json::Value;

pub(crate) use batch::{BatchStatus, Counts, LineResult, StoredBatch};
pub(crate) use chat::StoredChat;
pub(crate) use conversation::{Conversation, Pending};
pub(crate) use file::{StoredFile, Upload, UploadPart, UploadStatus};
pub(crate) use ids::Ids;
pub(crate) use response::StoredResponse;
pub(crate) use run::{usage, Happening, Run};
pub(crate) use shelf::Shelf;
pub(crate) use size::size_of;
pub(crate) use thread::Thread;
pub(crate) use timeline::Timeline;
pub(crate) use vector_store::{FileBatch, VectorFile, VectorStore};

/// The creation time of all objects, in Unix seconds: fixed, so that the same requests get the same
/// responses.
pub(crate) const CREATED: u64 = 1_700_000_000;
/// The approximate maximum size of all objects of one kind, in bytes.
const BYTES_LIMIT: usize = 128 * 1024 * 1024;
/// The maximum size of all files, of all parts of uploads, and of all results of batches, in bytes.
const FILE_BYTES_LIMIT: usize = 512 * 1024 * 1024;

/// The stored objects; only the newest of each kind are kept.
#[derive(Debug)]
pub(crate) struct Store {
    /// The ids of objects without a shelf.
    pub(crate) ids: Ids,
    pub(crate) responses: Shelf<StoredResponse>,
    pub(crate) conversations: Shelf<Conversation>,
    pub(crate) chats: Shelf<StoredChat>,
    pub(crate) files: Shelf<StoredFile>,
    pub(crate) uploads: Shelf<Upload>,
    pub(crate) upload_parts: Shelf<UploadPart>,
    pub(crate) batches: Shelf<StoredBatch>,
    pub(crate) vector_stores: Shelf<VectorStore>,
    pub(crate) file_batches: Shelf<FileBatch>,
    pub(crate) assistants: Shelf<Value>,
    pub(crate) threads: Shelf<Thread>,
    pub(crate) runs: Shelf<Run>,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            ids: Ids::default(),
            responses: Shelf::new("resp_", BYTES_LIMIT),
            conversations: Shelf::new("conv_", BYTES_LIMIT),
            chats: Shelf::new("chatcmpl-", BYTES_LIMIT),
            files: Shelf::new("file-", FILE_BYTES_LIMIT),
            uploads: Shelf::new("upload_", BYTES_LIMIT),
            upload_parts: Shelf::new("part_", FILE_BYTES_LIMIT),
            batches: Shelf::new("batch_", FILE_BYTES_LIMIT),
            vector_stores: Shelf::new("vs_", BYTES_LIMIT),
            file_batches: Shelf::new("vsfb_", BYTES_LIMIT),
            assistants: Shelf::new("asst_", BYTES_LIMIT),
            threads: Shelf::new("thread_", BYTES_LIMIT),
            runs: Shelf::new("run_", BYTES_LIMIT),
        }
    }
}

impl Store {
    /// A conversation in its current state.
    pub(crate) fn conversation(&mut self, id: &str, now: Instant) -> Option<&mut Conversation> {
        let arrived = self.conversations.get_mut(id)?.settle(now);
        self.conversations.grow(id, arrived);
        self.conversations.get_mut(id)
    }

    /// A thread in its current state.
    pub(crate) fn thread(&mut self, id: &str, now: Instant) -> Option<&mut Thread> {
        let thread = self.threads.get_mut(id)?;
        let active = thread.active.take();
        if let Some(run) = active.and_then(|run| self.runs.get_mut(&run)) {
            let arrived = run.settle(thread, now);
            if !run.is_over() {
                thread.active = Some(run.id.clone());
            }
            self.threads.grow(id, arrived);
        }
        self.threads.get_mut(id)
    }
}
