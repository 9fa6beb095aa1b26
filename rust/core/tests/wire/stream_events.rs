use openaistream_core::stream::{End, EventKind};
use openaistream_server::{Ending, Framing, Reply};

use crate::support::{
    delta, event_stream, finish, read, read_all, take_all, Session, DEADLINE, DONE,
};

#[test]
fn events_do_not_depend_on_how_the_network_splits_them() {
    let text = format!(
        ": hi\r\n\r\n{}event: x\ndata: [1]\r\r{}{DONE}",
        delta("ü"),
        delta("☀")
    );
    let cuts = 1..text.len();
    let replies = cuts.clone().map(|cut| {
        let (first, second) = text.as_bytes().split_at(cut);
        event_stream([first, second])
    });
    let session = Session::answering(replies);
    session
        .server
        .reply(event_stream(text.as_bytes().chunks(1)));
    for cut in cuts.chain([0]) {
        let (events, end) = read_all(&session.chat());
        assert_eq!(events, ["ü", "[1]", "☀"], "cut at {cut}");
        assert_eq!(end, End::Complete, "cut at {cut}");
    }
}

#[test]
fn events_arrive_before_the_stream_ends() {
    let session = Session::answering([Reply {
        ending: Ending::Stall,
        ..event_stream([delta("one"), delta("two")])
    }]);
    let stream = session.chat();
    assert_eq!(read(&stream, 2), ["one", "two"]);
    assert_eq!(session.seen().closed_at, None, "the connection is open");
}

#[test]
fn no_more_events_are_taken_than_requested() {
    let events = [delta("one"), delta("two"), delta("three"), DONE.to_owned()];
    let session = Session::answering([event_stream([events.concat()])]);
    let stream = session.chat();
    assert_eq!(read(&stream, 1), ["one"]);
    assert_eq!(read(&stream, 2), ["two", "three"]);
    assert_eq!(read_all(&stream), (Vec::new(), End::Complete));
    assert_eq!(
        read_all(&stream),
        (Vec::new(), End::Complete),
        "the end stays"
    );
}

#[test]
fn comments_and_other_fields_are_ignored() {
    let session = Session::answering([event_stream([
        ": OPENROUTER PROCESSING\n\n".to_owned(),
        "retry: 3000\nid: 7\nevent: ping\n\n".to_owned(),
        "data:\n\ndata\n\n\n\n\n".to_owned(),
        delta("one"),
        ": keep-alive\n\n".to_owned(),
        DONE.to_owned(),
    ])]);
    assert_eq!(
        read_all(&session.chat()),
        (vec!["one".to_owned()], End::Complete)
    );
}

#[test]
fn every_variant_of_the_format_is_accepted() {
    let session = Session::answering([event_stream([
        "\u{FEFF}data:{\"a\":1}\n\n",
        "data: {\ndata: \"b\":2}\r\n\r\n",
        "data: {\"c\":3}\n\r\n",
        "data: \"[DONE] is text\"\n\n",
        "data:  [DONE] \n\n",
    ])]);
    let (events, end) = read_all(&session.chat());
    assert_eq!(
        events,
        [
            "{\"a\":1}",
            "{\n\"b\":2}",
            "{\"c\":3}",
            "\"[DONE] is text\""
        ]
    );
    assert_eq!(end, End::Complete);
}

#[test]
fn text_that_r_cannot_store_is_replaced() {
    let invalid = b"data: [\"caf\xe9\", \"\\u0000\", \"\\ud83d\"]\n\n";
    let session = Session::answering([event_stream([invalid.as_slice(), DONE.as_bytes()])]);
    let stream = session.chat();
    let (events, end) = take_all(|patience| stream.take(9, patience));
    let array = events[0].document.root().as_array().expect("an array");
    let texts: Vec<_> = array.iter().filter_map(|text| text.as_str()).collect();
    assert_eq!(texts, ["caf\u{FFFD}", "\u{FFFD}", "\u{FFFD}"]);
    assert_eq!(end, End::Complete);
}

#[test]
fn an_event_of_eight_megabytes_is_one_event() {
    let long = "x".repeat(8 << 20);
    let session = Session::answering([event_stream([delta(&long), delta("y"), DONE.to_owned()])]);
    let (events, end) = read_all(&session.chat());
    assert!(events[0] == long && events[1..] == ["y"]);
    assert_eq!(end, End::Complete);
}

#[test]
fn nothing_is_read_after_the_announced_end() {
    let session = Session::answering([event_stream([
        delta("one"),
        format!("{DONE}{}data: broken\n\n", delta("two")),
        delta("three"),
    ])]);
    assert_eq!(
        read_all(&session.chat()),
        (vec!["one".to_owned()], End::Complete)
    );
}

#[test]
fn an_open_connection_does_not_delay_the_announced_end() {
    let session = Session::answering([Reply {
        ending: Ending::Stall,
        ..event_stream([delta("one"), DONE.to_owned()])
    }]);
    assert_eq!(
        read_all(&session.chat()),
        (vec!["one".to_owned()], End::Complete)
    );
    session.wait_for_close();
}

#[test]
fn the_events_of_a_run_have_names() {
    let session = Session::answering([event_stream([
        "event: thread.run.created\ndata: {\"id\":\"run_1\"}\n\n",
        "data: {\"id\":\"unnamed\"}\n\n",
        "event: thread.message.delta\ndata: {\"id\":\"msg_1\"}\n\n",
        "event: done\ndata: [DONE]\n\n",
    ])]);
    let stream = session.events(EventKind::Run, Default::default());
    let (events, end) = take_all(|patience| stream.take(9, patience));
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["thread.run.created", "", "thread.message.delta"]);
    assert_eq!(events[0].document.source(), "{\"id\":\"run_1\"}");
    assert_eq!(end, End::Complete);
}

#[test]
fn interim_responses_chunk_extensions_and_trailers_are_ignored() {
    let event = delta("one");
    let wire = format!(
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\
         transfer-encoding: chunked\r\n\r\n{:x};name=value\r\n{event}\r\n{:x}\r\n{}\r\n\
         0\r\nx-trailer: 1\r\n\r\n",
        event.len(),
        finish(0, "stop").len(),
        finish(0, "stop"),
    );
    let session = Session::answering([Reply {
        chunks: vec![wire.into()],
        framing: Framing::Raw,
        ..Reply::default()
    }]);
    let (events, end) = read_all(&session.chat());
    assert_eq!(
        (events.len(), events[0].as_str(), end),
        (2, "one", End::Complete)
    );
}

#[test]
fn returned_events_are_taken_again_and_count_once() {
    let events = ["a", "b", "c"].map(delta).concat() + DONE;
    let session = Session::answering([event_stream([events])]);
    let stream = session.chat();
    let first = stream.take(2, DEADLINE).items;
    assert_eq!(first.len(), 2);
    stream.give_back(first);
    assert_eq!(read(&stream, 1), ["a"]);
    let (rest, end) = read_all(&stream);
    assert_eq!((rest, end), (vec!["b".into(), "c".into()], End::Complete));
    assert_eq!(stream.answer().text(0).as_deref(), Some("abc"));
}
