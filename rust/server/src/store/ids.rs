//! Sequential ids.

use std::collections::HashMap;

/// The last number for each prefix.
#[derive(Debug, Default)]
pub(crate) struct Ids(HashMap<&'static str, u64>);

impl Ids {
    /// The next id with this prefix: `msg_1`, `msg_2` ...
    pub(crate) fn next(&mut self, prefix: &'static str) -> String {
        let last = self.0.entry(prefix).or_default();
        *last += 1;
        format!("{prefix}{last}")
    }
}
