use serde_json::{json, Value};

use crate::support::{post, server};

#[test]
fn every_text_has_a_result() {
    let body = json!({ "input": ["Hello", "I will kill the process"] });
    let answer = post(&server(), "/v1/moderations", &body).json();
    let flagged: Vec<&Value> = answer["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| &result["flagged"])
        .collect();
    assert_eq!(flagged, [false, true]);
    let result = &answer["results"][1];
    assert_eq!(result["categories"]["violence"], true);
    assert_eq!(result["categories"]["hate"], false);
    assert!(result["category_scores"]["violence"].as_f64() > Some(0.9));
}

#[test]
fn parts_are_one_input() {
    let input = json!([
        { "type": "text", "text": "Look" },
        { "type": "image_url", "image_url": { "url": "data:," } },
    ]);
    let answer = post(&server(), "/v1/moderations", &json!({ "input": input })).json();
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(1));
    let types = &answer["results"][0]["category_applied_input_types"];
    assert_eq!(types["violence"], json!(["text", "image"]));
    assert_eq!(types["hate"], json!(["text"]));
}
