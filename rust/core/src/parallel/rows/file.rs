//! A matrix in a NumPy file to which rows are appended, so that an interrupted run can be resumed.
//!
//! The format cannot describe the inputs of the rows. A second file next to it stores the job in
//! its first line, followed by a two-byte digest of the input of each row.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ring::digest::{digest, SHA256};

use super::npy::{header, width, BYTES_OF_NUMBER, HEADER_BYTES};
use crate::error::{Error, ErrorKind};

const BYTES_OF_DIGEST: u64 = size_of::<u16>() as u64;

/// The matrix of earlier runs and of this one.
#[derive(Debug)]
pub struct RowsFile {
    path: PathBuf,
    matrix: File,
    digests: File,
    digests_path: PathBuf,
    /// Where the digests start.
    first_digest: u64,
    rows: u64,
    /// `None` before the first row.
    width: Option<usize>,
}

/// Reads the digests of the rows of earlier runs.
#[derive(Debug)]
pub(super) struct KnownRows {
    reader: BufReader<File>,
    left: u64,
    path: PathBuf,
}

impl RowsFile {
    /// Reads the rows of `matrix`, which must be open for reading and writing at `path`. No other
    /// process may write to it. `body` is the request body of the job, without inputs.
    ///
    /// # Errors
    /// Fails if the file cannot be read or has other content; it is then unchanged.
    pub fn open(matrix: File, path: &Path, body: &str) -> Result<RowsFile, Error> {
        let refused = |error: io::Error| Error::argument(format!("it cannot be read: {error}"));
        let metadata = matrix.metadata().map_err(refused)?;
        // Devices and pipes may never end.
        if !metadata.is_file() {
            return Err(Error::argument("it is not a regular file"));
        }
        let job: String = digest(&SHA256, body.as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let first_line = format!("{{\"openaistream_rows\":1,\"job\":\"{job}\"}}\n");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut job_path = OsString::from(path);
        job_path.push(".job");
        if metadata.len() > 0 && !Path::new(&job_path).exists() {
            return Err(Error::argument(
                "it was not written by this package; the file was not changed",
            ));
        }
        let digests_path = PathBuf::from(job_path);
        let digests = options.open(&digests_path).map_err(refused)?;
        let mut file = RowsFile {
            path: path.to_owned(),
            matrix,
            digests,
            digests_path,
            first_digest: first_line.len() as u64,
            rows: 0,
            width: None,
        };
        if metadata.len() > 0 {
            file.read(metadata.len(), &first_line)
                .map_err(refused)?
                .map_err(Error::argument)?;
        }
        file.begin(&first_line).map_err(refused)?;
        Ok(file)
    }

    /// Reads the number of rows, or returns why they do not belong to this job.
    fn read(&mut self, length: u64, first_line: &str) -> io::Result<Result<(), &'static str>> {
        let mut line = Vec::new();
        let most = self.first_digest;
        BufReader::new((&self.digests).take(most)).read_until(b'\n', &mut line)?;
        if line != first_line.as_bytes() {
            return Ok(Err(
                "it contains the embeddings of another job (with another model or other fields); \
                 the file was not changed",
            ));
        }
        if length < HEADER_BYTES as u64 {
            return Ok(Ok(()));
        }
        let mut header = [0; HEADER_BYTES];
        self.matrix.seek(SeekFrom::Start(0))?;
        self.matrix.read_exact(&mut header)?;
        let Some(width) = width(&header) else {
            return Ok(Err(
                "it was not written by this package; the file was not changed",
            ));
        };
        let digests = self.digests.metadata()?.len() - self.first_digest;
        let rows = (length - HEADER_BYTES as u64) / (width * BYTES_OF_NUMBER) as u64;
        self.rows = rows.min(digests / BYTES_OF_DIGEST);
        self.width = Some(width);
        Ok(Ok(()))
    }

    /// Removes incomplete rows.
    fn begin(&mut self, first_line: &str) -> io::Result<()> {
        self.digests.seek(SeekFrom::Start(0))?;
        self.digests.write_all(first_line.as_bytes())?;
        let end = self.first_digest + self.rows * BYTES_OF_DIGEST;
        self.digests.set_len(end)?;
        match self.width.filter(|_| self.rows > 0) {
            None => {
                self.width = None;
                self.matrix.set_len(0)
            }
            Some(width) => {
                let bytes = self.rows * (width * BYTES_OF_NUMBER) as u64;
                self.matrix.set_len(HEADER_BYTES as u64 + bytes)
            }
        }
    }

    /// The existing rows.
    pub(super) fn known(&self) -> Result<KnownRows, Error> {
        // Opened separately, to have its own position.
        let opened = File::open(&self.digests_path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.first_digest))?;
            Ok(file)
        });
        Ok(KnownRows {
            reader: BufReader::new(opened.map_err(|error| failed(&error))?),
            left: self.rows,
            path: self.path.clone(),
        })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Appends rows of this width, as bytes, with the digests of their inputs.
    ///
    /// # Errors
    /// Fails if they cannot be written, or if the existing rows have a different width.
    pub(super) fn append(
        &mut self,
        digests: &[u16],
        width: usize,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let known = *self.width.get_or_insert(width);
        if known != width {
            return Err(Error::response(format!(
                "The embeddings of one response have {width} numbers, but those in the file have \
                 {known}."
            )));
        }
        self.write(digests, width, bytes)
            .map_err(|error| failed(&error))
    }

    fn write(&mut self, digests: &[u16], width: usize, bytes: &[u8]) -> io::Result<()> {
        let at = self.first_digest + self.rows * BYTES_OF_DIGEST;
        let digests_bytes: Vec<u8> = digests.iter().flat_map(|it| it.to_le_bytes()).collect();
        self.digests.seek(SeekFrom::Start(at))?;
        self.digests.write_all(&digests_bytes)?;
        if self.rows == 0 {
            // A run that ends while it writes the first rows must leave a file that it can continue.
            self.write_header(width)?;
        }
        let before = self.rows * (width * BYTES_OF_NUMBER) as u64;
        self.matrix
            .seek(SeekFrom::Start(HEADER_BYTES as u64 + before))?;
        self.matrix.write_all(bytes)?;
        self.rows += digests.len() as u64;
        // Keep the header valid for concurrent readers.
        self.write_header(width)
    }

    fn write_header(&mut self, width: usize) -> io::Result<()> {
        self.matrix.seek(SeekFrom::Start(0))?;
        self.matrix.write_all(&header(self.rows, width))
    }
}

impl KnownRows {
    /// Whether the next input has a row.
    ///
    /// # Errors
    /// Fails if the row belongs to a different input.
    pub fn has_next(&mut self, index: u64, digest: u16) -> Result<bool, Error> {
        if self.left == 0 {
            return Ok(false);
        }
        let mut bytes = [0; BYTES_OF_DIGEST as usize];
        let read = self.reader.read_exact(&mut bytes);
        read.map_err(|error| failed(&error))?;
        if u16::from_le_bytes(bytes) != digest {
            return Err(Error::argument(format!(
                "Input {index} differs from the one whose embedding is in \"{}\": use the same \
                 inputs as before, or another file.",
                self.path.display()
            )));
        }
        self.left -= 1;
        Ok(true)
    }
}

fn failed(error: &io::Error) -> Error {
    let message = format!("The embeddings file cannot be read or written: {error}.");
    Error::new(ErrorKind::Journal, message)
}
