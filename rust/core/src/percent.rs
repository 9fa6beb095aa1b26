//! Texts as they stand in a URL.

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

/// What RFC 3986 (section 2.3) lets stand for itself anywhere.
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

/// A text as it stands in a segment of a path.
pub(crate) fn encoded_in_segment(segment: &str) -> String {
    utf8_percent_encode(segment, IN_SEGMENT).to_string()
}

/// A text as it stands in a field of a query.
pub(crate) fn encoded_in_query(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
