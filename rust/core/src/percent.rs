//! Percent-encoding for URLs.

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

/// The unreserved characters of RFC 3986 (section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const IN_SEGMENT: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Encodes text for a path segment.
pub(crate) fn encoded_in_segment(segment: &str) -> String {
    utf8_percent_encode(segment, IN_SEGMENT).to_string()
}

/// Encodes text for a query parameter.
pub(crate) fn encoded_in_query(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
