use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::support::{post, server};

const TARGET: &str = "/v1/embeddings";

fn embed(input: Value, more: &Value) -> Value {
    let mut body = json!({ "model": "text-embedding-3-small", "input": input });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let answer = post(&server(), TARGET, &body);
    assert_eq!(answer.status(), 200, "{:?}", answer.json());
    answer.json()
}

fn vector(answer: &Value, index: usize) -> Vec<f32> {
    let numbers = answer["data"][index]["embedding"]
        .as_array()
        .expect("a vector");
    numbers
        .iter()
        .map(|number| number.as_f64().expect("a number") as f32)
        .collect()
}

#[test]
fn a_text_has_a_vector_of_length_one() {
    let answer = embed(json!("Hello world"), &json!({}));
    let numbers = vector(&answer, 0);
    assert_eq!(numbers.len(), 1536);
    let length: f32 = numbers.iter().map(|number| number * number).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");
    assert_eq!(answer["object"], "list");
    assert_eq!(answer["model"], "text-embedding-3-small");
    assert_eq!(
        answer["usage"],
        json!({ "prompt_tokens": 2, "total_tokens": 2 })
    );
    assert_eq!(answer["data"][0]["object"], "embedding");
}

#[test]
fn several_texts_have_their_vectors_in_order() {
    let together = embed(json!(["one", "two"]), &json!({}));
    assert_eq!(together["data"][1]["index"], 1);
    assert_eq!(
        together["data"][1]["embedding"],
        embed(json!("two"), &json!({}))["data"][0]["embedding"]
    );
    assert_ne!(
        together["data"][0]["embedding"],
        together["data"][1]["embedding"]
    );
}

#[test]
fn an_array_of_token_ids_is_one_input() {
    let one = embed(json!([15339, 1917]), &json!({}));
    assert_eq!(one["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["usage"]["prompt_tokens"], 2);
    let several = embed(json!([[15339, 1917], [1]]), &json!({}));
    assert_eq!(several["data"][0]["embedding"], one["data"][0]["embedding"]);
    assert_eq!(several["usage"]["total_tokens"], 3);
}

#[test]
fn base64_contains_the_same_numbers_as_floats() {
    let more = json!({ "encoding_format": "base64", "dimensions": 256 });
    let encoded = embed(json!("Hello"), &more);
    let text = encoded["data"][0]["embedding"].as_str().expect("a text");
    let bytes = STANDARD.decode(text).expect("base64");
    let numbers: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")))
        .collect();
    assert_eq!(numbers.len(), 256);
    assert_eq!(
        numbers,
        vector(&embed(json!("Hello"), &json!({ "dimensions": 256 })), 0)
    );
}

#[test]
fn the_size_depends_on_the_model() {
    for (model, size) in [
        ("text-embedding-3-large", 3072),
        ("text-embedding-ada-002", 1536),
    ] {
        assert_eq!(
            vector(&embed(json!("x"), &json!({ "model": model })), 0).len(),
            size
        );
    }
}

#[test]
fn an_invalid_parameter_is_reported() {
    let server = server();
    let cases = [
        (
            json!({ "input": "x" }),
            "model",
            "missing_required_parameter",
        ),
        (
            json!({ "model": "m" }),
            "input",
            "missing_required_parameter",
        ),
        (json!({ "model": "m", "input": 1 }), "input", "invalid_type"),
        (
            json!({ "model": "m", "input": ["x", 1] }),
            "input",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "input": [1, "x"] }),
            "input",
            "invalid_type",
        ),
        (json!({ "model": "m", "input": [] }), "input", "empty_array"),
        (
            json!({ "model": "m", "input": [[]] }),
            "input",
            "empty_array",
        ),
        (
            json!({ "model": "m", "input": "" }),
            "input",
            "empty_string",
        ),
        (
            json!({ "model": "m", "input": vec!["x"; 2049] }),
            "input",
            "array_above_max_length",
        ),
        (
            json!({ "model": "m", "input": "x", "dimensions": 1537 }),
            "dimensions",
            "integer_above_max_value",
        ),
        (
            json!({ "model": "m", "input": "x", "encoding_format": "hex" }),
            "encoding_format",
            "invalid_value",
        ),
    ];
    for (body, param, code) in cases {
        let refused = post(&server, TARGET, &body);
        let (message, _, found_param, found_code) = refused.error();
        assert_eq!(refused.status(), 400, "{message}");
        assert_eq!(
            (found_param, found_code),
            (json!(param), json!(code)),
            "{message}"
        );
    }
}
