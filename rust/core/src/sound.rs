//! Detects bytes that are not audio.

use crate::json::Document;

/// Why bytes are not audio; `None` if they may be.
pub(crate) fn not_a_sound(bytes: &[u8], content_type: &str) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("it is empty");
    }
    if content_type.contains("html") {
        return Some("it is an HTML page");
    }
    // Content types may be wrong.
    let is_json_type = content_type.contains("json");
    let is_json = match may_be_json(bytes) {
        true => is_json_type || Document::parse(bytes).is_ok(),
        false => is_json_type && Document::parse(bytes).is_ok(),
    };
    is_json.then_some("it is JSON")
}

/// Whether bytes start like a JSON object or array. Numbers and words are JSON too, but audio
/// samples may look like them.
pub(crate) fn may_be_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_html_pages_are_not_audio() {
        for (bytes, content_type) in [
            (&b""[..], "audio/mpeg"),
            (b"{\"error\":\"a\"}", "audio/mpeg"),
            (b" [1]", ""),
            (b"null", "application/json"),
            (b"<html>", "text/html; charset=utf-8"),
        ] {
            assert!(not_a_sound(bytes, content_type).is_some(), "{content_type}");
        }
        for (bytes, content_type) in [
            (&b"ID3 and the rest"[..], "audio/mpeg"),
            (b"{\x00\x01", "audio/pcm"),
            (b"12", "application/octet-stream"),
            (b"ID3 and the rest", "application/json"),
            (b"a sound", "text/plain"),
        ] {
            assert_eq!(not_a_sound(bytes, content_type), None, "{content_type}");
        }
    }
}
