use std::io::Write;

use flate2::write::{GzEncoder, ZlibEncoder};
use flate2::Compression;
use openaistream_core::ErrorKind;
use openaistream_server::{Ending, Reply};

use crate::support::{delta, event_stream, header, read, read_all, Session, DONE};

/// The accepted content encodings, each with an encoded text.
fn packed(text: &str) -> [(&'static str, Vec<u8>); 4] {
    let text = text.as_bytes();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text).unwrap();
    // The HTTP encoding "deflate" is the zlib format (RFC 9110, section 8.4.1.2).
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(text).unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 5, 22)
        .write_all(text)
        .unwrap();
    [
        ("gzip", gzip.finish().unwrap()),
        ("br", br),
        ("zstd", zstd::encode_all(text, 3).unwrap()),
        ("deflate", deflate.finish().unwrap()),
    ]
}

fn packed_reply(status: u16, coding: &str, bytes: &[u8]) -> Reply {
    let mut reply = Reply::body(status, "application/json", bytes);
    let header = ("content-encoding".to_owned(), coding.to_owned());
    reply.headers.push(header);
    reply
}

#[test]
fn every_accepted_encoding_is_decoded() {
    let text = format!("{{\"data\": \"{}\"}}", "abc ü ".repeat(50_000));
    for (coding, bytes) in packed(&text) {
        assert!(bytes.len() < text.len() / 10, "{coding} packs");
        let session = Session::answering([packed_reply(200, coding, &bytes)]);
        assert!(session.file().unwrap() == text.as_bytes(), "{coding}");
        let seen = session.seen();
        let accepted: Vec<&str> = header(&seen, "accept-encoding")
            .unwrap()
            .split(", ")
            .collect();
        assert!(accepted.contains(&coding), "{coding} in {accepted:?}");
    }
}

#[test]
fn a_compressed_error_is_reported() {
    for (coding, bytes) in packed(r#"{"error": {"message": "too long", "code": "c"}}"#) {
        let error = Session::answering([packed_reply(400, coding, &bytes)]).get();
        let error = error.expect_err("an error");
        assert_eq!(error.message, "HTTP 400 Bad Request. too long", "{coding}");
    }
}

#[test]
fn a_wrong_or_truncated_encoding_is_a_response_error() {
    for (coding, bytes) in packed(&"abc ".repeat(10_000)) {
        for broken in [b"no packed bytes at all", &bytes[..bytes.len() / 2]] {
            let error = Session::answering([packed_reply(200, coding, broken)]).get();
            let error = error.expect_err(coding);
            assert_eq!(error.kind, ErrorKind::Response, "{coding}: {error}");
            assert!(
                error.message.contains("could not be decoded"),
                "{coding}: {error}"
            );
        }
    }
}

#[test]
fn a_stream_requests_no_compression() {
    let session = Session::answering([event_stream([DONE])]);
    read_all(&session.chat());
    let seen = session.seen();
    assert_eq!(header(&seen, "accept-encoding"), Some("identity"));
    assert_eq!(header(&seen, "accept"), Some("text/event-stream"));
}

#[test]
fn a_compressed_stream_is_decoded() {
    let events = format!("{}{}{DONE}", delta("one"), delta("two"));
    for (coding, bytes) in packed(&events) {
        let session = Session::answering([packed_reply(200, coding, &bytes)]);
        assert_eq!(read_all(&session.chat()).0, ["one", "two"], "{coding}");
    }
}

#[test]
fn a_flushed_compressed_stream_gives_each_event_immediately() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let mut flushed = |event: String| {
        packer.write_all(event.as_bytes()).unwrap();
        packer.flush().unwrap();
        std::mem::take(packer.get_mut())
    };
    let mut reply = event_stream([flushed(delta("one")), flushed(delta("two"))]);
    let header = ("content-encoding".to_owned(), "gzip".to_owned());
    reply.headers.push(header);
    let session = Session::answering([Reply {
        ending: Ending::Stall,
        ..reply
    }]);
    let stream = session.chat();
    assert_eq!(read(&stream, 2), ["one", "two"]);
    assert_eq!(session.seen().closed_at, None, "the answer is not over");
}
