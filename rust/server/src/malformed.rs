//! Malformed requests.

/// Why a request cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    Syntax,
    TooLarge,
}
