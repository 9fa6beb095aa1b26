//! Multipart forms (RFC 7578) that stream their files from disk.

use std::fs::{File, Metadata};
use std::io::{Read, Result as IoResult, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use reqwest::multipart::{Form, Part};
use reqwest::Body;

use crate::error::Error;
use crate::http::file_body::FileBody;
use crate::http::media_type::{media_type, HEAD_BYTES};

/// One part of a form, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Text {
        name: String,
        value: String,
    },
    File {
        name: String,
        /// The path of the file, in the encoding of the system.
        path: PathBuf,
        /// The file name that is sent to the server.
        file_name: String,
        /// The range of bytes to send; `None` for the whole file.
        part: Option<Range<u64>>,
    },
}

impl Field {
    /// Whether the field can be read again for a retry.
    pub(crate) fn can_be_repeated(&self) -> bool {
        match self {
            Field::Text { .. } => true,
            Field::File { path, .. } => path.is_file(),
        }
    }

    /// Identifies the field; for a file this includes its length and modification time.
    pub(crate) fn identity(&self) -> String {
        match self {
            Field::Text { name, value } => format!("{name}={value}"),
            Field::File {
                name, path, part, ..
            } => {
                let metadata = std::fs::metadata(path).ok();
                let length = metadata.as_ref().map(Metadata::len);
                let changed = metadata.and_then(|metadata| metadata.modified().ok());
                format!("{name}={path:?} {part:?} {length:?} {changed:?}")
            }
        }
    }
}

/// Builds the form for reqwest, and a summary with one line per field. Opens the files, so that an
/// unreadable file is an error before anything is sent.
pub(crate) async fn form(fields: &[Field]) -> Result<(Form, String), Error> {
    let mut form = Form::new();
    let mut summary = String::new();
    for field in fields {
        match field {
            Field::Text { name, value } => {
                summary.push_str(&format!("{name}: {value}\n"));
                form = form.text(in_header(name), value.clone());
            }
            Field::File {
                name,
                path,
                file_name,
                part,
            } => {
                let (part, length) = file_part(name, path, part.as_ref()).await?;
                summary.push_str(&format!("{name}: {file_name} ({length} bytes)\n"));
                form = form.part(in_header(name), part.file_name(in_header(file_name)));
            }
        }
    }
    Ok((form, summary))
}

/// Escapes a name for the header of a part
/// (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>).
fn in_header(name: &str) -> String {
    name.replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22")
}

/// The part for a file, or for a range of its bytes, and its length.
async fn file_part(
    name: &str,
    path: &Path,
    bytes: Option<&Range<u64>>,
) -> Result<(Part, u64), Error> {
    let unreadable = |error: std::io::Error| {
        Error::argument(format!(
            "The file {} of \"{name}\" cannot be read: {error}.",
            path.display()
        ))
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    // Some systems can open directories like files.
    if metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    let whole = 0..metadata.len();
    let bytes = bytes.unwrap_or(&whole);
    if bytes.end > whole.end {
        let why = format!(
            "it has {} bytes, but {} were expected",
            whole.end, bytes.end
        );
        return Err(unreadable(std::io::Error::other(why)));
    }
    let length = bytes.end - bytes.start;
    let mut file = file.into_std().await;
    // A pipe cannot be rewound after its first bytes have been read.
    let head = match metadata.is_file() {
        true => head(&mut file, bytes.start).map_err(unreadable)?,
        false => Vec::new(),
    };
    let most = match metadata.is_file() {
        true => length,
        false => u64::MAX,
    };
    let content = Body::wrap(FileBody::new(file.take(most)));
    let part = if metadata.is_file() {
        Part::stream_with_length(content, length)
    } else {
        // The length of a pipe is unknown until it ends.
        Part::stream(content)
    };
    let part = part
        .mime_str(media_type(&head, path))
        .map_err(|error| Error::argument(error.to_string()))?;
    Ok((part, length))
}

/// Reads the first bytes from `start` on, and rewinds the file.
fn head(file: &mut File, start: u64) -> IoResult<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.seek(SeekFrom::Start(start))?;
    file.by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(head)
}
