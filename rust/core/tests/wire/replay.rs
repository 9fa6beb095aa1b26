//! Streams that are split at every byte: the reader always receives the same.

use openaistream_core::stream::{End, EventKind};
use openaistream_core::Error;
use openaistream_server::{Ending, Reply};

use crate::support::{delta, event_stream, finish, take_all, Session, DONE};

/// The recordings of version 0.3.0, which include streams.
const RECORDED: &str = include_str!("../../../../tests/testthat/fixtures/golden.json");

/// How many streams are queued on one server.
const BATCH: usize = 500;

struct Scenario {
    name: String,
    body: Vec<u8>,
    content_type: &'static str,
    ending: Ending,
}

/// What a reader receives: the names and texts of the events, and the end.
type Got = (Vec<(String, String)>, End);

fn scenario(name: &str, body: impl Into<Vec<u8>>) -> Scenario {
    Scenario {
        name: name.to_owned(),
        body: body.into(),
        content_type: "text/event-stream",
        ending: Ending::KeepAlive,
    }
}

/// The bodies of the recorded streams.
fn recorded() -> Vec<Scenario> {
    let records: Vec<serde_json::Value> = serde_json::from_str(RECORDED).expect("JSON");
    let streams = records.iter().filter_map(|record| {
        let response = record.get("response")?;
        let body = response.get("body")?.as_str()?;
        let name = record.get("id")?.as_str()?;
        let is_stream = response.get("headers")?.get("Content-Type")? == "text/event-stream";
        is_stream.then(|| scenario(name, body))
    });
    let mut streams: Vec<Scenario> = streams.collect();
    // Several calls were recorded with the same response.
    streams.sort_by(|one, other| one.body.cmp(&other.body));
    streams.dedup_by(|one, other| one.body == other.body);
    streams
}

fn scenarios() -> Vec<Scenario> {
    let chat = [delta("one"), delta("ü☀😀"), finish(0, "stop")].concat();
    let tools =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\
                 \"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]}}]}\n\n";
    let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n";
    let error = "event: error\ndata: {\"error\":{\"message\":\"no\",\"code\":\"x\"}}\n\n";
    let whole = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"whole\"}}]}";
    let mixed = "data: {\"a\":1}\r\n\ndata: {\"b\":\rdata: 2}\n\r\n: end\r\r";
    let mut scenarios = vec![
        scenario("chat", chat.clone() + DONE),
        scenario("finish without [DONE]", chat.clone()),
        scenario(
            "carriage returns",
            (chat.clone() + DONE).replace('\n', "\r"),
        ),
        scenario(
            "both line ends",
            (chat.clone() + DONE).replace('\n', "\r\n"),
        ),
        scenario("mixed line ends", [mixed, DONE].concat()),
        scenario("tools", [tools, &finish(0, "tool_calls"), DONE].concat()),
        scenario("usage", [&chat, usage, DONE].concat()),
        scenario(
            "comments",
            [": hi\n\n", &delta("a"), ": ping\n", DONE].concat(),
        ),
        scenario("byte order mark", ["\u{FEFF}", &chat, DONE].concat()),
        scenario("error", [&delta("a"), error, &delta("b")].concat()),
        scenario(
            "not JSON",
            [&delta("a"), "data: {\"x\": oops}\n\n"].concat(),
        ),
        scenario(
            "invalid UTF-8",
            [b"data: \"caf\xe9\"\n\n", DONE.as_bytes()].concat(),
        ),
        scenario("no blank line at the end", delta("a").trim_end()),
        scenario("after the end", [&delta("a"), DONE, &delta("b")].concat()),
        scenario("whole answer", ["\n\u{20}", whole].concat()),
        scenario(
            "whole answer with a byte order mark",
            ["\u{FEFF}", whole].concat(),
        ),
        scenario("whole error", "{\"error\":{\"message\":\"no\"}}"),
        scenario("nothing but blank lines", "\n \r\n"),
    ];
    scenarios.push(Scenario {
        content_type: "text/html",
        ..scenario("page", "\n<html>sign in</html>")
    });
    scenarios.push(Scenario {
        ending: Ending::Close,
        ..scenario("cut off", [&delta("a"), "data: {\"choi"].concat())
    });
    scenarios.extend(recorded());
    scenarios
}

impl Scenario {
    fn reply(&self, pieces: Vec<&[u8]>) -> Reply {
        let content_type = ("content-type".to_owned(), self.content_type.to_owned());
        Reply {
            headers: vec![content_type],
            ending: self.ending,
            ..event_stream(pieces)
        }
    }

    /// Replays the stream with each of these splits.
    fn replay<'a>(&self, cuts: impl Iterator<Item = Vec<&'a [u8]>>) -> Vec<Got> {
        let cuts: Vec<Vec<&[u8]>> = cuts.collect();
        let mut all = Vec::with_capacity(cuts.len());
        for batch in cuts.chunks(BATCH) {
            let replies = batch.iter().map(|pieces| self.reply(pieces.clone()));
            let session = Session::answering(replies);
            all.extend(batch.iter().map(|_| got(&session)));
        }
        all
    }
}

fn got(session: &Session) -> Got {
    let stream = session.events(EventKind::Chat, Default::default());
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    let texts = events.into_iter().map(|event| {
        let source = event.document.source().to_owned();
        (event.name, source)
    });
    (texts.collect(), comparable(end))
}

/// An end without the number of bytes, which depends on the split.
fn comparable(mut end: End) -> End {
    if let End::Incomplete(Error {
        partial: Some(partial),
        ..
    }) = &mut end
    {
        partial.bytes = 0;
    }
    end
}

#[test]
fn scenarios_do_not_depend_on_how_the_network_splits_them() {
    for scenario in scenarios() {
        let body = scenario.body.as_slice();
        let expected = scenario.replay([vec![body]].into_iter()).remove(0);
        let singles: Vec<&[u8]> = body.chunks(1).collect();
        let halves = (1..body.len()).map(|cut| vec![&body[..cut], &body[cut..]]);
        let replayed = scenario.replay([singles].into_iter().chain(halves));
        for (cut, got) in replayed.into_iter().enumerate() {
            assert_eq!(
                got, expected,
                "{}, cut at {cut} (0: everywhere)",
                scenario.name
            );
        }
    }
}

#[test]
fn scenarios_have_the_expected_end() {
    let scenarios = scenarios();
    let end_of = |name: &str| {
        let scenario = scenarios.iter().find(|it| it.name == name);
        let scenario = scenario.unwrap_or_else(|| panic!("there is no scenario {name}"));
        let whole = vec![scenario.body.as_slice()];
        scenario.replay([whole].into_iter()).remove(0).1
    };
    for name in [
        "chat",
        "finish without [DONE]",
        "tools",
        "whole answer",
        "after the end",
    ] {
        assert_eq!(end_of(name), End::Complete, "{name}");
    }
    for name in ["error", "not JSON", "whole error", "page", "cut off"] {
        assert!(matches!(end_of(name), End::Incomplete(_)), "{name}");
    }
}
