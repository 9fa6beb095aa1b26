//! Reads a results file line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use super::line::{path_of, Line};
use crate::error::Error;
use crate::json::{Document, ParseError};

/// The result of one prompt.
#[derive(Debug)]
pub struct ResultLine {
    /// The number of the prompt, from 1.
    pub index: u64,
    pub id: Option<Document>,
    pub is_answer: bool,
    /// The answer (null if the prompt was missing), or the error record.
    pub content: Document,
}

/// Reads a results file, even while a run writes to it.
#[derive(Debug)]
pub struct ResultsReader {
    reader: BufReader<File>,
    line: Vec<u8>,
    position: u64,
}

impl ResultsReader {
    /// Reads `file` from `position` on, which must be the start of a line; the first line starts at
    /// 0.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn new(mut file: File, position: u64) -> Result<ResultsReader, Error> {
        file.seek(SeekFrom::Start(position)).map_err(unreadable)?;
        Ok(ResultsReader {
            reader: BufReader::new(file),
            line: Vec::new(),
            position,
        })
    }

    /// Reads the request path from the first line.
    ///
    /// # Errors
    /// Fails if this is not the first line of a results file.
    pub fn path(&mut self) -> Result<String, Error> {
        let has_line = self.read()?;
        let path = has_line.then(|| path_of(&self.line)).flatten();
        path.ok_or_else(|| Error::argument("it is not a results file"))
    }

    /// The result of the next prompt; `None` at the end.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<ResultLine>, Error> {
        if !self.read()? {
            return Ok(None);
        }
        let line = Line::of(&self.line)
            .ok_or_else(|| Error::argument("it contains lines that are not results"))?;
        let broken =
            |error: ParseError| Error::argument(format!("it contains invalid JSON: {error}"));
        let id = line.id.map(Document::parse).transpose();
        Ok(Some(ResultLine {
            index: line.head.index,
            is_answer: line.head.is_answer,
            id: id.map_err(broken)?,
            content: Document::parse(line.json).map_err(broken)?,
        }))
    }

    /// Where the next line starts.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Reads a line; false if there is no complete line.
    fn read(&mut self) -> Result<bool, Error> {
        self.line.clear();
        let read = self.reader.read_until(b'\n', &mut self.line);
        read.map_err(unreadable)?;
        let is_whole = self.line.ends_with(b"\n");
        if is_whole {
            self.position += self.line.len() as u64;
        }
        Ok(is_whole)
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::argument(format!("it cannot be read: {error}"))
}
