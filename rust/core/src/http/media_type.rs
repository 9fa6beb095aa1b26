//! Detects the media type of a file from its content and its name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

const UNKNOWN: &str = "application/octet-stream";

/// The number of bytes that are inspected.
pub(crate) const HEAD_BYTES: usize = 8 << 10;

/// The media type of a file that begins with `head`.
///
/// For text, the file name is more reliable than the first bytes, which may match a signature by
/// chance, such as `BM` (bitmap). Audio and video files always have signatures, so their names are
/// not trusted without one.
pub(crate) fn media_type(head: &[u8], path: &Path) -> &'static str {
    let by_content = infer::get(head).map(|kind| kind.mime_type());
    let by_name = mime_guess::from_path(path).first_raw();
    let by_name = by_name.filter(|name| !name.starts_with("audio/") && !name.starts_with("video/"));
    let detected = match is_text(head) {
        true => by_name.or(by_content),
        false => by_content.or(by_name),
    };
    detected.unwrap_or(UNKNOWN)
}

/// The media type of the file at `path`, from its first bytes and its name.
///
/// # Errors
/// Fails if the file cannot be read.
pub fn media_type_of(path: &Path) -> std::io::Result<&'static str> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    File::open(path)?
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    Ok(media_type(&head, path))
}

/// The usual file extension for content that begins with `head`, such as `png`.
pub fn usual_ending(head: &[u8]) -> Option<&'static str> {
    infer::get(head).map(|kind| kind.extension())
}

/// Whether the bytes are UTF-8 text, possibly truncated within a character.
fn is_text(head: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_takes_precedence_over_the_name() {
        let webp: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";
        let jpeg: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
        let cases: [(&[u8], &str, &str); 14] = [
            (webp, "picture.webp", "image/webp"),
            (webp, "picture", "image/webp"),
            (webp, "picture.png", "image/webp"),
            (jpeg, "picture", "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0", "a.b/picture", "image/png"),
            (b"\x01\x02\x03", "picture.WEBP", "image/webp"),
            (b"\x01\x02\x03", "picture", UNKNOWN),
            (b"\x01\x02\x03", "sound.wav", UNKNOWN),
            (b"%PDF-1.4", "report", "application/pdf"),
            (b"BMW and others", "cars.txt", "text/plain"),
            (b"a,b\n1,\xc3", "table.csv", "text/csv"),
            (b"{}\n{}\n", "train.jsonl", UNKNOWN),
            (b"", "empty.txt", "text/plain"),
            (b"", "empty", UNKNOWN),
        ];
        for (head, name, expected) in cases {
            assert_eq!(media_type(head, Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn contents_have_a_usual_file_extension() {
        assert_eq!(usual_ending(b"RIFF\x24\0\0\0WEBPVP8 "), Some("webp"));
        assert_eq!(usual_ending(b"plain text"), None);
    }
}
