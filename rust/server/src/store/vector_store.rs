//! Vector stores and their files.

use serde_json::Value;

/// A vector store.
#[derive(Debug)]
pub(crate) struct VectorStore {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Value,
    pub(crate) expires_after: Option<Value>,
    /// Oldest first.
    pub(crate) files: Vec<VectorFile>,
}

/// A file in a vector store.
#[derive(Clone, Debug)]
pub(crate) struct VectorFile {
    pub(crate) id: String,
    pub(crate) attributes: Value,
    pub(crate) chunking_strategy: Value,
    /// The size of the file in bytes.
    pub(crate) bytes: usize,
}

/// Files that were added together.
#[derive(Debug)]
pub(crate) struct FileBatch {
    pub(crate) id: String,
    pub(crate) vector_store: String,
    pub(crate) files: Vec<VectorFile>,
}
