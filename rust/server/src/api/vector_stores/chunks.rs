//! Splits the text of files into chunks.

use crate::model::tokens;
use crate::store::{Store, VectorFile};

/// The maximum number of chunks of a file that are searched.
const CHUNK_LIMIT: usize = 10_000;

/// The chunks of a file; none if it is not text or was deleted.
pub(super) fn chunks(store: &Store, file: &VectorFile) -> Vec<String> {
    let bytes = store.files.get(&file.id).map(|file| file.bytes.as_slice());
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
    let size = file.chunking_strategy["static"]["max_chunk_size_tokens"].as_u64();
    let size = size.map_or(usize::MAX, |size| {
        usize::try_from(size).unwrap_or(usize::MAX)
    });
    let mut tokens = tokens(text.unwrap_or_default()).peekable();
    let mut chunks = Vec::new();
    while tokens.peek().is_some() && chunks.len() < CHUNK_LIMIT {
        chunks.push(tokens.by_ref().take(size.max(1)).collect());
    }
    chunks
}
