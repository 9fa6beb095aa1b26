//! Sends many requests at once, within shared rate limits.

mod budget;
mod collector;
mod file_run;
mod item;
mod journal;
mod keys;
mod prompts;
mod results;
mod rows;
mod run;
mod runner;
mod sink;
mod source;
mod tokens;

pub use self::budget::Price;
pub use self::collector::Collector;
pub use self::file_run::{Counts, FileRun};
pub use self::item::{Item, Outcome, Settings, Template};
pub use self::journal::Journal;
pub(crate) use self::journal::{beginning, is_beginning, is_of_run, no_journal, BATCH_HEAD};
pub(crate) use self::keys::{Digest, Key, Keys};
pub use self::prompts::{Frame, Prompt, PromptLines, PromptsNeeded};
pub use self::results::{open_results, ResultLine, ResultsFile, ResultsJob, ResultsReader};
pub use self::rows::{RowsFile, RowsJob};
pub use self::run::{forecast, stored_answers, Run};
pub use crate::http::pace::Forecast;
