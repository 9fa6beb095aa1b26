//! Random responses, streamed as various servers do: the assembled result equals the original.

use std::time::Instant;

use openaistream_core::stream::{Decode, End, EventDecoder, EventKind, StreamedAnswer};
use openaistream_core::{CallOptions, Secrets};
use serde_json::{json, Map, Value};

use crate::random::{for_each_of, Random};

/// The number of responses to test.
const RESPONSES: usize = 2000;

/// How servers differ.
struct Dialect {
    /// Events have a `sequence_number`.
    numbers: bool,
    /// Events have the indexes of items and parts; without them, items are sent one after the
    /// other.
    indices: bool,
    /// Events have the id of their item.
    ids: bool,
    /// Events have a name.
    names: bool,
    /// The data of events has a `type`.
    types: bool,
    /// There are events that start items and parts.
    added: bool,
    /// Deltas are padded.
    pads: bool,
}

impl Dialect {
    fn of(random: &mut Random) -> Dialect {
        let names = random.coin();
        Dialect {
            numbers: random.coin(),
            indices: random.coin(),
            ids: random.coin(),
            names,
            types: !names || random.coin(),
            added: random.coin(),
            pads: random.coin(),
        }
    }
}

/// Any value, for an unknown field.
fn any(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => (random.below(2) == 0).into(),
        2 => random.below(1000).into(),
        3 => (random.below(1000) as f64 / 8.0 + 0.1).into(),
        4 => random.text().into(),
        5 => (0..random.below(3))
            .map(|_| any(random, depth - 1))
            .collect(),
        _ => {
            let members = (0..random.below(3)).map(|at| (format!("k{at}"), any(random, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

/// An event of an item, without the label of the item.
fn event(name: &str, members: Value) -> Value {
    let mut event = json!({ "type": format!("response.{name}") });
    let known = event.as_object_mut().expect("an object");
    known.extend(members.as_object().cloned().unwrap_or_default());
    event
}

/// The deltas of a text, and the event with the complete text.
fn grown(random: &mut Random, stem: &str, member: &str, whole: &str, place: Value) -> Vec<Value> {
    let pieces = random.pieces(whole);
    let with = |name: &str, value: &str| {
        let mut members = place.clone();
        members[name] = value.into();
        members
    };
    let deltas = pieces
        .iter()
        .map(|piece| event(&format!("{stem}.delta"), with("delta", piece)));
    let done = event(&format!("{stem}.done"), with(member, whole));
    deltas.chain([done]).collect()
}

/// A part of a message, with its events.
fn part(random: &mut Random, index: usize) -> (Value, Vec<Value>) {
    let place = json!({ "content_index": index });
    let whole = random.text();
    let (kind, member) = match random.below(4) {
        0 => ("refusal", "refusal"),
        _ => ("output_text", "text"),
    };
    let mut empty = json!({ "type": kind });
    if kind == "output_text" {
        empty["annotations"] = json!([]);
    }
    empty[member] = "".into();
    let with_part = |part: &Value| {
        let mut members = place.clone();
        members["part"] = part.clone();
        members
    };
    let mut events = vec![event("content_part.added", with_part(&empty))];
    events.extend(grown(random, kind, member, &whole, place.clone()));
    let mut full = empty.clone();
    full[member] = whole.into();
    if kind == "output_text" {
        for number in 0..random.below(3) {
            let annotation = json!({ "type": "url_citation", "url": random.text() });
            let mut members = place.clone();
            members["annotation_index"] = number.into();
            members["annotation"] = annotation.clone();
            events.push(event("output_text.annotation.added", members));
            full["annotations"]
                .as_array_mut()
                .expect("an array")
                .push(annotation);
        }
    }
    events.push(event("content_part.done", with_part(&full)));
    (full, events)
}

/// An item as it starts and as it ends, and the events in between.
fn item(random: &mut Random, index: usize) -> (Value, Value, Vec<Value>) {
    let id = format!("item_{index}");
    let call = |kind: &str, member: &str, value: &str| {
        json!({
            "id": id, "type": kind, "status": "completed", "call_id": format!("call_{index}"),
            "name": "f", member: value,
        })
    };
    let mut events = Vec::new();
    let whole = match random.below(8) {
        0..=2 => {
            let mut content = Vec::new();
            for place in 0..1 + random.below(2) {
                let (whole, more) = part(random, place);
                content.push(whole);
                events.extend(more);
            }
            json!({
                "id": id, "type": "message", "status": "completed", "role": "assistant",
                "content": content,
            })
        }
        3 => {
            let mut summary = Vec::new();
            for place in 0..random.below(3) {
                let (whole, place) = (random.text(), json!({ "summary_index": place }));
                let stem = "reasoning_summary_text";
                events.extend(grown(random, stem, "text", &whole, place));
                summary.push(json!({ "type": "summary_text", "text": whole }));
            }
            json!({ "id": id, "type": "reasoning", "summary": summary, "x": any(random, 2) })
        }
        4 => {
            let arguments = random.text();
            let stem = "function_call_arguments";
            events = grown(random, stem, "arguments", &arguments, json!({}));
            call("function_call", "arguments", &arguments)
        }
        5 => {
            let input = random.text();
            events = grown(random, "custom_tool_call_input", "input", &input, json!({}));
            call("custom_tool_call", "input", &input)
        }
        6 => {
            let members = json!({ "partial_image_b64": "YQ==", "partial_image_index": 0 });
            events.push(event("image_generation_call.partial_image", members));
            call("image_generation_call", "result", "Yg==")
        }
        _ => {
            events.push(event("new_item.searching", json!({ "x": any(random, 1) })));
            json!({ "id": id, "type": "new_item", "x": any(random, 3) })
        }
    };
    let mut begun = json!({ "id": id, "type": whole["type"], "status": "in_progress" });
    for (member, empty) in [
        ("content", json!([])),
        ("summary", json!([])),
        ("arguments", json!("")),
        ("input", json!("")),
        ("role", json!("assistant")),
    ] {
        if whole.get(member).is_some() {
            begun[member] = empty;
        }
    }
    (begun, whole, events)
}

/// The events of an item, with its label.
fn item_events(random: &mut Random, index: usize) -> (Value, Vec<Value>) {
    let (begun, whole, between) = item(random, index);
    let mut events = vec![event("output_item.added", json!({ "item": begun }))];
    events.extend(between.into_iter().map(|mut event| {
        event["item_id"] = whole["id"].clone();
        event
    }));
    events.push(event("output_item.done", json!({ "item": whole })));
    for event in &mut events {
        event["output_index"] = index.into();
    }
    (whole, events)
}

/// A response, and its events in a dialect.
fn response(random: &mut Random, dialect: &Dialect) -> (Value, Vec<Value>) {
    let items: Vec<_> = (0..random.below(4))
        .map(|index| item_events(random, index))
        .collect();
    let output: Vec<&Value> = items.iter().map(|(whole, _)| whole).collect();
    let status = random.one_of(&["completed", "incomplete"]);
    let whole = json!({
        "id": "resp_1", "object": "response", "created_at": random.below(1 << 30),
        "status": status, "error": null, "incomplete_details": any(random, 1), "model": "m",
        "output": output, "temperature": 1.0, "usage": { "total_tokens": random.below(100) },
        "new_field": any(random, 3),
    });
    let mut begun = whole.clone();
    begun["status"] = "in_progress".into();
    begun["output"] = json!([]);
    let mut events = vec![
        event("created", json!({ "response": begun })),
        event("in_progress", json!({ "response": begun })),
    ];
    let mut waiting: Vec<_> = items.into_iter().map(|(_, it)| it.into_iter()).collect();
    while let Some(first) = waiting.iter().position(|events| events.len() > 0) {
        let turn = match dialect.indices {
            true => random.below(waiting.len()),
            false => first,
        };
        events.extend(waiting[turn].next());
    }
    events.push(event(status, json!({ "response": whole })));
    events.retain(|event| {
        let kind = event["type"].as_str().unwrap_or_default();
        dialect.added || !kind.ends_with(".added") || kind.contains("annotation")
    });
    (whole, events)
}

/// An event as sent in a dialect.
fn sent(dialect: &Dialect, number: usize, event: &Value) -> String {
    let mut event: Map<String, Value> = event.as_object().cloned().unwrap_or_default();
    let name = event["type"].clone();
    let mut drop = |keeps: bool, names: &[&str]| {
        for name in names.iter().filter(|_| !keeps) {
            event.shift_remove(*name);
        }
    };
    drop(
        dialect.indices,
        &["output_index", "content_index", "summary_index"],
    );
    drop(dialect.indices, &["annotation_index"]);
    drop(dialect.ids, &["item_id"]);
    drop(dialect.types, &["type"]);
    if dialect.numbers {
        event.insert("sequence_number".to_owned(), number.into());
    }
    if dialect.pads && event.contains_key("delta") {
        event.insert("obfuscation".to_owned(), "x".repeat(number % 5).into());
    }
    let name = match dialect.names {
        true => format!("event: {}\n", name.as_str().unwrap_or_default()),
        false => String::new(),
    };
    format!("{name}data: {}\n\n", Value::Object(event))
}

/// The assembled answer of a reader of these events, and the end.
fn merged(dialect: &Dialect, events: &[Value]) -> (StreamedAnswer, Option<End>) {
    let kind = EventKind::Response;
    let mut decoder = EventDecoder::new(kind, Secrets::default(), CallOptions::default());
    decoder.begin("text/event-stream");
    let numbered = events.iter().enumerate();
    let text: String = numbered
        .map(|(number, event)| sent(dialect, number, event))
        .collect();
    let (events, end) = decoder.feed(text.into_bytes().into(), Instant::now());
    let mut answer = StreamedAnswer::new(kind, Instant::now());
    events.iter().for_each(|event| answer.add(event));
    (answer, end)
}

fn value(answer: &StreamedAnswer) -> Value {
    let document = answer.document().expect("an answer");
    serde_json::from_str(document.source()).expect("it is JSON")
}

/// The deltas of one kind, by item.
fn deltas(events: &[Value], name: &str) -> String {
    let mut deltas: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == format!("response.{name}.delta"))
        .collect();
    deltas.sort_by_key(|event| {
        (
            event["output_index"].as_u64(),
            event["content_index"].as_u64(),
        )
    });
    deltas
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect()
}

#[test]
fn a_streamed_response_equals_the_response() {
    for_each_of(RESPONSES, |random| {
        let dialect = Dialect::of(random);
        let (whole, events) = response(random, &dialect);
        let (answer, end) = merged(&dialect, &events);
        assert_eq!(end, Some(End::Complete));
        assert_eq!(value(&answer).to_string(), whole.to_string());
        assert_eq!(answer.events(), events.len() as u64);
    });
}

#[test]
fn an_interrupted_response_keeps_received_content() {
    for_each_of(RESPONSES, |random| {
        let dialect = Dialect::of(random);
        let (_, events) = response(random, &dialect);
        let received = &events[..1 + random.below(events.len() - 1)];
        let (answer, end) = merged(&dialect, received);
        assert_eq!(end, None);
        assert_eq!(
            answer.text(0).as_deref(),
            Some(deltas(received, "output_text").as_str())
        );
        let pieces = answer.pieces().iter().map(|piece| piece.bytes);
        assert_eq!(pieces.sum::<usize>(), deltas(received, "output_text").len());
        let merged = value(&answer);
        let items = merged["output"].as_array().into_iter().flatten();
        let texts_of = |member: &str| -> String {
            let items = items.clone();
            items.filter_map(|item| item[member].as_str()).collect()
        };
        assert_eq!(
            texts_of("arguments"),
            deltas(received, "function_call_arguments")
        );
        assert_eq!(
            texts_of("input"),
            deltas(received, "custom_tool_call_input")
        );
        let reasoning = answer.reasoning(0).replace('\n', "");
        let expected = deltas(received, "reasoning_summary_text").replace('\n', "");
        assert_eq!(reasoning, expected);
    });
}
