//! Tool calls, split into deltas as various servers do: the assembled calls equal the original.

use std::time::Instant;

use openaistream_core::stream::{Decode, EventDecoder, EventKind, StreamedAnswer};
use openaistream_core::{CallOptions, Secrets};
use serde_json::{json, Value};

use crate::random::{for_each_of, Random};

/// The number of random responses for each dialect.
const ANSWERS: usize = 2_000;

/// How a server labels the deltas of several calls.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Dialect {
    /// OpenAI's: each call has an index; its first delta has the id and the name.
    Indexed,
    /// Like `Indexed`, but the first two deltas of a call are in one chunk.
    TwoInAChunk,
    /// Like `Indexed`, but the id is in the second delta, and empty in the first.
    LateId,
    /// Each delta repeats the index, id and name.
    Repeating,
    /// Each delta has the id, but no index.
    IdOnly,
    /// Every call has the index 0; its first delta has its id.
    OneIndex,
    /// The first delta of a call has its id and name; there are no indexes.
    Unlabelled,
    /// There is neither id nor index; the first delta of a call has its name.
    NameOnly,
    /// Every call is a single delta with the index 0, whose arguments are an object.
    Object,
}

const DIALECTS: [Dialect; 9] = [
    Dialect::Indexed,
    Dialect::TwoInAChunk,
    Dialect::LateId,
    Dialect::Repeating,
    Dialect::IdOnly,
    Dialect::OneIndex,
    Dialect::Unlabelled,
    Dialect::NameOnly,
    Dialect::Object,
];

impl Dialect {
    /// Whether deltas identify their call, so that calls may be interleaved.
    fn mixes(self) -> bool {
        use Dialect::*;
        matches!(self, Indexed | TwoInAChunk | LateId | Repeating | IdOnly)
    }

    fn tells_id(self) -> bool {
        self != Dialect::NameOnly
    }

    /// The delta with this piece of the arguments of call `number`.
    fn delta(self, number: usize, call: &Value, place: usize, piece: &str) -> Value {
        use Dialect::*;
        let mut delta = json!({ "function": { "arguments": piece } });
        match self {
            Indexed | TwoInAChunk | LateId | Repeating => delta["index"] = number.into(),
            OneIndex | Object => delta["index"] = 0.into(),
            IdOnly | Unlabelled | NameOnly => {}
        }
        let id_place = usize::from(self == LateId);
        if self.tells_id() && (place == id_place || matches!(self, Repeating | IdOnly)) {
            delta["id"] = call["id"].clone();
            delta["type"] = "function".into();
        } else if self == LateId {
            delta["id"] = "".into();
        }
        if place == 0 || self == Repeating {
            delta["function"]["name"] = call["function"]["name"].clone();
        }
        if self == Object {
            let arguments: Value = serde_json::from_str(piece).expect("it is an object");
            delta["function"]["arguments"] = arguments;
        }
        delta
    }
}

fn call(random: &mut Random, number: usize) -> Value {
    let mut arguments = serde_json::Map::new();
    for name in ["city", "unit", "}{"].iter().take(random.below(4)) {
        let value = match random.below(3) {
            0 => json!(random.one_of(&["Bonn", "ü\"☀", "", "{\"a\":1}"])),
            1 => json!(random.below(1000)),
            _ => json!({ "of": [1, "}"] }),
        };
        arguments.insert((*name).to_owned(), value);
    }
    json!({
        "id": format!("call_{number}"),
        "type": "function",
        "function": {
            "name": random.one_of(&["get_weather", "sum"]),
            "arguments": Value::Object(arguments).to_string(),
        },
    })
}

/// At least two pieces, so that an id can arrive late; the first may be empty.
fn pieces(random: &mut Random, text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        if random.below(9) == 0 || pieces.len() == 1 && random.below(2) == 0 {
            pieces.push(String::new());
        }
        pieces.last_mut().expect("there is one").push(character);
    }
    if pieces.len() == 1 {
        pieces.push(String::new());
    }
    pieces
}

/// The `tool_calls` of the chunks, in an order that the dialect allows.
fn chunks(random: &mut Random, dialect: Dialect, calls: &[Value]) -> Vec<Value> {
    let mut waiting: Vec<Vec<Vec<Value>>> = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let arguments = call["function"]["arguments"]
            .as_str()
            .expect("it is a text");
        let pieces = match dialect {
            Dialect::Object => vec![arguments.to_owned()],
            _ => pieces(random, arguments),
        };
        let deltas = pieces.iter().enumerate();
        let deltas = deltas.map(|(place, piece)| dialect.delta(number, call, place, piece));
        let mut chunks: Vec<Vec<Value>> = deltas.map(|delta| vec![delta]).collect();
        if dialect == Dialect::TwoInAChunk {
            let second = chunks.remove(1);
            chunks[0].extend(second);
        }
        chunks.reverse();
        waiting.push(chunks);
    }
    let mut sent = Vec::new();
    // Calls start in order.
    let mut begun = 0;
    while waiting.iter().any(|chunks| !chunks.is_empty()) {
        let next = match dialect.mixes() {
            true if begun < calls.len() && random.below(2) == 0 => begun,
            true => random.below(begun.max(1)),
            false => waiting
                .iter()
                .position(|it| !it.is_empty())
                .expect("one is left"),
        };
        begun = begun.max(next + 1);
        sent.extend(waiting[next].pop().map(Value::from));
    }
    sent
}

fn merged(kind: EventKind, text: String) -> StreamedAnswer {
    let mut decoder = EventDecoder::new(kind, Secrets::default(), CallOptions::default());
    decoder.begin("text/event-stream");
    let (events, _) = decoder.feed(text.into_bytes().into(), Instant::now());
    let mut answer = StreamedAnswer::new(kind, Instant::now());
    events.iter().for_each(|event| answer.add(event));
    answer
}

fn tool_calls(answer: &StreamedAnswer) -> Value {
    let calls = answer.tool_calls(0).expect("there are calls");
    serde_json::from_str(calls.source()).expect("it is JSON")
}

#[test]
fn any_order_and_split_of_deltas_gives_the_same_calls() {
    for dialect in DIALECTS {
        for_each_of(ANSWERS, |random| {
            let count = 1 + random.below(4);
            let mut calls: Vec<Value> = (0..count).map(|number| call(random, number)).collect();
            let chunks = chunks(random, dialect, &calls);
            if !dialect.tells_id() {
                for call in &mut calls {
                    let call = call.as_object_mut().expect("it is an object");
                    call.retain(|name, _| name == "function");
                }
            }
            let calls = Value::from(calls);

            let chat = chunks.iter().map(|deltas| {
                let delta =
                    json!({ "choices": [{ "index": 0, "delta": { "tool_calls": deltas } }] });
                format!("data: {delta}\n\n")
            });
            let chat = merged(EventKind::Chat, chat.collect());
            assert_eq!(tool_calls(&chat), calls, "{dialect:?} {chunks:?}");
            let whole = chat.document().expect("an answer");
            let whole: Value = serde_json::from_str(whole.source()).expect("it is JSON");
            assert_eq!(whole["choices"][0]["message"]["tool_calls"], calls);

            let run = chunks.iter().map(|deltas| {
                let details = json!({ "type": "tool_calls", "tool_calls": deltas });
                let delta = json!({ "id": "step_1", "delta": { "step_details": details } });
                format!("event: thread.run.step.delta\ndata: {delta}\n\n")
            });
            let run = merged(EventKind::Run, run.collect());
            assert_eq!(tool_calls(&run), calls, "{dialect:?} {chunks:?}");
        });
    }
}

#[test]
fn steps_of_a_run_number_their_calls_separately() {
    let events = ["step_1", "step_2"].map(|step| {
        let call = json!({ "index": 0, "id": step, "function": { "arguments": "{}" } });
        let details = json!({ "step_details": { "tool_calls": [call] } });
        let delta = json!({ "id": step, "delta": details });
        format!("event: thread.run.step.delta\ndata: {delta}\n\n")
    });
    let calls = tool_calls(&merged(EventKind::Run, events.concat()));
    assert_eq!(calls.as_array().map(Vec::len), Some(2));
    assert_eq!(calls[1]["id"], "step_2");
}
