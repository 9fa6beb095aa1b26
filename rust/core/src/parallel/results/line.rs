//! The lines of a results file. The first line describes the job; each other line contains the
//! result of one prompt.

use ring::digest::{digest, SHA256};
use serde_json::value::RawValue;
use serde_json::Deserializer;

const HEADER: &str = "{\"openaistream_results\":";
const PATH: &str = ",\"path\":";
const INDEX: &str = "{\"index\":";
const DIGEST: &str = ",\"digest\":\"";
const DIGITS: usize = 4;
const ID: &str = "\",\"id\":";
const BEHIND_ID: &str = ",\"";
const NO_ID: &str = "\",\"";
const ANSWER: &str = "answer\":";
const ERROR: &str = "error\":";
const END: &str = "}\n";

/// The version of the file format.
const VERSION: u32 = 1;

/// The first line of the results file for requests to `path` with `body`, without prompts.
pub(super) fn header(path: &str, body: &str) -> String {
    let digest = digest(&SHA256, [path, "\0", body].concat().as_bytes());
    let job: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = serde_json::Value::from(path);
    format!("{HEADER}{VERSION}{PATH}{path},\"job\":\"{job}\"{END}")
}

/// Whether a line is the first line of any results file.
pub(super) fn is_header(line: &[u8]) -> bool {
    line.starts_with(HEADER.as_bytes()) && line.ends_with(END.as_bytes())
}

/// The request path in the first line of a results file.
pub(super) fn path_of(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(format!("{HEADER}{VERSION}{PATH}").as_bytes())?;
    let (path, _) = split_json(std::str::from_utf8(rest).ok()?)?;
    serde_json::from_str(path).ok()
}

/// The start of a line: its prompt, and whether it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// The number of the prompt, from 1.
    pub index: u64,
    pub digest: u16,
    pub is_answer: bool,
}

impl Head {
    /// Parses the start of a complete line; `None` if the line is invalid.
    pub fn of(line: &[u8]) -> Option<Head> {
        Line::of(line).map(|line| line.head)
    }

    /// Creates the line; `json` and `id` are JSON on one line.
    pub fn line(&self, json: &str, id: Option<&str>) -> String {
        let Head { index, digest, .. } = self;
        let kind = if self.is_answer { ANSWER } else { ERROR };
        let id = id.map_or(NO_ID.to_owned(), |id| format!("{ID}{id}{BEHIND_ID}"));
        format!("{INDEX}{index}{DIGEST}{digest:04x}{id}{kind}{json}{END}")
    }
}

/// The result of one prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub head: Head,
    /// The JSON of its id.
    pub id: Option<&'a str>,
    /// The JSON of the answer or of the error.
    pub json: &'a str,
}

impl Line<'_> {
    /// Parses a complete line; `None` if it is invalid.
    pub fn of(line: &[u8]) -> Option<Line<'_>> {
        let line = std::str::from_utf8(line).ok()?.strip_suffix(END)?;
        let (index, rest) = line.strip_prefix(INDEX)?.split_once(DIGEST)?;
        let (digest, rest) = rest.split_at_checked(DIGITS)?;
        let (id, rest) = match rest.strip_prefix(ID) {
            None => (None, rest.strip_prefix(NO_ID)?),
            Some(rest) => {
                let (id, rest) = split_json(rest)?;
                (Some(id), rest.strip_prefix(BEHIND_ID)?)
            }
        };
        let (is_answer, json) = match rest.strip_prefix(ANSWER) {
            Some(json) => (true, json),
            None => (false, rest.strip_prefix(ERROR)?),
        };
        let head = Head {
            index: index.parse().ok().filter(|index| *index > 0)?,
            digest: u16::from_str_radix(digest, 16).ok()?,
            is_answer,
        };
        Some(Line { head, id, json })
    }
}

/// Splits text after the JSON value at its start.
fn split_json(text: &str) -> Option<(&str, &str)> {
    let mut values = Deserializer::from_str(text).into_iter::<&RawValue>();
    values.next()?.ok()?;
    text.split_at_checked(values.byte_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_line_round_trips() {
        for (is_answer, id) in [
            (true, None),
            (false, Some("\"a\\\",\\\"answer\"")),
            (true, Some("1.5")),
        ] {
            let head = Head {
                index: 1_000_000,
                digest: 0xab,
                is_answer,
            };
            let json = "{\"ü\":NaN}";
            let line = head.line(json, id);
            assert_eq!(Line::of(line.as_bytes()), Some(Line { head, id, json }));
            for cut in 0..line.len() {
                assert_eq!(Head::of(&line.as_bytes()[..cut]), None);
            }
        }
        assert_eq!(Head::of(header("chat", "{}").as_bytes()), None);
    }

    #[test]
    fn the_header_distinguishes_jobs() {
        let line = header("chat/\u{fc}", "{}");
        assert!(is_header(line.as_bytes()));
        assert_eq!(path_of(line.as_bytes()).as_deref(), Some("chat/\u{fc}"));
        assert_ne!(header("chat", "{}"), header("chat", "{\"n\":1}"));
        assert_ne!(header("chat", "{}"), header("responses", "{}"));
    }
}
