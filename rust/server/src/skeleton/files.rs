//! Small valid files.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;

/// A ZIP archive with one file, `SKILL.md`, in base64.
const ZIP: &str = concat!(
    "UEsDBBQAAAAAAKqxblfki0wLCgAAAAoAAAAIAAAAU0tJTEwubWQjIEV4YW1wbGUK",
    "UEsBAhQDFAAAAAAAqrFuV+SLTAsKAAAACgAAAAgAAAAAAAAAAAAAAIABAAAAAFNL",
    "SUxMLm1kUEsFBgAAAAABAAEANgAAADAAAAAAAA==",
);
/// A video without frames, in base64.
const MP4: &str = concat!(
    "AAAAGGZ0eXBpc29tAAACAGlzb21tcDQxAAAAdG1vb3YAAABsbXZoZAAAAAAAAAAA",
    "AAAAAAAAA+gAAAAAAAEAAAEAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAA",
    "AAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=",
);
/// The answer to a call offer (SDP, RFC 8866).
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// A file of this media type; text if the type is unknown.
pub(super) fn small(media_type: &str) -> Vec<u8> {
    match media_type {
        "application/zip" => decoded(ZIP),
        "video/mp4" => decoded(MP4),
        "application/sdp" => SDP.into(),
        _ => "An example.\n".into(),
    }
}

fn decoded(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap_or_default()
}
