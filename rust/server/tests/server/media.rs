use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::support::{post, post_form, server, text, Response};

fn decoded(value: &Value, pointer: &str) -> Vec<u8> {
    STANDARD.decode(text(value, pointer)).expect("base64")
}

/// The data of the events.
fn events(response: &Response) -> Vec<Value> {
    let events = response.chunks.iter().map(|chunk| {
        let data = chunk.strip_prefix("data: ").expect("an event");
        serde_json::from_str(data).expect("JSON")
    });
    events.collect()
}

#[test]
fn images_are_png_files_of_the_requested_size() {
    let server = server();
    let body = json!({ "prompt": "a bird", "n": 2, "size": "1536x1024" });
    let answer = post(&server, "/v1/images/generations", &body).json();
    assert_eq!(answer["size"], "1536x1024");
    let [first, second] = [0, 1].map(|index| decoded(&answer, &format!("/data/{index}/b64_json")));
    assert!(first.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(first[16..24], [0, 0, 6, 0, 0, 0, 4, 0], "width and height");
    assert_ne!(first, second);
    let fields = [("prompt", None, "a bird"), ("image[]", Some("a.png"), "x")];
    let edited = post_form(&server, "/v1/images/edits", &fields);
    assert_eq!(edited.status(), 200);
    let varied = post_form(&server, "/v1/images/variations", &fields[1..]);
    assert_eq!(varied.status(), 200);
    let body = json!({ "prompt": "a bird", "size": "large" });
    let refused = post(&server, "/v1/images/generations", &body);
    assert_eq!((refused.status(), refused.error().2), (400, json!("size")));
}

#[test]
fn a_stream_of_images_starts_with_partial_images() {
    let server = server();
    let body = json!({ "prompt": "a bird", "stream": true, "partial_images": 2 });
    let events = post(&server, "/v1/images/generations", &body).named_events();
    let names: Vec<&str> = events.iter().map(|event| text(event, "/type")).collect();
    assert_eq!(
        names,
        [
            "image_generation.partial_image",
            "image_generation.partial_image",
            "image_generation.completed",
        ]
    );
    assert_eq!(events[1]["partial_image_index"], 1);
    assert_ne!(events[0]["b64_json"], events[1]["b64_json"]);
    let body = json!({ "prompt": "a bird" });
    let whole = post(&server, "/v1/images/generations", &body).json();
    assert_eq!(events[2]["b64_json"], whole["data"][0]["b64_json"]);
    let fields = [
        ("prompt", None, "x"),
        ("image", Some("a.png"), "x"),
        ("stream", None, "true"),
    ];
    let events = post_form(&server, "/v1/images/edits", &fields).named_events();
    assert_eq!(events[0]["type"], "image_edit.completed");
}

#[test]
fn the_length_of_speech_depends_on_the_text() {
    let server = server();
    let body = |more: Value| {
        let mut body = json!({ "model": "tts-1", "voice": "alloy", "input": "one two three" });
        for (name, value) in more.as_object().expect("parameters") {
            body[name] = value.clone();
        }
        body
    };
    let format = json!({ "stream_format": "sse" });
    let events = events(&post(&server, "/v1/audio/speech", &body(format)));
    let (done, deltas) = events.split_last().expect("events");
    assert_eq!(done["type"], "speech.audio.done");
    let sound: Vec<u8> = deltas
        .iter()
        .flat_map(|delta| decoded(delta, "/audio"))
        .collect();
    assert!(sound.starts_with(b"RIFF") && sound[8..].starts_with(b"WAVEfmt "));
    // Three tokens of 1920 samples with two bytes each.
    assert_eq!(sound.len(), 44 + 3 * 1920 * 2);
    let long = json!({ "input": "x".repeat(4097) });
    let refused = post(&server, "/v1/audio/speech", &body(long));
    assert_eq!((refused.status(), refused.error().2), (400, json!("input")));
}

fn transcribe(format: &str) -> Response {
    let content = "x".repeat(32_000);
    let fields = [
        ("model", None, "m"),
        ("response_format", None, format),
        ("timestamp_granularities[]", None, "word"),
        ("file", Some("a.mp3"), &content),
    ];
    post_form(&server(), "/v1/audio/transcriptions", &fields)
}

#[test]
fn a_transcription_has_the_requested_format() {
    let whole = "This is the file a.mp3 of 32000 bytes. \
                 I am a practice server on your own computer and hear nothing.";
    assert_eq!(transcribe("json").json()["text"], whole);
    let verbose = transcribe("verbose_json").json();
    assert_eq!(
        (&verbose["duration"], &verbose["segments"][1]["start"]),
        (&json!(2.0), &json!(1.0))
    );
    assert_eq!(verbose["words"][0]["word"], "This");
    assert_eq!(
        transcribe("diarized_json").json()["segments"][0]["speaker"],
        "A"
    );
    let text = |format| String::from_utf8(transcribe(format).body).expect("text");
    assert_eq!(text("text"), format!("{whole}\n"));
    let first = "This is the file a.mp3 of 32000 bytes.\n\n";
    assert!(text("srt").starts_with(&format!("1\n00:00:00,000 --> 00:00:01,000\n{first}2\n")));
    let vtt = format!("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{first}00:");
    assert!(text("vtt").starts_with(&vtt));
    assert_eq!(transcribe("xml").error().2, "response_format");
}

#[test]
fn a_transcription_is_streamed() {
    let fields = [
        ("model", None, "m"),
        ("stream", None, "true"),
        ("file", Some("a.wav"), "x"),
    ];
    let events = events(&post_form(&server(), "/v1/audio/transcriptions", &fields));
    let (done, deltas) = events.split_last().expect("events");
    let streamed: String = deltas.iter().map(|event| text(event, "/delta")).collect();
    assert_eq!(done["type"], "transcript.text.done");
    assert_eq!(done["text"], *streamed);
    let translated = post_form(&server(), "/v1/audio/translations", &[fields[0], fields[2]]);
    assert_eq!(text(&translated.json(), "/text"), streamed);
}
