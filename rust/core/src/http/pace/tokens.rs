//! How many tokens a request may take.

use serde_json::Value;

/// A token of English text has four bytes or so
/// (<https://platform.openai.com/tokenizer>).
const BYTES_PER_TOKEN: f64 = 4.0;

/// The fields of a request that bound the tokens of its answer.
const BOUNDS: [&str; 3] = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

/// What a request with this body may take, as servers reckon before they answer: its text and the
/// longest answers that it allows.
pub(crate) fn estimated_tokens(body: &[u8]) -> f64 {
    let fields: Value = serde_json::from_slice(body).unwrap_or_default();
    let number = |name: &str| fields.get(name).and_then(Value::as_f64);
    let most = BOUNDS.into_iter().find_map(number).unwrap_or(0.0);
    let answers = number("n").unwrap_or(1.0);
    body.len() as f64 / BYTES_PER_TOKEN + (most * answers).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_and_the_longest_answers_count() {
        assert_eq!(estimated_tokens(b""), 0.0);
        assert_eq!(estimated_tokens(b"[1,2,3,]"), 2.0);
        let body = br#"{"max_tokens":100,"n":3}"#;
        assert_eq!(estimated_tokens(body), 300.0 + body.len() as f64 / 4.0);
        let body = br#"{"max_completion_tokens":null,"max_output_tokens":7}"#;
        assert_eq!(estimated_tokens(body), 7.0 + body.len() as f64 / 4.0);
    }
}
