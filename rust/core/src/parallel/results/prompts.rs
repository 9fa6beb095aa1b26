//! Prompts that come one after the other, and their requests.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;
use tokio::task::yield_now;

use super::file::ResultsFile;
use super::prompt::{Frame, Prompt};
use crate::error::Error;
use crate::http::request::Body;
use crate::parallel::item::{Item, Template};
use crate::parallel::source::{Numbered, Source};
use crate::queue::{Queue, Weight};

/// After so many prompts that were answered before, other tasks have their turn.
const AT_ONCE: u64 = 256;

/// What a run wants of whoever started it.
#[derive(Debug)]
pub struct WantsPrompts;

impl Weight for WantsPrompts {
    fn bytes(&self) -> usize {
        0
    }
}

/// The lines of a file.
pub struct PromptLines {
    reader: BufReader<File>,
    /// How errors call the file.
    name: String,
    number: u64,
    line: Vec<u8>,
}

impl PromptLines {
    /// # Errors
    /// The file at `path`, which `name` shows, cannot be opened.
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
                Err(why) => return Err(refused(&format!("is no prompt: {why}."))),
            }
        }
    }
}

/// Prompts as whoever started the run gives them when they are wanted.
pub(super) struct PromptChunks {
    pub chunks: Receiver<Vec<Prompt>>,
    pub wants: Arc<Queue<WantsPrompts>>,
    pub current: std::vec::IntoIter<Prompt>,
}

impl PromptChunks {
    async fn next(&mut self) -> Option<Prompt> {
        loop {
            if let Some(prompt) = self.current.next() {
                return Some(prompt);
            }
            self.current = self.chunks.recv().await?.into_iter();
            // The next ones are made while these are sent.
            self.wants.push(vec![WantsPrompts], None).await;
        }
    }
}

pub(super) enum Prompts {
    Lines(PromptLines),
    Chunks(PromptChunks),
}

/// What a results file tells of a prompt.
pub(super) struct Mark {
    pub digest: u16,
    pub id: Option<String>,
}

/// The requests for those prompts that have no answer yet.
pub(super) struct PromptRequests {
    pub prompts: Prompts,
    pub template: Arc<Template>,
    pub frame: Frame,
    pub results: Arc<ResultsFile>,
    /// How many prompts came so far.
    pub count: u64,
}

impl Source for PromptRequests {
    type Mark = Mark;

    async fn next(&mut self) -> Result<Option<Numbered<Mark>>, Error> {
        loop {
            if self.count % AT_ONCE == AT_ONCE - 1 {
                yield_now().await;
            }
            let prompt = match &mut self.prompts {
                Prompts::Lines(lines) => lines.next()?,
                Prompts::Chunks(chunks) => chunks.next().await,
            };
            let Some(prompt) = prompt else {
                return Ok(None);
            };
            self.count += 1;
            if let Some(numbered) = self.request(prompt)? {
                return Ok(Some(numbered));
            }
        }
    }
}

impl PromptRequests {
    /// The request for the last prompt that came; None where there is nothing to send.
    fn request(&self, prompt: Prompt) -> Result<Option<Numbered<Mark>>, Error> {
        let digest = prompt.digest();
        if self.results.has(self.count, digest)? {
            return Ok(None);
        }
        let body = self.frame.body(&prompt);
        let id = prompt.into_id();
        let Some(body) = body else {
            self.results
                .keep(self.count, digest, "null", id.as_deref())?;
            return Ok(None);
        };
        Ok(Some(Numbered {
            index: self.count as usize - 1,
            item: Item {
                template: Arc::clone(&self.template),
                body: Body::Json(body),
                ask_again: false,
                occurrence: None,
            },
            mark: Mark { digest, id },
        }))
    }
}
