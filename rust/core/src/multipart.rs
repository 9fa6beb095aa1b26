//! Multipart forms (RFC 7578) whose files are streamed from disk, never whole in memory.

use std::path::{Path, PathBuf};

use reqwest::multipart::{Form, Part};
use reqwest::Body;

use crate::error::Error;
use crate::file_body::FileBody;

/// One part of a form, in the order in which it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Text {
        name: String,
        value: String,
    },
    File {
        name: String,
        /// Where the file is, in the encoding of the system.
        path: PathBuf,
        /// How the server is told it is called.
        file_name: String,
    },
}

impl Field {
    /// Whether the field says the same when it is read again.
    pub(crate) fn can_be_repeated(&self) -> bool {
        match self {
            Field::Text { .. } => true,
            Field::File { path, .. } => path.is_file(),
        }
    }
}

/// The form as reqwest sends it, and a summary of it, a line a field. The files are opened now, so
/// that a file that cannot be read is an error before anything is sent.
pub(crate) async fn form(fields: &[Field]) -> Result<(Form, String), Error> {
    let mut form = Form::new();
    let mut summary = String::new();
    for field in fields {
        match field {
            Field::Text { name, value } => {
                summary.push_str(&format!("{name}: {value}\n"));
                form = form.text(name.clone(), value.clone());
            }
            Field::File {
                name,
                path,
                file_name,
            } => {
                let (part, length) = file_part(name, path).await?;
                summary.push_str(&format!("{name}: {file_name} ({length} bytes)\n"));
                form = form.part(name.clone(), part.file_name(file_name.clone()));
            }
        }
    }
    Ok((form, summary))
}

/// The part of a file, and the file's length in bytes.
async fn file_part(name: &str, path: &Path) -> Result<(Part, u64), Error> {
    let unreadable = |error: std::io::Error| {
        Error::argument(format!(
            "The file {} of \"{name}\" cannot be read: {error}.",
            path.display()
        ))
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    // Some systems open directories as they open files.
    if metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    let length = metadata.len();
    let content = Body::wrap(FileBody::new(file.into_std().await));
    let part = if metadata.is_file() {
        Part::stream_with_length(content, length)
    } else {
        // The length of a pipe is known when it is over.
        Part::stream(content)
    };
    let part = part
        .mime_str(media_type(path))
        .map_err(|error| Error::argument(error.to_string()))?;
    Ok((part, length))
}

/// The media types that curl knows by a file's name, which 0.3.0 sent; servers look at the
/// contents.
fn media_type(path: &Path) -> &'static str {
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    match extension.as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}
