//! Streams of each kind: their texts, their end, and the assembled answer.

use openaistream_core::stream::{End, EventKind, EventStream};
use openaistream_core::{Body, ErrorKind, Field};
use openaistream_server::Reply;
use serde_json::{json, Value};

use crate::support::{event_stream, header, incomplete, take_all, Session, DONE};

/// An event whose type is only in its data.
pub fn event(data: Value) -> String {
    format!("data: {data}\n\n")
}

/// What a reader of these events receives: the texts, and the end.
pub fn read(kind: EventKind, reply: Reply) -> (EventStream, Vec<String>, End) {
    let session = Session::answering([reply]);
    let stream = session.events(kind, Default::default());
    let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
    let texts = events.iter().map(|event| event.text()).collect();
    (stream, texts, end)
}

pub fn read_events(kind: EventKind, events: &[Value]) -> (EventStream, Vec<String>, End) {
    read(kind, event_stream(events.iter().cloned().map(event)))
}

pub fn answer(stream: &EventStream) -> Value {
    let document = stream.answer().document().expect("an answer");
    serde_json::from_str(document.source()).expect("it is JSON")
}

#[test]
fn kinds_are_known_by_their_names() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::named(kind.name()), Some(kind));
    }
    assert_eq!(EventKind::named("bytes"), None);
}

#[test]
fn chunks_of_a_completion_make_the_completion() {
    let chunk = |choices: Value| {
        json!({
            "id": "cmpl-1", "object": "text_completion", "created": 1, "choices": choices,
            "model": "m", "usage": null,
        })
    };
    let logprobs = |token: &str| json!({ "tokens": [token], "token_logprobs": [-0.5] });
    let (stream, texts, end) = read_events(
        EventKind::Completion,
        &[
            chunk(json!([
                { "text": "one", "index": 0, "logprobs": logprobs("one"), "finish_reason": null },
            ])),
            chunk(json!([
                { "text": "eins", "index": 1, "logprobs": null, "finish_reason": "stop" },
            ])),
            chunk(json!([
                { "text": " two", "index": 0, "logprobs": logprobs("two"), "finish_reason": "length" },
            ])),
        ],
    );
    assert_eq!(end, End::Complete);
    assert_eq!(texts, ["one", "eins", " two"]);
    let expected = json!({
        "id": "cmpl-1", "object": "text_completion", "created": 1,
        "choices": [
            {
                "text": "one two", "index": 0,
                "logprobs": { "tokens": ["one", "two"], "token_logprobs": [-0.5, -0.5] },
                "finish_reason": "length",
            },
            { "text": "eins", "index": 1, "logprobs": null, "finish_reason": "stop" },
        ],
        "model": "m",
    });
    assert_eq!(answer(&stream).to_string(), expected.to_string());
    assert_eq!(stream.answer().text(1).as_deref(), Some("eins"));
}

#[test]
fn image_events_give_the_response_of_images() {
    let partial = json!({
        "type": "image_generation.partial_image", "b64_json": "cGFydA==", "created_at": 7,
        "size": "1024x1024", "partial_image_index": 0,
    });
    let completed = json!({
        "type": "image_generation.completed", "b64_json": "d2hvbGU=", "created_at": 8,
        "size": "1024x1024", "quality": "low", "usage": { "total_tokens": 3 },
    });
    let (stream, _, end) = read_events(EventKind::Image, &[partial.clone(), completed.clone()]);
    assert_eq!(end, End::Complete);
    let expected = json!({
        "created": 8, "data": [{ "b64_json": "d2hvbGU=" }],
        "size": "1024x1024", "quality": "low", "usage": { "total_tokens": 3 },
    });
    assert_eq!(answer(&stream), expected);
    assert!(stream.answer().usage().is_some());

    let (stream, _, end) = read_events(EventKind::Image, &[partial]);
    assert_eq!(incomplete(end).kind, ErrorKind::Stream);
    assert_eq!(answer(&stream)["data"], json!([{ "b64_json": "cGFydA==" }]));
}

#[test]
fn a_transcript_has_its_text_and_its_segments() {
    let segment = json!({
        "type": "transcript.text.segment", "id": "seg_1", "speaker": "A", "start": 0, "end": 1.5,
        "text": "Hi all.",
    });
    let (stream, texts, end) = read_events(
        EventKind::Transcription,
        &[
            json!({ "type": "transcript.text.delta", "delta": "Hi" }),
            json!({ "type": "transcript.text.delta", "delta": " all." }),
            segment.clone(),
            json!({
                "type": "transcript.text.done", "text": "Hi all.",
                "usage": { "type": "tokens", "total_tokens": 9 },
            }),
        ],
    );
    assert_eq!(end, End::Complete);
    assert_eq!(texts, ["Hi", " all.", "", ""]);
    let expected = json!({
        "text": "Hi all.", "segments": [segment],
        "usage": { "type": "tokens", "total_tokens": 9 },
    });
    assert_eq!(answer(&stream), expected);

    let (stream, _, end) = read_events(
        EventKind::Transcription,
        &[json!({ "type": "transcript.text.delta", "delta": "Hi" })],
    );
    incomplete(end);
    assert_eq!(answer(&stream), json!({ "text": "Hi" }));
}

#[test]
fn speech_events_give_the_audio() {
    let delta = |audio: &str| json!({ "type": "speech.audio.delta", "audio": audio });
    let done = json!({ "type": "speech.audio.done", "usage": { "total_tokens": 5 } });
    let (stream, _, end) = read_events(EventKind::Speech, &[delta("UklG"), delta("Rg=="), done]);
    assert_eq!(end, End::Complete);
    assert_eq!(stream.answer().bytes(), Some(b"RIFF".as_slice()));

    let (stream, _, end) = read_events(EventKind::Speech, &[delta("UklG"), delta("??")]);
    assert!(incomplete(end).message.contains("not valid base64"));
    assert_eq!(stream.answer().bytes(), Some(b"RIF".as_slice()));
}

#[test]
fn streams_work_with_any_method_and_with_forms() {
    let done = json!({ "type": "image_edit.completed", "b64_json": "YQ==" });
    let replies = [json!({ "type": "session.idle" }), done].map(|data| event_stream([event(data)]));
    let session = Session::answering(replies);
    let path = ["agents", "sessions", "s1", "events"];
    let get = session.request("GET", &path, Body::Empty);
    let stream = session.stream(get, EventKind::Plain, Default::default());
    assert_eq!(
        take_all(|patience| stream.take(9, patience)).1,
        End::Complete
    );
    assert_eq!(session.seen().method, "GET");

    let field = Field::Text {
        name: "stream".to_owned(),
        value: "true".to_owned(),
    };
    let form = session.request("POST", &["images", "edits"], Body::Form(vec![field]));
    let stream = session.stream(form, EventKind::Image, Default::default());
    assert_eq!(
        take_all(|patience| stream.take(9, patience)).1,
        End::Complete
    );
    let seen = session.seen();
    let content_type = header(&seen, "content-type").unwrap_or_default();
    assert!(
        content_type.starts_with("multipart/form-data"),
        "{content_type}"
    );
    assert_eq!(header(&seen, "accept"), Some("text/event-stream"));
}

#[test]
fn other_events_are_kept_unchanged() {
    let events = [
        json!({ "type": "session.turn.created", "turn": { "error": { "message": "before" } } }),
        json!({ "type": "session.turn.failed", "error": { "message": "in the session" } }),
    ];
    let (stream, _, end) = read_events(EventKind::Plain, &events);
    assert_eq!(end, End::Complete);
    assert_eq!(answer(&stream), json!(events));

    let error = json!({ "type": "error", "message": "gone" });
    let (_, _, end) = read_events(EventKind::Plain, &[events[0].clone(), error]);
    assert!(incomplete(end).message.ends_with("gone"));
}

#[test]
fn reasoning_of_chat_models_is_separate() {
    let chunk = |delta: Value| json!({ "choices": [{ "index": 0, "delta": delta }] });
    for name in ["reasoning_content", "reasoning"] {
        let session = Session::answering([event_stream([
            event(chunk(json!({ name: "Let me" }))),
            event(chunk(json!({ name: " see.", "content": "" }))),
            event(chunk(json!({ "content": "Yes" }))),
            DONE.to_owned(),
        ])]);
        let stream = session.chat();
        let (events, end) = take_all(|patience| stream.take(usize::MAX, patience));
        assert_eq!(end, End::Complete);
        let pieces = events.iter().map(|event| event.reasoning().into_owned());
        assert_eq!(pieces.collect::<Vec<_>>(), ["Let me", " see.", ""]);
        assert_eq!(stream.answer().reasoning(0), "Let me see.");
        assert_eq!(stream.answer().text(0).as_deref(), Some("Yes"));
    }
}
