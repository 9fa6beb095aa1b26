//! `POST /moderations` (<https://platform.openai.com/docs/api-reference/moderations>): certain
//! words represent harmful content.

use serde_json::{json, Map, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::parameters::{empty_array, wrong_type};
use crate::reply::Reply;
use crate::stable_hash::stable_hash;

/// The categories with their words, and whether a category also applies to images.
const CATEGORIES: [(&str, &[&str], bool); 13] = [
    ("harassment", &["idiot", "stupid"], false),
    ("harassment/threatening", &[], false),
    ("hate", &["hate"], false),
    ("hate/threatening", &[], false),
    ("illicit", &["steal"], false),
    ("illicit/violent", &["bomb"], false),
    ("self-harm", &["suicide"], true),
    ("self-harm/intent", &[], true),
    ("self-harm/instructions", &[], true),
    ("sexual", &["porn"], true),
    ("sexual/minors", &[], false),
    ("violence", &["kill", "murder"], true),
    ("violence/graphic", &[], true),
];
/// The scores of categories that were found, and of others.
const FOUND: f64 = 0.98;
const NOT_FOUND: f64 = 0.0001;

/// A text, or the parts of an input; images are always harmless.
struct Input {
    text: String,
    has_image: bool,
}

pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let body = &call.body;
    let model = body.string("model")?.unwrap_or("omni-moderation-latest");
    let results: Vec<Value> = inputs(body.required("input")?)?
        .iter()
        .map(result)
        .collect();
    Ok(Reply::json(&json!({
        "id": format!("modr-{:016x}", stable_hash(&call.request.body.kept)),
        "model": model,
        "results": results,
    })))
}

fn inputs(value: &Value) -> Result<Vec<Input>, ApiError> {
    let expected = "a string, an array of strings or an array of objects";
    let of_text = |text: &str| Input {
        text: text.to_owned(),
        has_image: false,
    };
    match value {
        Value::String(text) => Ok(vec![of_text(text)]),
        Value::Array(elements) if elements.is_empty() => Err(empty_array("input")),
        Value::Array(parts) if parts.iter().all(Value::is_object) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part["text"].as_str())
                .collect();
            Ok(vec![Input {
                text: texts.join("\n"),
                has_image: parts.iter().any(|part| part["type"] == "image_url"),
            }])
        }
        Value::Array(elements) => elements
            .iter()
            .map(|element| match element {
                Value::String(text) => Ok(of_text(text)),
                other => Err(wrong_type("input", expected, other)),
            })
            .collect(),
        other => Err(wrong_type("input", expected, other)),
    }
}

fn result(input: &Input) -> Value {
    let text = input.text.to_lowercase();
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .collect();
    let mut categories = Map::new();
    let mut scores = Map::new();
    let mut input_types = Map::new();
    for (name, category_words, in_pictures) in CATEGORIES {
        let found = category_words.iter().any(|word| words.contains(word));
        categories.insert(name.to_owned(), found.into());
        let score = if found { FOUND } else { NOT_FOUND };
        scores.insert(name.to_owned(), score.into());
        let mut types = vec!["text"];
        if input.has_image && in_pictures {
            types.push("image");
        }
        input_types.insert(name.to_owned(), types.into());
    }
    json!({
        "flagged": categories.values().any(|found| *found == true),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": input_types,
    })
}
