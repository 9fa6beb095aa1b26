//! The request files that are uploaded, one JSON object per line.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::part::Line;
use crate::error::Error;

/// The limits of one batch.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The maximum number of requests; for embeddings, of inputs.
    pub requests: u64,
    /// The maximum size of the file in bytes.
    pub bytes: u64,
}

/// A request file that is ready for upload.
#[derive(Debug)]
pub struct Planned {
    /// The number of its part.
    pub part: u64,
    pub path: PathBuf,
    pub requests: usize,
}

/// A request file that is being written.
pub(super) struct Draft {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    weight: u64,
    pub(super) lines: Vec<Line>,
}

impl Draft {
    pub(super) fn new(path: PathBuf) -> Result<Draft, Error> {
        let file = File::create(&path).map_err(|error| unwritable(&path, &error))?;
        Ok(Draft {
            path,
            file: BufWriter::new(file),
            bytes: 0,
            weight: 0,
            lines: Vec::new(),
        })
    }

    /// Whether another line fits. A line that exceeds the limits by itself is accepted as the only
    /// line; the server will reject it.
    pub(super) fn has_room(&self, text: &[u8], weight: u64, limits: Limits) -> bool {
        self.lines.is_empty()
            || (self.weight + weight <= limits.requests
                && self.bytes + text.len() as u64 <= limits.bytes)
    }

    pub(super) fn add(&mut self, line: Line, text: &[u8], weight: u64) -> Result<(), Error> {
        let written = self.file.write_all(text);
        written.map_err(|error| unwritable(&self.path, &error))?;
        self.bytes += text.len() as u64;
        self.weight += weight;
        self.lines.push(line);
        Ok(())
    }

    /// Closes the file and returns its lines.
    pub(super) fn end(mut self) -> Result<(PathBuf, Vec<Line>), Error> {
        let flushed = self.file.flush();
        flushed.map_err(|error| unwritable(&self.path, &error))?;
        Ok((self.path, self.lines))
    }
}

/// The line of one request.
pub(super) fn text_of(index: u64, endpoint: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("{{\"custom_id\":\"{index}\",\"method\":\"POST\",\"url\":\"{endpoint}\",\"body\":");
    [head.as_bytes(), body, b"}\n"].concat()
}

/// Creates the folder for the files.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    Error::argument(format!("The file {path} cannot be written: {error}."))
}
