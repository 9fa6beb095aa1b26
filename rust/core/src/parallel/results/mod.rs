//! Results in files of JSON lines.

mod file;
mod line;
mod order;
mod reader;
mod requests;
mod run;

pub use self::file::ResultsFile;
pub use self::reader::{ResultLine, ResultsReader};
pub use self::run::{open_results, ResultsJob};
