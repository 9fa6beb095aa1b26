//! The state of the server, which is lost when it stops.

mod batch;
mod chat;
mod collection;
mod conversation;
mod file;
mod ids;
mod response;
mod run;
mod size;
mod thread;
mod timeline;
mod vector_store;

use std::time::Instant;

use serde_json::Value;

pub(crate) use batch::{BatchStatus, Counts, LineResult, StoredBatch};
pub(crate) use chat::StoredChat;
pub(crate) use collection::Collection;
pub(crate) use conversation::{Conversation, Pending};
pub(crate) use file::{StoredFile, Upload, UploadPart, UploadStatus};
pub(crate) use ids::Ids;
pub(crate) use response::StoredResponse;
pub(crate) use run::{usage, Run, RunEvent};
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
    /// The ids of objects that are in no collection.
    pub(crate) ids: Ids,
    pub(crate) responses: Collection<StoredResponse>,
    pub(crate) conversations: Collection<Conversation>,
    pub(crate) chats: Collection<StoredChat>,
    pub(crate) files: Collection<StoredFile>,
    pub(crate) uploads: Collection<Upload>,
    pub(crate) upload_parts: Collection<UploadPart>,
    pub(crate) batches: Collection<StoredBatch>,
    pub(crate) vector_stores: Collection<VectorStore>,
    pub(crate) file_batches: Collection<FileBatch>,
    pub(crate) assistants: Collection<Value>,
    pub(crate) threads: Collection<Thread>,
    pub(crate) runs: Collection<Run>,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            ids: Ids::default(),
            responses: Collection::new("resp_", BYTES_LIMIT),
            conversations: Collection::new("conv_", BYTES_LIMIT),
            chats: Collection::new("chatcmpl-", BYTES_LIMIT),
            files: Collection::new("file-", FILE_BYTES_LIMIT),
            uploads: Collection::new("upload_", BYTES_LIMIT),
            upload_parts: Collection::new("part_", FILE_BYTES_LIMIT),
            batches: Collection::new("batch_", FILE_BYTES_LIMIT),
            vector_stores: Collection::new("vs_", BYTES_LIMIT),
            file_batches: Collection::new("vsfb_", BYTES_LIMIT),
            assistants: Collection::new("asst_", BYTES_LIMIT),
            threads: Collection::new("thread_", BYTES_LIMIT),
            runs: Collection::new("run_", BYTES_LIMIT),
        }
    }
}

impl Store {
    /// A conversation in its current state.
    pub(crate) fn conversation(&mut self, id: &str, now: Instant) -> Option<&mut Conversation> {
        let added = self.conversations.get_mut(id)?.settle(now);
        self.conversations.grow(id, added);
        self.conversations.get_mut(id)
    }

    /// A thread in its current state.
    pub(crate) fn thread(&mut self, id: &str, now: Instant) -> Option<&mut Thread> {
        let thread = self.threads.get_mut(id)?;
        let active = thread.active.take();
        if let Some(run) = active.and_then(|run| self.runs.get_mut(&run)) {
            let added = run.settle(thread, now);
            if !run.has_ended() {
                thread.active = Some(run.id.clone());
            }
            self.threads.grow(id, added);
        }
        self.threads.get_mut(id)
    }
}
