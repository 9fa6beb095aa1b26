//! The decoder of event streams, compared with a line-by-line implementation of the standard.

use std::mem::take;

use openaistream_core::sse::{SseDecoder, SseEvent};

use super::stream_and_pieces;

/// Checks that a stream in chunks returns the events of the standard, and that no more is kept than
/// was received.
pub fn check(case: &[u8]) {
    let (stream, pieces) = stream_and_pieces(case);
    let expected = reference(stream);
    assert_eq!(decode(&[stream]), expected, "in one piece");
    assert_eq!(decode(&pieces), expected, "in {} pieces", pieces.len());
}

fn decode(pieces: &[&[u8]]) -> Vec<SseEvent> {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    let mut received = 0;
    for piece in pieces {
        decoder.feed(piece, &mut events);
        received += piece.len();
        let delivered: usize = events.iter().map(|event| event.data.len()).sum();
        assert!(delivered + decoder.pending_bytes() <= received);
    }
    events.extend(decoder.finish());
    events
}

/// Implements the HTML standard, section 9.2.6, and our additions: an event without data is ignored
/// unless it is an error; the end of the stream ends the last event like a blank line; a field
/// `error` is the data of an error; from a line that starts like JSON up to the next blank line,
/// everything is data.
fn reference(stream: &[u8]) -> Vec<SseEvent> {
    let mut bytes = stream.iter().copied().peekable();
    if stream.starts_with(b"\xEF\xBB\xBF") {
        bytes.nth(2);
    }
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => lines.push(take(&mut line)),
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                lines.push(take(&mut line));
            }
            _ => line.push(byte),
        }
    }
    lines.extend([line, Vec::new()]);
    let (mut events, mut name, mut data) = (Vec::new(), String::new(), Vec::new());
    let mut is_bare = false;
    for line in lines {
        if line.is_empty() {
            // "If the data buffer's last character is a LINE FEED, remove it."
            data.pop();
            let event = SseEvent {
                name: take(&mut name),
                data: take(&mut data),
            };
            events.extend((!event.data.is_empty() || event.name == "error").then_some(event));
            is_bare = false;
            continue;
        }
        is_bare |= line[0] == b'{' && data.is_empty();
        if is_bare {
            data.extend(line.iter().chain(b"\n"));
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let field = &line[..colon.unwrap_or(line.len())];
        let value = colon.map_or(&[][..], |colon| &line[colon + 1..]);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => name = String::from_utf8_lossy(value).into_owned(),
            b"data" => data.extend(value.iter().chain(b"\n")),
            b"error" => {
                name = "error".to_owned();
                data.extend(value.iter().chain(b"\n"));
            }
            _ => {}
        }
    }
    events
}
