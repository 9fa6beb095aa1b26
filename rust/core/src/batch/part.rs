//! A part of a job: the requests of one batch.

use serde_json::{json, Value};

use crate::parallel::{Digest, Key};

/// The prefix of journal lines about parts.
pub(super) const PART: &str = "{\"part\":";

/// One request of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the request within the call, from 1; sent as its `custom_id`.
    pub index: u64,
    pub key: Key,
}

/// A change of a part's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The id of the uploaded file with its requests.
    File(String),
    /// The id of its batch.
    Batch(String),
    /// The part has finished: the final status of its batch, or a note that it has none.
    Over(String),
}

impl Note {
    /// Creates the note with this name.
    pub fn named(name: &str, value: String) -> Option<Note> {
        Some(match name {
            "file" => Note::File(value),
            "batch" => Note::Batch(value),
            "over" => Note::Over(value),
            _ => return None,
        })
    }

    fn as_pair(&self) -> (&'static str, &str) {
        match self {
            Note::File(id) => ("file", id),
            Note::Batch(id) => ("batch", id),
            Note::Over(status) => ("over", status),
        }
    }
}

/// The requests of one batch and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number in the journal, from 1.
    pub number: u64,
    pub file: Option<String>,
    pub batch: Option<String>,
    pub(super) has_ended: bool,
    /// Its requests; empty once the part has finished.
    pub(super) lines: Vec<Line>,
}

impl Part {
    pub(super) fn new(number: u64, lines: Vec<Line>) -> Part {
        Part {
            number,
            file: None,
            batch: None,
            has_ended: false,
            lines,
        }
    }

    /// The number of requests.
    pub fn requests(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn note(&mut self, note: &Note) {
        match note {
            Note::File(id) => self.file = Some(id.clone()),
            Note::Batch(id) => self.batch = Some(id.clone()),
            Note::Over(_) => {
                self.has_ended = true;
                self.lines = Vec::new();
            }
        }
    }

    /// The journal line that lists its requests.
    pub(super) fn to_text(&self) -> String {
        let lines = self.lines.iter();
        let lines = lines.map(|Line { index, key }| {
            let digest = key.digest.to_text();
            format!("[{index},\"{digest}\",{}]", key.occurrence)
        });
        let lines: Vec<String> = lines.collect();
        format!(
            "{PART}{},\"requests\":[{}]}}\n",
            self.number,
            lines.join(",")
        )
    }
}

/// The journal line that records a change of a part.
pub(super) fn note_text(number: u64, note: &Note) -> String {
    let (name, value) = note.as_pair();
    format!("{PART}{number},\"{name}\":{}}}\n", json!(value))
}

/// The content of a journal line about a part.
pub(super) enum PartRecord {
    Started(Part),
    Noted(u64, Note),
}

impl PartRecord {
    pub(super) fn read(line: &str) -> Option<PartRecord> {
        let Value::Object(mut record) = serde_json::from_str(line).ok()? else {
            return None;
        };
        let number = record.get("part")?.as_u64()?;
        if let Some(Value::Array(lines)) = record.get("requests") {
            let lines = lines.iter().map(read_line).collect::<Option<_>>()?;
            return Some(PartRecord::Started(Part::new(number, lines)));
        }
        ["file", "batch", "over"].into_iter().find_map(|name| {
            let Some(Value::String(value)) = record.remove(name) else {
                return None;
            };
            Some(PartRecord::Noted(number, Note::named(name, value)?))
        })
    }
}

fn read_line(line: &Value) -> Option<Line> {
    let digest = Digest::from_text(line.get(1)?.as_str()?)?;
    let occurrence = line.get(2)?.as_u64()?;
    Some(Line {
        index: line.get(0)?.as_u64()?,
        key: Key { digest, occurrence },
    })
}
