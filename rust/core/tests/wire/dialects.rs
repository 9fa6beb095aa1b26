//! The recordings in `tests/dialects`: responses of many servers, with the expected results.

use std::fs::read_to_string;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openaistream_core::embeddings::{embed, Embeddings, Part};
use openaistream_core::stream::{Decode, End, EventDecoder, EventKind, StreamedAnswer};
use openaistream_core::{Body, CallOptions, Content, Error, ErrorKind, Request, Secrets};
use openaistream_server::{Framing, Reply};
use serde_json::{json, Value};

use crate::support::{read_all, Session};

/// A recording and its name.
struct Recording {
    name: String,
    fields: Value,
}

/// The result of a call: the answer in the format of the recording, or the error with the text
/// before it.
type Outcome = Result<Value, (Error, String)>;

impl Recording {
    fn all() -> Vec<Recording> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
        let mut recordings = Vec::new();
        for entry in folder.read_dir().expect("the folder of the recordings") {
            let path = entry.expect("a file").path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = read_to_string(&path).expect("a text");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            let stem = path.file_stem().expect("a name").to_string_lossy();
            for fields in file["recordings"].as_array().expect("recordings") {
                recordings.push(Recording {
                    name: format!("{stem}: {}", fields["name"].as_str().expect("a name")),
                    fields: fields.clone(),
                });
            }
        }
        recordings
    }

    fn call(&self) -> &str {
        self.fields["call"].as_str().expect("a call")
    }

    fn is_stream(&self) -> bool {
        self.call() == "stream"
    }

    /// The body in the chunks in which it is sent.
    fn pieces(&self) -> Vec<Vec<u8>> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let pieces: Vec<String> = if let Some(body) = self.fields.get("body") {
            vec![body.to_string()]
        } else if let Some(pieces) = self.fields.get("pieces") {
            pieces
                .as_array()
                .expect("pieces")
                .iter()
                .map(text)
                .collect()
        } else {
            let events = self.fields["events"].as_array().expect("events").iter();
            let data = events.map(|event| match event {
                Value::String(mark) => mark.clone(),
                event => event.to_string(),
            });
            data.map(|data| format!("data: {data}\n\n")).collect()
        };
        pieces.into_iter().map(String::into_bytes).collect()
    }

    fn content_type(&self) -> &str {
        let given = self.fields.get("content_type").and_then(Value::as_str);
        given.unwrap_or(match self.is_stream() {
            true => "text/event-stream",
            false => "application/json",
        })
    }

    fn reply(&self) -> Reply {
        let headers = self.fields.get("headers").and_then(Value::as_object);
        let headers = headers.into_iter().flatten().map(|(name, value)| {
            let value = value.as_str().expect("a header").to_owned();
            (name.clone(), value)
        });
        let content_type = ("content-type".to_owned(), self.content_type().to_owned());
        Reply {
            status: self
                .fields
                .get("status")
                .map_or(200, |it| it.as_u64().expect("a status") as u16),
            headers: headers.chain([content_type]).collect(),
            chunks: self.pieces(),
            framing: match self.is_stream() {
                true => Framing::Chunked,
                false => Framing::Length,
            },
            ..Reply::default()
        }
    }

    /// The difference between the result of the call and the expected one.
    fn problem(&self, outcome: Outcome, how: &str) -> Option<String> {
        let problem = match (self.fields["gives"].get("error"), outcome) {
            (None, Ok(value)) => self.value_difference(&value),
            (None, Err((error, _))) => Some(error.to_string()),
            (Some(_), Ok(value)) => Some(format!("no error, but {value}")),
            (Some(expected), Err((error, partial))) => {
                self.error_difference(expected, &error, &partial)
            }
        };
        problem.map(|problem| format!("{} ({how}): {problem}", self.name))
    }

    fn value_difference(&self, value: &Value) -> Option<String> {
        let expected = self.fields["gives"]
            .as_object()
            .expect("the expected result");
        let mut expected = expected
            .iter()
            .filter(|(name, _)| value.get(name).is_some())
            .peekable();
        if expected.peek().is_none() {
            return Some(format!("{value} has none of the expected members"));
        }
        let is_other = |name: &str, expected: &Value| match expected {
            // Only the listed members of an object are compared.
            Value::Object(fields) => fields.iter().any(|(field, it)| value[name][field] != *it),
            _ => value[name] != *expected,
        };
        let (name, expected) = expected.find(|(name, expected)| is_other(name, expected))?;
        Some(format!("{name} is {}, not {expected}", value[name]))
    }

    fn error_difference(&self, expected: &Value, error: &Error, partial: &str) -> Option<String> {
        let gives = &self.fields["gives"];
        let kind = match error.kind {
            ErrorKind::Status => "status",
            ErrorKind::Response => "response",
            ErrorKind::Stream => "stream",
            _ => "another",
        };
        let words = expected["message"].as_str().expect("words");
        if !error.message.contains(words) {
            return Some(format!("{error} does not contain {words}"));
        }
        let actual = [
            ("kind", json!(kind)),
            ("status", json!(error.status)),
            ("code", json!(error.code)),
            ("type", json!(error.error_type)),
        ];
        for (name, actual) in actual {
            if let Some(expected) = expected.get(name).filter(|expected| **expected != actual) {
                return Some(format!("{name} is {actual}, not {expected}, of {error}"));
            }
        }
        if let Some(expected) = gives.get("partial").filter(|it| **it != json!(partial)) {
            return Some(format!("the text before is {partial:?}, not {expected}"));
        }
        let expected = gives.get("retry_after").and_then(Value::as_f64)?;
        let actual = error.retry_after.unwrap_or_default();
        let is_other = (actual - expected).abs() > 0.01;
        is_other.then(|| format!("a wait of {actual} s, not {expected} s"))
    }
}

fn assert_none(problems: Vec<String>) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A chat answer in the format of the recordings.
fn chat(answer: &StreamedAnswer) -> Value {
    let count = (0..)
        .take_while(|choice| answer.text(*choice).is_some())
        .count();
    let texts = (0..count as i64).map(|choice| answer.text(choice).map(|text| text.into_owned()));
    let calls = answer.tool_calls(0).map(|calls| {
        let calls: Value = serde_json::from_str(calls.source()).expect("JSON");
        let calls = calls.as_array().expect("an array").iter().map(|call| {
            let function = &call["function"];
            json!({
                "id": call.get("id").unwrap_or(&json!("")),
                "name": function["name"],
                "arguments": function["arguments"],
            })
        });
        calls.collect::<Value>()
    });
    json!({"text": texts.collect::<Value>(), "tool_calls": calls})
}

/// Decodes these chunks.
fn decoded<'a>(content_type: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let kind = EventKind::Chat;
    let mut decoder = EventDecoder::new(kind, Secrets::default(), CallOptions::default());
    let mut answer = StreamedAnswer::new(kind, Instant::now());
    decoder.begin(content_type);
    for piece in pieces {
        let (events, end) = decoder.feed(piece.to_vec().into(), Instant::now());
        events.iter().for_each(|event| answer.add(event));
        if let Some(end) = end {
            return ended(end, &answer);
        }
    }
    let (events, end) = decoder.finish();
    events.iter().for_each(|event| answer.add(event));
    ended(end, &answer)
}

fn ended(end: End, answer: &StreamedAnswer) -> Outcome {
    match end {
        End::Complete => Ok(chat(answer)),
        End::Incomplete(error) => Err((error, answer.text(0).unwrap_or_default().into_owned())),
    }
}

/// Makes the call of a recording.
fn call(session: &Session, recording: &Recording) -> Outcome {
    let body = || Body::Json("{}".into());
    let (method, path, body): (_, &[&str], _) = match recording.call() {
        "chat" | "stream" => ("POST", &["chat", "completions"], body()),
        "embeddings" => ("POST", &["embeddings"], body()),
        "models" => ("GET", &["models"], Body::Empty),
        "images" => ("POST", &["images", "generations"], body()),
        "transcription" => ("POST", &["audio", "transcriptions"], body()),
        "speech" | "speech_stream" => ("POST", &["audio", "speech"], body()),
        "job" => ("GET", &["fine_tuning", "jobs", "j1"], Body::Empty),
        "delete" => ("DELETE", &["files", "file-1"], Body::Empty),
        other => panic!("unknown call {other}"),
    };
    let request = session.request(method, path, body);
    match recording.call() {
        "stream" => {
            let stream = session.stream(request, EventKind::Chat, Arc::default());
            let (_, end) = read_all(&stream);
            let outcome = ended(end, &stream.answer());
            outcome
        }
        "speech_stream" => {
            let stream = session.speech();
            let mut length = 0;
            loop {
                let taken = stream.take(64, Duration::from_secs(10));
                length += taken.items.iter().map(|bytes| bytes.len()).sum::<usize>();
                match taken.end {
                    Some(End::Complete) => return Ok(json!({"bytes": length})),
                    Some(End::Incomplete(error)) => return Err((error, String::new())),
                    None => {}
                }
            }
        }
        kind => {
            let answer = session
                .send(request)
                .map_err(|error| (error, String::new()))?;
            Ok(content(kind, answer.content))
        }
    }
}

/// A response without streaming, in the format of the recordings.
fn content(kind: &str, content: Content) -> Value {
    let document = match content {
        Content::Json(document) => document,
        Content::Text(text) => return json!({"transcript": text}),
        Content::Bytes(bytes) => return json!({"bytes": bytes.len()}),
        Content::Nothing => return json!({"fields": {}}),
    };
    let value: Value = serde_json::from_str(document.source()).unwrap_or_default();
    let list = |name: &str| -> Value {
        let data = value["data"].as_array().expect("an array");
        data.iter().map(|entry| entry[name].clone()).collect()
    };
    match kind {
        "chat" => {
            let whole = [document.source().as_bytes()];
            decoded("application/json", whole).expect("a response that streams accept, too")
        }
        "models" => json!({"ids": list("id")}),
        "images" => json!({"images": value["data"].as_array().map(Vec::len)}),
        "transcription" => json!({"transcript": value["text"]}),
        "embeddings" => json!({"vectors": list("embedding")}),
        _ => json!({"fields": value}),
    }
}

/// Missing texts are empty in streams.
fn without_null_texts(recording: &mut Recording) {
    let texts = recording.fields["gives"].get_mut("text");
    for text in texts.and_then(Value::as_array_mut).into_iter().flatten() {
        if text.is_null() {
            *text = json!("");
        }
    }
}

#[test]
fn every_recording_gives_the_expected_result() {
    let recordings = Recording::all();
    assert!(recordings.len() >= 150, "{} recordings", recordings.len());
    let problems = recordings.into_iter().filter_map(|mut recording| {
        without_null_texts(&mut recording);
        let session = Session::answering([recording.reply()]);
        recording.problem(call(&session, &recording), "over a socket")
    });
    assert_none(problems.collect());
}

#[test]
fn streams_do_not_depend_on_how_they_are_split() {
    let mut problems = Vec::new();
    for recording in Recording::all().iter().filter(|it| it.is_stream()) {
        let content_type = recording.content_type();
        let pieces = recording.pieces();
        let whole = pieces.concat();
        for cut in 0..=whole.len() {
            let outcome = decoded(content_type, [&whole[..cut], &whole[cut..]]);
            problems.extend(recording.problem(outcome, &format!("cut at {cut}")));
        }
        let outcome = decoded(content_type, whole.chunks(1));
        problems.extend(recording.problem(outcome, "byte by byte"));
        for joined in 1..pieces.len() {
            let mut pieces = pieces.clone();
            let next = pieces.remove(joined);
            pieces[joined - 1].extend(next);
            let outcome = decoded(content_type, pieces.iter().map(Vec::as_slice));
            let how = format!("pieces {joined} and the next joined");
            problems.extend(recording.problem(outcome, &how));
        }
    }
    assert_none(problems);
}

/// The vectors of the recording as rows of a matrix.
fn rows(session: &Session, request: Request, inputs: usize) -> Result<Value, Error> {
    let part = Part {
        body: "{}".into(),
        inputs,
    };
    let transport = session.transport.clone();
    let embedded = async move {
        embed(
            &transport,
            &request,
            vec![part],
            Vec::new(),
            &Arc::default(),
        )
        .await
    };
    let runtime = &session.runtime;
    let embeddings: Embeddings = runtime
        .block_on(runtime.spawn(embedded))
        .expect("no panic")?;
    let (rows, width) = (embeddings.rows(), embeddings.width());
    let mut cells = vec![0.0; rows * width];
    embeddings.fill(&mut cells, |cell, number| *cell = number);
    let row = |row: usize| {
        (0..width)
            .map(|column| cells[column * rows + row])
            .collect::<Value>()
    };
    Ok((0..rows).map(row).collect())
}

#[test]
fn embeddings_are_the_same_as_rows_of_a_matrix() {
    let mut problems = Vec::new();
    for mut recording in Recording::all() {
        if recording.call() != "embeddings" {
            continue;
        }
        let session = Session::answering([recording.reply()]);
        let request = session.request("POST", &["embeddings"], Body::Empty);
        let gives = &mut recording.fields["gives"];
        // In a matrix, base64 vectors are numbers.
        if let Some(numbers) = gives.get("numbers").cloned() {
            gives["vectors"] = numbers;
        }
        let vectors = gives.get("vectors").and_then(Value::as_array);
        let inputs = vectors.map_or(1, Vec::len);
        let outcome = rows(&session, request, inputs);
        let outcome = outcome.map(|rows| json!({"vectors": rows, "numbers": rows}));
        let outcome = outcome.map_err(|error| (error, String::new()));
        problems.extend(recording.problem(outcome, "as a matrix"));
    }
    assert_none(problems);
}
