//! What is known of the inputs of a request.

/// The inputs of a request among the rows.
#[derive(Debug, Default)]
pub(super) struct Mark {
    /// The place of the first row, from 0.
    pub first: u64,
    /// For each row a digest of its input.
    pub digests: Vec<u16>,
    /// For each row whether its input is sent: of those that are missing it has no numbers.
    pub is_sent: Vec<bool>,
}

impl Mark {
    pub fn sent(&self) -> usize {
        self.is_sent.iter().filter(|is_sent| **is_sent).count()
    }
}
