//! Any JSON with status 200 is either a valid response or an error.

use openaistream_core::{Answer, Body, Content, Error, ErrorKind};
use openaistream_server::Reply;
use serde_json::Value;

use crate::random::{for_each_of, Random};
use crate::support::Session;

/// The number of bodies per kind of call.
const COUNT: usize = 10_000;

const FIELDS: [&str; 16] = [
    "choices",
    "data",
    "results",
    "error",
    "errors",
    "text",
    "id",
    "object",
    "message",
    "detail",
    "code",
    "embedding",
    "index",
    "url",
    "delta",
    "content",
];

/// A call: its method, its path, and what its response must contain.
type Call = (&'static str, &'static [&'static str], fn(&Value) -> bool);

const CALLS: [Call; 8] = [
    ("POST", &["chat", "completions"], |answer| {
        let choices = answer["choices"].as_array();
        choices.is_some_and(|it| !it.is_empty() && it.iter().all(Value::is_object))
    }),
    ("POST", &["embeddings"], |answer| {
        let is_vector = |entry: &Value| match &entry["embedding"] {
            Value::Array(vector) => !vector.is_empty(),
            Value::String(text) => !text.is_empty(),
            _ => false,
        };
        let data = answer["data"].as_array();
        data.is_some_and(|it| !it.is_empty() && it.iter().all(is_vector))
    }),
    ("POST", &["images", "generations"], |answer| {
        let data = answer["data"].as_array();
        let has_text = |image: &Value| image["url"].is_string() || image["b64_json"].is_string();
        data.is_some_and(|it| it.iter().any(has_text))
    }),
    ("POST", &["moderations"], |answer| {
        answer["results"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
    }),
    ("GET", &["models"], |answer| answer["data"].is_array()),
    ("GET", &["files", "f"], |answer| {
        answer.as_object().is_some_and(|it| !it.is_empty())
    }),
    ("DELETE", &["files", "f"], Value::is_object),
    ("POST", &["audio", "transcriptions"], |answer| {
        answer["text"].is_string()
    }),
];

fn json(random: &mut Random, depth: usize) -> String {
    let below = |random: &mut Random| json(random, depth.saturating_sub(1));
    let kind = random.below(if depth == 0 { 7 } else { 12 });
    match kind {
        0 => "null".to_owned(),
        1 => random.one_of(&["true", "false"]).to_owned(),
        2 => random
            .one_of(&["0", "1", "404", "-1", "1.5", "1e9", "500"])
            .to_owned(),
        3..=6 => format!(
            "\"{}\"",
            random.one_of(&["", "a", "error", "list", " ", "é", "502"])
        ),
        7..=8 => {
            let count = random.below(3);
            let elements: Vec<String> = (0..count).map(|_| below(random)).collect();
            format!("[{}]", elements.join(","))
        }
        _ => {
            let count = random.below(4);
            let members = (0..count).map(|_| {
                let name = random.one_of(&FIELDS);
                format!("\"{name}\":{}", below(random))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

/// Whether an outcome is a valid response, or an error with a message.
fn is_told(outcome: Result<Answer, Error>, has_what_it_is_for: fn(&Value) -> bool) -> bool {
    match outcome.map(|answer| answer.content) {
        Ok(Content::Json(document)) => {
            let answer = serde_json::from_str(document.source()).expect("it is JSON");
            has_what_it_is_for(&answer)
        }
        // A transcript may be any text.
        Ok(Content::Text(_)) => true,
        Ok(_) => false,
        Err(error) => {
            let is_of_answer = matches!(error.kind, ErrorKind::Status | ErrorKind::Response);
            is_of_answer && !error.message.is_empty() && error.body.is_some()
        }
    }
}

#[test]
fn any_json_is_a_valid_response_or_an_error() {
    let session = Session::new();
    for_each_of(COUNT, |random| {
        for (method, path, has_what_it_is_for) in CALLS {
            let body = json(random, 4);
            session
                .server
                .reply(Reply::body(200, "application/json", body.clone()));
            let carried = match method {
                "POST" => Body::Json("{}".into()),
                _ => Body::Empty,
            };
            let outcome = session.send(session.request(method, path, carried));
            let shown = format!("{outcome:?}");
            assert!(
                is_told(outcome, has_what_it_is_for),
                "{path:?}: {body} gave {shown}"
            );
        }
    });
}
