//! Embeddings in a NumPy file.

mod file;
mod mark;
mod npy;
mod parts;
mod sink;

use std::sync::Arc;

use tokio::runtime::Handle;

use self::parts::InputParts;
use self::sink::RowsSink;
use super::file_run::FileRun;
use super::item::{Settings, Template};
use super::prompts::PromptLines;
use crate::error::Error;
use crate::queue::Queue;

pub use self::file::RowsFile;

/// A run to a matrix.
pub struct RowsJob {
    pub template: Template,
    /// The JSON of the request body before and after the inputs.
    pub frame: [String; 2],
    /// `None` if the caller provides the inputs.
    pub inputs: Option<PromptLines>,
    pub rows: RowsFile,
}

impl RowsJob {
    /// Sends the inputs without a row, on the runtime of `handle`.
    ///
    /// # Errors
    /// Fails if the existing rows cannot be read.
    pub fn start(self, handle: &Handle, settings: Settings) -> Result<FileRun, Error> {
        let prompts_needed = Arc::new(Queue::default());
        let known = self.rows.known()?;
        let sink = Arc::new(RowsSink::new(self.rows, Arc::clone(&prompts_needed)));
        let requests = |prompts| {
            let (template, rows) = (Arc::new(self.template), Arc::clone(&sink));
            InputParts::new(prompts, template, self.frame, known, rows)
        };
        let file = Arc::clone(&sink);
        Ok(FileRun::start(
            handle,
            self.inputs,
            prompts_needed,
            file,
            requests,
            settings,
        ))
    }
}
