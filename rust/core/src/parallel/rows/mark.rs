//! The inputs of a request.

/// The rows that belong to a request.
#[derive(Debug, Default)]
pub(super) struct Mark {
    /// The index of the first row, from 0.
    pub first: u64,
    /// The digest of the input of each row.
    pub digests: Vec<u16>,
    /// For each row, whether its input is sent; missing inputs are not.
    pub is_sent: Vec<bool>,
}

impl Mark {
    pub fn sent(&self) -> usize {
        self.is_sent.iter().filter(|is_sent| **is_sent).count()
    }
}
