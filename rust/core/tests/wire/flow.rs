//! Back-pressure, reuse of connections, and cancellation.

use std::thread::sleep;
use std::time::Duration;

use openaistream_core::stream::End;
use openaistream_server::{Ending, Reply};

use crate::support::{delta, event_stream, eventually, read, read_all, Session, CALLS, DONE};

/// A stream that does not end after its first events.
fn endless() -> Reply {
    Reply {
        ending: Ending::Stall,
        ..event_stream([delta("one"), delta("two")])
    }
}

/// Takes the first event of a long stream, waits until the server is blocked, and reads the rest.
/// Returns the number of events that the server had written by then.
fn written_before_reading(events: usize, text: impl Fn(usize) -> String) -> usize {
    let pieces = (0..events)
        .map(|index| delta(&text(index)))
        .chain([DONE.to_owned()]);
    let session = Session::answering([event_stream(pieces)]);
    let stream = session.chat();
    assert!(read(&stream, 1) == [text(0)]);

    let mut before = 0;
    let mut unchanged = 0;
    let written = eventually("the server stops writing", || {
        sleep(Duration::from_millis(20));
        let now = session.seen().written_at.len();
        unchanged = if now == before { unchanged + 1 } else { 0 };
        before = now;
        (unchanged == 10).then_some(now)
    });

    let (rest, end) = read_all(&stream);
    assert_eq!(end, End::Complete);
    assert_eq!(rest.len(), events - 1);
    assert!(
        (1..).zip(rest).all(|(index, read)| read == text(index)),
        "in order"
    );
    written
}

#[test]
fn a_server_waits_for_a_slow_reader() {
    // Far more than fits into the queue and the socket buffers.
    let filler = "x".repeat(1000);
    let written = written_before_reading(50_000, |index| format!("{index} {filler}"));
    assert!(written < 25_000, "{written} of 50,000 events were written");
}

#[test]
fn a_server_waits_sooner_when_its_events_are_large() {
    let filler = "x".repeat(1 << 20);
    let written = written_before_reading(80, |index| format!("{index} {filler}"));
    assert!(written < 40, "{written} of 80 events are written already");
}

#[test]
fn successive_streams_share_a_connection() {
    let session = Session::new();
    // The response ends shortly after its events.
    let reply = Reply {
        chunks: vec![delta("one").into(), DONE.into(), Vec::new()],
        pauses: vec![Duration::ZERO, Duration::ZERO, Duration::from_millis(5)],
        ..event_stream([""])
    };
    for _ in 0..CALLS {
        session.server.reply(reply.clone());
        assert_eq!(read_all(&session.chat()).1, End::Complete);
    }
    session.get().unwrap();
    session.assert_one_connection();
}

#[test]
fn concurrent_streams_do_not_wait_for_each_other() {
    let session = Session::answering([endless(), endless()]);
    let (first, second) = (session.chat(), session.chat());
    assert_eq!(read(&second, 2), ["one", "two"]);
    assert_eq!(read(&first, 2), ["one", "two"]);
    assert_eq!(session.server.connections(), 2);
}

#[test]
fn a_dropped_stream_closes_its_connection() {
    let session = Session::answering([endless()]);
    let stream = session.chat();
    read(&stream, 2);
    drop(stream);
    session.wait_for_close();
}

#[test]
fn a_closed_stream_closes_its_connection_and_has_no_more_events() {
    let session = Session::answering([endless()]);
    let stream = session.chat();
    read(&stream, 1);
    stream.channel().close();
    session.wait_for_close();
    let taken = stream.take(9, Duration::from_secs(600));
    assert!(taken.items.is_empty() && taken.end.is_none());
    stream.channel().close();
}

#[test]
fn a_stream_can_be_closed_before_its_response_starts() {
    let session = Session::answering([Reply {
        delay: Duration::from_secs(600),
        ..endless()
    }]);
    let stream = session.chat();
    eventually("the request arrives", || session.server.requests().pop());
    stream.channel().close();
    session.wait_for_close();
}

#[test]
fn a_stream_that_waits_for_its_reader_can_be_closed() {
    let events = (0..50_000).map(|_| delta(&"x".repeat(1000)));
    let session = Session::answering([event_stream(events)]);
    let stream = session.chat();
    read(&stream, 1);
    drop(stream);
    session.wait_for_close();
}
