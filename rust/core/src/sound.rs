//! Whether bytes are a sound.

use crate::json::Document;

/// Why bytes that should be a sound are none; None where they may be one.
pub(crate) fn not_a_sound(bytes: &[u8], content_type: &str) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("it is empty");
    }
    if content_type.contains("html") {
        return Some("it is a page");
    }
    // Servers are wrong about content types.
    let is_told = content_type.contains("json");
    let is_json = match may_be_json(bytes) {
        true => is_told || Document::parse(bytes).is_ok(),
        false => is_told && Document::parse(bytes).is_ok(),
    };
    is_json.then_some("it is JSON")
}

/// Whether bytes begin as an object or an array does: numbers and words are JSON, too, and may be
/// what samples look like.
pub(crate) fn may_be_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_pages_are_no_sounds() {
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
