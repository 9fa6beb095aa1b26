//! `POST /embeddings` (<https://platform.openai.com/docs/api-reference/embeddings>).

use std::fmt::Write;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::call::Call;
use crate::model::{text_vector, tokens};
use crate::parameters::{empty_array, wrong_type};
use crate::reply::Reply;

/// The maximum number of inputs in OpenAI's reference.
const INPUT_LIMIT: usize = 2048;
/// The maximum total number of tokens.
const TOKEN_LIMIT: usize = 300_000;
/// The valid types of `input`.
const INPUT_TYPE: &str =
    "a string, an array of strings, an array of token ids or an array of those";

/// Responds to a request for embeddings.
pub(crate) fn create(call: &mut Call) -> Result<Reply, ApiError> {
    let parameters = &call.body;
    let model = parameters.required_string("model")?;
    let inputs = inputs(parameters.required("input")?)?;
    let own_size: usize = if model == "text-embedding-3-large" {
        3072
    } else {
        1536
    };
    let dimensions = parameters.integer("dimensions", 1..=own_size as u64)?;
    let dimensions = dimensions.map_or(own_size, |dimensions| dimensions as usize);
    let encode = match parameters.get("encoding_format").map(Value::as_str) {
        None | Some(Some("float")) => append_floats,
        Some(Some("base64")) => append_base64,
        Some(_) => {
            let message = "Invalid value for 'encoding_format': use 'float' or 'base64'.";
            return Err(ApiError::new(400, message)
                .param("encoding_format")
                .code("invalid_value"));
        }
    };

    let tokens: usize = inputs.iter().map(|input| input.tokens).sum();
    if tokens > TOKEN_LIMIT {
        let message = format!("Requested {tokens} tokens, max {TOKEN_LIMIT} tokens per request.");
        return Err(ApiError::new(400, message).code("max_tokens_per_request"));
    }

    // Written directly as text, because JSON values would need much more memory, and would be
    // written with the digits of a double.
    let mut answer = String::from("{\"object\":\"list\",\"data\":[");
    for (index, input) in inputs.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        let _ = write!(
            answer,
            "{separator}{{\"object\":\"embedding\",\"index\":{index},\"embedding\":"
        );
        encode(&mut answer, &text_vector(&input.text, own_size, dimensions));
        answer.push('}');
    }
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    let _ = write!(answer, "],\"model\":{},\"usage\":{usage}}}", json!(model));
    Ok(Reply::body(200, "application/json", answer))
}

/// A text to embed.
struct Input {
    text: String,
    tokens: usize,
}

impl Input {
    fn of_text(text: &str) -> Result<Input, ApiError> {
        if text.is_empty() {
            let message = "Invalid 'input': an empty string has no embedding.";
            return Err(ApiError::new(400, message)
                .param("input")
                .code("empty_string"));
        }
        Ok(Input {
            text: text.to_owned(),
            tokens: tokens(text).count(),
        })
    }

    /// Token ids are treated as words.
    fn of_token_ids(ids: &[Value]) -> Result<Input, ApiError> {
        if ids.is_empty() {
            return Err(empty_array("input"));
        }
        let as_word = |id: &Value| match id.as_u64() {
            Some(id) => Ok(id.to_string()),
            None => Err(wrong_type("input", INPUT_TYPE, id)),
        };
        let words = ids
            .iter()
            .map(as_word)
            .collect::<Result<Vec<String>, ApiError>>()?;
        Ok(Input {
            tokens: words.len(),
            text: words.join(" "),
        })
    }
}

fn inputs(value: &Value) -> Result<Vec<Input>, ApiError> {
    match value {
        Value::String(text) => Ok(vec![Input::of_text(text)?]),
        Value::Array(ids) if ids.first().is_some_and(Value::is_number) => {
            Ok(vec![Input::of_token_ids(ids)?])
        }
        Value::Array(elements) if elements.is_empty() => Err(empty_array("input")),
        Value::Array(elements) if elements.len() > INPUT_LIMIT => {
            let message = format!(
                "Invalid 'input': array too long. Expected an array with maximum length {INPUT_LIMIT}, \
                 but got an array with length {} instead.",
                elements.len()
            );
            Err(ApiError::new(400, message)
                .param("input")
                .code("array_above_max_length"))
        }
        Value::Array(elements) => elements.iter().map(input).collect(),
        other => Err(wrong_type("input", INPUT_TYPE, other)),
    }
}

/// One element of an array of inputs.
fn input(element: &Value) -> Result<Input, ApiError> {
    match element {
        Value::String(text) => Input::of_text(text),
        Value::Array(ids) => Input::of_token_ids(ids),
        other => Err(wrong_type("input", INPUT_TYPE, other)),
    }
}

fn append_floats(answer: &mut String, vector: &[f32]) {
    for (index, number) in vector.iter().enumerate() {
        let separator = if index == 0 { '[' } else { ',' };
        // The shortest digits of the number, always with a point or an exponent.
        let _ = write!(answer, "{separator}{number:?}");
    }
    answer.push(']');
}

/// Appends the numbers as little-endian base64.
fn append_base64(answer: &mut String, vector: &[f32]) {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    answer.push('"');
    STANDARD.encode_string(bytes, answer);
    answer.push('"');
}
