//! Many requests at once, within limits that all of them share.

mod journal;
mod run;
mod tokens;

pub use self::journal::Journal;
pub use self::run::{kept, Item, Outcome, Run, Settings, Template};
