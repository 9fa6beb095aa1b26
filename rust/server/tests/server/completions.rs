use serde_json::{json, Value};

use crate::support::{post, server};

const TARGET: &str = "/v1/completions";

#[test]
fn every_prompt_is_answered() {
    let body = json!({ "model": "m", "prompt": ["One", "Two"], "n": 2, "echo": true });
    let answer = post(&server(), TARGET, &body).json();
    assert_eq!(answer["object"], "text_completion");
    let choices = answer["choices"].as_array().expect("choices");
    let indices: Vec<&Value> = choices.iter().map(|choice| &choice["index"]).collect();
    assert_eq!(indices, [0, 1, 2, 3]);
    let text = choices[2]["text"].as_str().expect("a text");
    assert!(text.starts_with("TwoYou wrote: \"Two\""), "{text}");
    assert_eq!(answer["usage"]["prompt_tokens"], 2);
}

#[test]
fn a_stream_has_the_same_text() {
    let server = server();
    let mut body = json!({ "model": "m", "prompt": "One", "max_tokens": 4 });
    let whole = post(&server, TARGET, &body).json();
    assert_eq!(whole["choices"][0]["finish_reason"], "length");
    body["stream"] = true.into();
    let answer = post(&server, TARGET, &body);
    let data = answer
        .chunks
        .iter()
        .map(|chunk| chunk.trim_start_matches("data: "));
    let mut text = String::new();
    for event in data.take(answer.chunks.len() - 1) {
        let event: Value = serde_json::from_str(event).expect("JSON");
        text.push_str(event["choices"][0]["text"].as_str().expect("a text"));
    }
    assert_eq!(whole["choices"][0]["text"], *text);
    assert_eq!(
        answer.chunks.last().map(String::as_str),
        Some("data: [DONE]\n\n")
    );
}
