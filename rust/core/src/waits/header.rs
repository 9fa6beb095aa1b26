//! The text of a header.

use reqwest::header::HeaderMap;

/// `None` if the header is missing or not text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
