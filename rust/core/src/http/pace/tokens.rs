//! Estimates the tokens of a request.

use serde_json::Value;

use crate::token_estimate::estimate_tokens;

/// Request fields that limit the tokens of the answer.
const BOUNDS: [&str; 3] = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

/// Fields that contain images, audio or files, and the approximate number of tokens of each
/// (<https://platform.openai.com/docs/guides/images-vision#calculating-costs>).
const MEDIA: [&str; 3] = ["image_url", "input_audio", "file_data"];
const TOKENS_OF_MEDIA: f64 = 1_000.0;

/// The overhead of a message.
const TOKENS_OF_MESSAGE: f64 = 3.0;

/// The estimated tokens of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Forecast {
    /// The approximate number of input tokens.
    pub input: f64,
    /// The maximum number of output tokens; `None` if the request does not limit it.
    pub output: Option<f64>,
}

impl Forecast {
    /// Estimates the tokens of a request with this body.
    pub fn of(body: &[u8]) -> Forecast {
        let fields: Value = serde_json::from_slice(body).unwrap_or_default();
        let number = |name: &str| fields.get(name).and_then(Value::as_f64);
        let answers = number("n").unwrap_or(1.0).max(1.0);
        let most = BOUNDS.into_iter().find_map(number);
        Forecast {
            input: input_of("", &fields).ceil(),
            output: most.map(|most| (most * answers).max(0.0)),
        }
    }

    /// The sum, as servers calculate it before they answer.
    pub fn total(self) -> f64 {
        self.input + self.output.unwrap_or(0.0)
    }
}

/// The tokens of the texts in the field `name`; numbers in arrays are tokens.
fn input_of(name: &str, value: &Value) -> f64 {
    if MEDIA.contains(&name) {
        return TOKENS_OF_MEDIA;
    }
    match value {
        Value::String(text) => estimate_tokens(text) as f64,
        Value::Array(elements) => elements
            .iter()
            .map(|element| match element {
                Value::Number(_) => 1.0,
                element => input_of(name, element),
            })
            .sum(),
        Value::Object(fields) => {
            let of_message = match fields.contains_key("role") {
                true => TOKENS_OF_MESSAGE,
                false => 0.0,
            };
            let fields = fields.iter().filter(|(name, _)| *name != "model");
            of_message
                + fields
                    .map(|(name, value)| input_of(name, value))
                    .sum::<f64>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_count_but_model_names_do_not() {
        let body = r#"{"model":"a-very-long-name","temperature":1,
            "messages":[{"role":"user","content":"one two three"}]}"#;
        let input = Forecast::of(body.as_bytes()).input;
        assert!((6.0..=9.0).contains(&input), "{input}");
        let input = Forecast::of(br#"{"input":[[1,2,3],[4]],"model":"m"}"#).input;
        assert_eq!(input, 4.0);
    }

    #[test]
    fn an_image_is_not_counted_by_its_characters() {
        let picture = "A".repeat(100_000);
        let body = format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url",
            "image_url":{{"url":"data:image/png;base64,{picture}"}}}}]}}]}}"#
        );
        let input = Forecast::of(body.as_bytes()).input;
        assert!((1_000.0..1_020.0).contains(&input), "{input}");
    }

    #[test]
    fn the_largest_output_limit_counts() {
        let output = |body: &str| Forecast::of(body.as_bytes()).output;
        assert_eq!(output(r#"{"max_tokens":100,"n":3}"#), Some(300.0));
        assert_eq!(
            output(r#"{"max_completion_tokens":null,"max_output_tokens":7}"#),
            Some(7.0)
        );
        assert_eq!(output(r#"{"n":2}"#), None);
        assert_eq!(Forecast::of(b"no JSON").total(), 0.0);
    }
}
