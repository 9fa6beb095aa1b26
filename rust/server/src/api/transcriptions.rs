//! `POST /audio/transcriptions` and `/audio/translations`
//! (<https://platform.openai.com/docs/api-reference/audio>): the text names the received file,
//! because the server has no speech recognition.

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::events::{event, stream};
use crate::media::seconds;
use crate::model::tokens;
use crate::reply::Reply;

const FORMATS: [&str; 6] = [
    "json",
    "text",
    "srt",
    "verbose_json",
    "vtt",
    "diarized_json",
];

/// A sentence with its start and end in seconds.
struct Segment {
    text: String,
    start: f64,
    end: f64,
}

/// Responds with the text in the requested format, or streams it.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let file = body.required_file("file")?;
    let format = body.choice("response_format", &FORMATS)?;
    let duration = seconds(&file.bytes);
    let sentences = [
        format!(
            "This is the file {} of {} bytes.",
            file.name,
            file.bytes.len()
        ),
        " I am a practice server on your own computer and hear nothing.".to_owned(),
    ];
    let text = sentences.concat();
    let input_tokens = (duration * 10.0).ceil();
    let output_tokens = tokens(&text).count();
    let usage = json!({
        "type": "tokens",
        "input_tokens": input_tokens as u64,
        "input_token_details": { "text_tokens": 0, "audio_tokens": input_tokens as u64 },
        "output_tokens": output_tokens,
        "total_tokens": input_tokens as u64 + output_tokens as u64,
    });
    if body.flag("stream")? {
        let delta = |token| event(&json!({ "type": "transcript.text.delta", "delta": token }));
        let mut events: Vec<Vec<u8>> = tokens(&text).map(delta).collect();
        let done = json!({ "type": "transcript.text.done", "text": text, "usage": usage });
        events.push(event(&done));
        return Ok(stream(events, call.options.token_delay));
    }
    let segments = segments(sentences, duration);
    let plain = |text: String| Reply::body(200, "text/plain; charset=utf-8", text);
    Ok(match format.as_str() {
        "text" => plain(format!("{text}\n")),
        "srt" => plain(subtitles(&segments, ',', true)),
        "vtt" => plain(format!("WEBVTT\n\n{}", subtitles(&segments, '.', false))),
        "verbose_json" => {
            let granularities = body.strings("timestamp_granularities")?;
            let has_words = granularities.iter().any(|name| name == "word");
            Reply::json(&verbose(&text, &segments, duration, has_words))
        }
        "diarized_json" => Reply::json(&diarized(&text, &segments, duration)),
        _ => Reply::json(&json!({ "text": text, "usage": usage })),
    })
}

/// Gives all sentences the same duration.
fn segments(sentences: [String; 2], duration: f64) -> Vec<Segment> {
    let each = duration / sentences.len() as f64;
    let numbered = sentences.into_iter().enumerate();
    numbered
        .map(|(index, text)| Segment {
            text,
            start: each * index as f64,
            end: each * (index + 1) as f64,
        })
        .collect()
}

fn verbose(text: &str, segments: &[Segment], duration: f64, has_words: bool) -> Value {
    let described: Vec<Value> = segments
        .iter()
        .enumerate()
        .map(|(id, segment)| {
            json!({
                "id": id,
                "seek": 0,
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "tokens": (0..tokens(&segment.text).count()).collect::<Vec<_>>(),
                "temperature": 0.0,
                "avg_logprob": -0.1,
                "compression_ratio": 1.0,
                "no_speech_prob": 0.01,
            })
        })
        .collect();
    let mut answer = json!({
        "task": "transcribe",
        "language": "english",
        "duration": duration,
        "text": text,
        "segments": described,
        "usage": { "type": "duration", "seconds": duration.ceil() },
    });
    if has_words {
        let words: Vec<&str> = text.split_whitespace().collect();
        let each = duration / words.len() as f64;
        let word = |(index, word): (usize, &&str)| {
            let start = each * index as f64;
            json!({ "word": word, "start": start, "end": start + each })
        };
        answer["words"] = words.iter().enumerate().map(word).collect();
    }
    answer
}

/// The text with its speaker; there is only one.
fn diarized(text: &str, segments: &[Segment], duration: f64) -> Value {
    let described: Vec<Value> = segments
        .iter()
        .enumerate()
        .map(|(index, segment)| {
            json!({
                "type": "transcript.text.segment",
                "id": format!("seg_{index}"),
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "speaker": "A",
            })
        })
        .collect();
    json!({
        "task": "transcribe",
        "duration": duration,
        "text": text,
        "segments": described,
        "usage": { "type": "duration", "seconds": duration.ceil() },
    })
}

/// Subtitles in the format `srt` (numbered) or `vtt`.
fn subtitles(segments: &[Segment], point: char, numbered: bool) -> String {
    let time = |seconds: f64| {
        let milliseconds = (seconds * 1000.0).round() as u64;
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!(
            "{hours:02}:{minutes:02}:{:02}{point}{rest:03}",
            seconds % 60
        )
    };
    let mut text = String::new();
    for (index, segment) in segments.iter().enumerate() {
        if numbered {
            text.push_str(&format!("{}\n", index + 1));
        }
        let (start, end) = (time(segment.start), time(segment.end));
        text.push_str(&format!("{start} --> {end}\n{}\n\n", segment.text.trim()));
    }
    text
}
