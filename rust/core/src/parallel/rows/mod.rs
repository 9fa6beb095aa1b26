//! Embeddings in a NumPy file.

mod file;
mod kept;
mod mark;
mod npy;
mod parts;

use std::sync::Arc;

use tokio::runtime::Handle;

use self::kept::KeptRows;
use self::parts::InputParts;
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
        let wants = Arc::new(Queue::default());
        let known = self.rows.known()?;
        let kept = Arc::new(KeptRows::new(self.rows, Arc::clone(&wants)));
        let requests = |prompts| {
            let (template, rows) = (Arc::new(self.template), Arc::clone(&kept));
            InputParts::new(prompts, template, self.frame, known, rows)
        };
        let keeper = Arc::clone(&kept);
        Ok(FileRun::start(
            handle,
            self.inputs,
            wants,
            keeper,
            requests,
            settings,
        ))
    }
}
