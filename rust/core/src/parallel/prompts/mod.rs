//! Prompts that are read one by one, from a file or from the caller of the run.

mod prompt;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::vec::IntoIter;

use tokio::sync::mpsc::Receiver;

pub use self::prompt::{Frame, Prompt};
use crate::error::Error;
use crate::queue::{Queue, Weight};

/// Tells the caller that the run needs prompts.
#[derive(Debug)]
pub struct PromptsNeeded;

impl Weight for PromptsNeeded {
    fn bytes(&self) -> usize {
        0
    }
}

/// The lines of a file.
pub struct PromptLines {
    reader: BufReader<File>,
    /// The name of the file in error messages.
    name: String,
    number: u64,
    line: Vec<u8>,
}

impl PromptLines {
    /// Opens the file at `path`, which error messages call `name`.
    ///
    /// # Errors
    /// Fails if the file cannot be opened.
    pub fn open(path: &Path, name: &str) -> Result<PromptLines, Error> {
        let file = File::open(path)
            .map_err(|error| Error::argument(format!("\"{name}\" cannot be opened: {error}.")))?;
        Ok(PromptLines {
            reader: BufReader::new(file),
            name: name.to_owned(),
            number: 0,
            line: Vec::new(),
        })
    }

    fn next(&mut self) -> Result<Option<Prompt>, Error> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = self.reader.read_until(b'\n', &mut self.line);
            let refused = |what: &str| {
                Error::argument(format!("Line {} of \"{}\" {what}", self.number, self.name))
            };
            match read {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(refused(&format!("cannot be read: {error}."))),
            }
            match Prompt::of_line(&self.line) {
                Ok(None) => {}
                Ok(prompt) => return Ok(prompt),
                Err(why) => return Err(refused(&format!("is not a prompt: {why}."))),
            }
        }
    }
}

/// Prompts that the caller provides on request.
pub(super) struct PromptChunks {
    pub chunks: Receiver<Vec<Prompt>>,
    pub prompts_needed: Arc<Queue<PromptsNeeded>>,
    pub current: IntoIter<Prompt>,
}

impl PromptChunks {
    async fn next(&mut self) -> Option<Prompt> {
        loop {
            if let Some(prompt) = self.current.next() {
                return Some(prompt);
            }
            self.current = self.chunks.recv().await?.into_iter();
            // The caller prepares the next chunk while this one is sent.
            self.prompts_needed.push(vec![PromptsNeeded], None).await;
        }
    }
}

pub(super) enum Prompts {
    Lines(PromptLines),
    Chunks(PromptChunks),
}

impl Prompts {
    /// The next prompt; `None` after the last. Cancel safe.
    pub async fn next(&mut self) -> Result<Option<Prompt>, Error> {
        match self {
            Prompts::Lines(lines) => lines.next(),
            Prompts::Chunks(chunks) => Ok(chunks.next().await),
        }
    }
}
