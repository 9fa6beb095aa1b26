//! Streams that resume after a lost connection, which is not visible in the run.

use openaistream_core::stream::End;
use serde_json::Value;

use crate::cases::{all, Case};
use crate::converted::{background, lines, open, read_all};
use crate::stored_response::{Break, Script, StoredResponse};
use crate::support::Session;

#[test]
fn a_reset_at_any_event_changes_nothing() {
    let session = Session::new();
    for case in all() {
        let server = StoredResponse::start(case.events.clone(), Script::default());
        let expected = lines(&case.expected);
        for count in 1..case.events.len() {
            server.script().breaks = vec![Break::Reset(count)];
            let stream = open(&session, background(&server), &case);
            let (events, end) = read_all(&stream);
            let broken = format!("{}, after {count}", case.name);
            assert_eq!(lines(&events), expected, "{broken}");
            assert_eq!(end, End::Complete, "{broken}");
            assert_eq!(server.later_requests().len(), 1, "{broken}");
            server.script().seen.clear();
        }
    }
}

/// The text in deltas of messages, arguments and code, and all other events.
fn outline<N: AsRef<str>>(events: &[(N, Value)]) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut whole = Vec::new();
    for (name, data) in events {
        let delta = &data["delta"];
        if !name.as_ref().ends_with(".delta") {
            whole.push(format!("{} {data}", name.as_ref()));
        }
        let part = &delta["content"][0];
        let call = &delta["step_details"]["tool_calls"][0];
        let pieces = [
            &part["text"]["value"],
            &part["refusal"],
            &call["function"]["arguments"],
            &call["code_interpreter"]["input"],
        ];
        text.extend(pieces.into_iter().filter_map(Value::as_str));
    }
    (text, whole)
}

#[test]
fn a_response_too_old_to_be_streamed_still_becomes_a_run() {
    let session = Session::new();
    // The arguments of a cancelled call are only in a delta.
    let is_whole = |case: &Case| case.name != "a run that is cancelled";
    for case in all().into_iter().filter(is_whole) {
        let script = Script {
            is_expired: true,
            ..Script::default()
        };
        let server = StoredResponse::start(case.events.clone(), script);
        for count in 1..case.events.len() {
            server.script().breaks = vec![Break::Reset(count)];
            let stream = open(&session, background(&server), &case);
            let (events, end) = read_all(&stream);
            let broken = format!("{}, after {count}", case.name);
            let (got, expected) = (outline(&events), outline(&case.expected));
            assert_eq!(got.0, expected.0, "{broken}");
            for (got, expected) in got.1.iter().zip(&expected.1) {
                assert_eq!(got, expected, "{broken}");
            }
            assert_eq!(got.1.len(), expected.1.len(), "{broken}");
            assert_eq!(end, End::Complete, "{broken}");
        }
    }
}
