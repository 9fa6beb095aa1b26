use std::time::Duration;

use openaistream_core::stream::End;
use openaistream_core::ErrorKind;
use openaistream_server::{Ending, Reply};

use crate::support::{event_stream, eventually, incomplete, take_all, Session};

/// Speech in chunks of this size.
fn speech(bytes: &[u8], piece: usize) -> Reply {
    event_stream(bytes.chunks(piece))
}

#[test]
fn chunks_have_the_requested_size_except_the_last() {
    let sound: Vec<u8> = (0..=u8::MAX).cycle().take(10_000).collect();
    for size in [1, 7, 4096, 9999, 10_000, 10_001] {
        let session = Session::answering([speech(&sound, 1500)]);
        let stream = session.speech();
        let (pieces, end) = take_all(|patience| stream.take(size, patience));
        assert_eq!(end, End::Complete);
        assert_eq!(pieces.concat(), sound);
        let full = sound.len() / size;
        assert!(
            pieces[..full].iter().all(|piece| piece.len() == size),
            "{size}"
        );
        assert_eq!(pieces.len(), sound.len().div_ceil(size));
    }
}

#[test]
fn an_end_can_be_taken_again() {
    let session = Session::answering([speech(b"abc", 3)]);
    let stream = session.speech();
    take_all(|patience| stream.take(2, patience));
    let again = stream.take(2, Duration::ZERO);
    assert!(again.items.is_empty());
    assert_eq!(again.end, Some(End::Complete));
}

#[test]
fn nothing_is_taken_before_a_chunk_is_full() {
    let session = Session::answering([Reply {
        ending: Ending::Stall,
        ..speech(b"abcde", 5)
    }]);
    let stream = session.speech();
    let first = eventually("a piece", || stream.take(4, Duration::ZERO).items.pop());
    assert_eq!(first, "abcd");
    let taken = stream.take(4, Duration::ZERO);
    assert!(
        taken.items.is_empty() && taken.end.is_none(),
        "one byte is waiting"
    );
    assert_eq!(stream.take(1, Duration::ZERO).items, ["e"]);
    drop(stream);
    session.wait_for_close();
}

#[test]
fn bytes_received_before_a_failure_are_delivered() {
    let session = Session::answering([Reply {
        ending: Ending::Close,
        ..speech(b"abcde", 2)
    }]);
    let stream = session.speech();
    let (pieces, end) = take_all(|patience| stream.take(4, patience));
    assert_eq!(pieces, ["abcd", "e"]);
    assert_eq!(incomplete(end).kind, ErrorKind::Connection);
}

#[test]
fn an_empty_response_is_not_audio() {
    let session = Session::answering([Reply::default()]);
    let stream = session.speech();
    let (pieces, end) = take_all(|patience| stream.take(4, patience));
    assert!(pieces.is_empty());
    let error = incomplete(end);
    assert_eq!(error.kind, ErrorKind::Response);
    assert!(error.message.contains("is empty"), "{}", error.message);
}

#[test]
fn an_error_is_reported_at_the_end() {
    let session = Session::answering([Reply::body(400, "text/plain", "no such voice")]);
    let stream = session.speech();
    let (pieces, end) = take_all(|patience| stream.take(4, patience));
    assert!(pieces.is_empty());
    assert_eq!(
        incomplete(end).message,
        "HTTP 400 Bad Request. Response body: no such voice"
    );
}
