//! Prompts as JSON, and the request bodies that contain them.

use std::collections::HashMap;

use bytes::Bytes;
use ring::digest::{digest, SHA256};
use serde_json::value::RawValue;

/// The fields of a line that may contain its prompt; the first one found is used.
const FIELDS: [&str; 3] = ["prompt", "messages", "input"];

/// The prompt of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    words: Words,
    /// The JSON of the caller's id.
    id: Option<String>,
    /// The digest of the caller's words, if others are sent instead.
    given: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    /// No request is sent.
    Missing,
    /// The JSON of a string.
    Text(String),
    /// The JSON of the elements of an array, without brackets.
    Elements(String),
}

impl Prompt {
    /// Parses the prompt of a line: a string, an array of messages or items, null (missing), or an
    /// object that has one of these as `prompt`, `messages` or `input`, with an optional `id`.
    /// Returns `None` if the line is blank.
    ///
    /// # Errors
    /// Returns why the line is invalid.
    pub fn of_line(line: &[u8]) -> Result<Option<Prompt>, String> {
        let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            return Ok(None);
        }
        if !line.starts_with('{') {
            return Prompt::of_json(line, None).map(Some);
        }
        let fields: HashMap<String, &RawValue> = serde_json::from_str(line).map_err(no_json)?;
        let prompt = FIELDS.iter().find_map(|name| fields.get(*name));
        let prompt = prompt.ok_or("it has no `prompt`, `messages` or `input`")?;
        let id = fields.get("id").map(|id| id.get().to_owned());
        Prompt::of_json(prompt.get(), id).map(Some)
    }

    /// Parses a prompt: a JSON string, an array, or null.
    ///
    /// # Errors
    /// Returns why the prompt is invalid.
    pub fn of_json(json: &str, id: Option<String>) -> Result<Prompt, String> {
        let json: &RawValue = serde_json::from_str(json).map_err(no_json)?;
        let json = json.get();
        let words = if json == "null" {
            Words::Missing
        } else if json.starts_with('"') {
            Words::Text(json.to_owned())
        } else if let Some(rest) = json.strip_prefix('[') {
            let elements = rest.strip_suffix(']').unwrap_or(rest).trim();
            if elements.is_empty() {
                return Err("its list is empty".to_owned());
            }
            Words::Elements(elements.to_owned())
        } else {
            return Err("it is neither a string nor a list of messages".to_owned());
        };
        Ok(Prompt {
            words,
            id,
            given: None,
        })
    }

    /// Sends the words of another prompt instead; the digest and the id stay.
    pub fn sent_as(self, other: Prompt) -> Prompt {
        Prompt {
            given: Some(self.digest()),
            words: other.words,
            id: self.id,
        }
    }

    /// The JSON of the prompt and of its id.
    pub fn into_json(self) -> (String, Option<String>) {
        (self.value().unwrap_or("null".to_owned()), self.id)
    }

    pub(in crate::parallel) fn into_id(self) -> Option<String> {
        self.id
    }

    /// The JSON of a string or an array; `None` if the prompt is missing.
    pub(in crate::parallel) fn value(&self) -> Option<String> {
        match &self.words {
            Words::Missing => None,
            Words::Text(words) => Some(words.clone()),
            Words::Elements(words) => Some(format!("[{words}]")),
        }
    }

    /// A short digest that distinguishes the prompt from others; never 0.
    pub(in crate::parallel) fn digest(&self) -> u16 {
        self.given.unwrap_or_else(|| self.digest_of_words())
    }

    fn digest_of_words(&self) -> u16 {
        let (kind, words) = match &self.words {
            Words::Missing => ("null", ""),
            Words::Text(words) => ("text", words.as_str()),
            Words::Elements(words) => ("list", words.as_str()),
        };
        let digest = digest(&SHA256, [kind, words].concat().as_bytes());
        let bytes = digest.as_ref();
        u16::from_be_bytes([bytes[0], bytes[1]]).max(1)
    }
}

fn no_json(error: serde_json::Error) -> String {
    format!("it is not JSON ({error})")
}

/// The JSON of a request body around the prompt.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The JSON before and after a string.
    pub text: [String; 2],
    /// The JSON before and after the elements of a list.
    pub list: [String; 2],
}

impl Frame {
    /// The body of a request; `None` if the prompt is missing.
    pub(in crate::parallel) fn body(&self, prompt: &Prompt) -> Option<Bytes> {
        let ([before, behind], words) = match &prompt.words {
            Words::Missing => return None,
            Words::Text(words) => (&self.text, words),
            Words::Elements(words) => (&self.list, words),
        };
        Some([before.as_str(), words, behind].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let owned = |texts: [&str; 2]| texts.map(str::to_owned);
        Frame {
            text: owned([r#"{"m":[{"c":"#, "}]}"]),
            list: owned([r#"{"m":["#, "]}"]),
        }
    }

    fn body_of(line: &str) -> Option<String> {
        let prompt = Prompt::of_line(line.as_bytes()).unwrap().unwrap();
        let body = frame().body(&prompt)?;
        Some(String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_prompt_is_inserted_unchanged() {
        for (line, body) in [
            ("\"a \\u00fc\"\n", r#"{"m":[{"c":"a \u00fc"}]}"#),
            ("{\"prompt\":\"a\", \"x\": [1]}", r#"{"m":[{"c":"a"}]}"#),
            ("{\"input\":\"a\"}", r#"{"m":[{"c":"a"}]}"#),
            (
                "\u{feff}{\"id\":7,\"messages\":[ {\"r\": 1e400},{} ]}\r\n",
                r#"{"m":[{"r": 1e400},{}]}"#,
            ),
            ("[{}]", r#"{"m":[{}]}"#),
        ] {
            assert_eq!(body_of(line).as_deref(), Some(body), "{line}");
        }
        assert_eq!(body_of("{\"prompt\":null}"), None);
    }

    #[test]
    fn an_id_is_kept_unchanged() {
        let id_of = |line: &str| {
            let prompt = Prompt::of_line(line.as_bytes()).unwrap().unwrap();
            prompt.into_id()
        };
        assert_eq!(id_of(r#"{"id":"a\nb","prompt":"x"}"#).unwrap(), r#""a\nb""#);
        assert_eq!(id_of(r#"{"id":1.50,"prompt":"x"}"#).unwrap(), "1.50");
        assert_eq!(id_of(r#"{"prompt":"x"}"#), None);
    }

    #[test]
    fn blank_lines_are_skipped_and_invalid_lines_rejected() {
        assert_eq!(Prompt::of_line(b" \r\n"), Ok(None));
        for line in [
            "{}",
            "1",
            "true",
            "[]",
            "{\"prompt\":{}}",
            "\"a",
            "{\"prompt\":\"a\"",
            "a",
        ] {
            assert!(Prompt::of_line(line.as_bytes()).is_err(), "{line}");
        }
        assert!(Prompt::of_line(b"\"\xff\"").is_err());
    }

    #[test]
    fn different_prompts_have_different_digests() {
        let digest = |json: &str| Prompt::of_json(json, None).unwrap().digest();
        assert_eq!(digest("\"a\""), digest("\"a\""));
        assert_ne!(digest("\"a\""), digest("\"b\""));
        assert_ne!(digest("[\"a\"]"), digest("\"a\""));
    }

    #[test]
    fn a_prompt_that_is_sent_in_another_form_keeps_its_digest_and_id() {
        let of_json =
            |json: &str, id: Option<&str>| Prompt::of_json(json, id.map(str::to_owned)).unwrap();
        let given = of_json("[{\"c\":null}]", Some("1"));
        let sent = given.clone().sent_as(of_json("[{\"c\":\"\"}]", None));
        assert_eq!(sent.digest(), given.digest());
        assert_eq!(
            frame().body(&sent).as_deref(),
            Some(br#"{"m":[{"c":""}]}"#.as_slice())
        );
        assert_eq!(sent.into_id().as_deref(), Some("1"));
    }
}
