//! Runs larger than memory: prompts that come one after the other, answers in a file.

mod file;
mod line;
mod order;
mod prompt;
mod prompts;
mod reader;
mod run;

pub use self::file::{Counts, ResultsFile};
pub use self::prompt::{Frame, Prompt};
pub use self::prompts::{PromptLines, WantsPrompts};
pub use self::reader::{ResultLine, ResultsReader};
pub use self::run::{open_results, Job, ResultsRun};
