//! Uploaded files, and uploads in parts.

/// A file.
#[derive(Debug)]
pub(crate) struct StoredFile {
    pub(crate) id: String,
    pub(crate) filename: String,
    pub(crate) purpose: String,
    pub(crate) expires_at: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

/// A file that is uploaded in parts.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) filename: String,
    pub(crate) purpose: String,
    /// The announced size in bytes.
    pub(crate) bytes: u64,
    pub(crate) status: UploadStatus,
    /// When the resulting file expires.
    pub(crate) file_expires_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UploadStatus {
    Pending,
    /// It has become the file with this id.
    Completed(String),
    Cancelled,
}

/// A part of an upload.
#[derive(Debug)]
pub(crate) struct UploadPart {
    pub(crate) upload: String,
    pub(crate) bytes: Vec<u8>,
}
