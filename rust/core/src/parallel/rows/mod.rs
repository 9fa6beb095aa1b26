//! Embeddings in a file of NumPy.

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

/// What a run to a matrix asks, and where the rows go.
pub struct RowsJob {
    pub template: Template,
    /// The JSON of a request's body before and behind its inputs.
    pub frame: [String; 2],
    /// None where the run is given its inputs.
    pub inputs: Option<PromptLines>,
    pub rows: RowsFile,
}

impl RowsJob {
    /// Sends the inputs that have no row yet on the runtime of `handle`.
    ///
    /// # Errors
    /// The rows that are there cannot be read.
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
