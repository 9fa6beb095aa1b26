//! A message of a run, assembled from the events of an item of the response.

use super::run::Owner;
use super::values::{copy, fields, integer_of, numbered, object, text, time};
use crate::json::{Fields, Node, Value};
use crate::stream::kind::{members, text_member};

/// The type of annotations that refer to a file created by the code interpreter.
const CONTAINER_FILE: &str = "container_file_citation";
/// The file extensions of images.
const PICTURES: [&str; 5] = ["png", "jpg", "jpeg", "gif", "webp"];

/// The content of a message received so far, with its parts in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    index: i64,
    kind: PartKind,
    text: String,
    annotations: Vec<Value>,
    /// Images created by the code interpreter, which precede the text that cites them.
    pictures: Vec<Fields>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    Text,
    Refusal,
}

/// The state of a message.
#[derive(Debug, Clone)]
pub(super) enum State {
    InProgress,
    /// The time.
    Completed(i64),
    /// The time and the reason.
    Incomplete(i64, Value),
}

impl Message {
    /// Adds to the text of a part; returns the corresponding part of a delta.
    pub fn add(&mut self, index: i64, kind: PartKind, added: &str) -> Value {
        let is_new = self.position(index).is_err();
        self.part(index, kind).text.push_str(added);
        if kind == PartKind::Refusal {
            return object([
                ("index", Value::Integer(index)),
                ("type", text("refusal")),
                ("refusal", text(added)),
            ]);
        }
        let mut shown = fields([("value", text(added))]);
        if is_new {
            shown.set("annotations", Value::Array(Vec::new()));
        }
        delta_of_text(index, shown)
    }

    /// Adds an annotation; returns the corresponding part of a delta.
    pub fn annotate(&mut self, index: i64, annotation: Node<'_>) -> Value {
        let part = self.part(index, PartKind::Text);
        if let Some(picture) = picture(annotation) {
            part.pictures.push(picture.clone());
            // Insert it after everything received so far, because its final position is unknown.
            let before = self.parts.iter().map(|part| 1 + part.pictures.len());
            let number = before.sum::<usize>() - 1;
            return numbered(number, picture);
        }
        let shown = old_annotation(annotation, &part.text);
        part.annotations.push(Value::Object(shown.clone()));
        let number = part.annotations.len() - 1;
        let annotations = Value::Array(vec![numbered(number, shown)]);
        delta_of_text(index, fields([("annotations", annotations)]))
    }

    /// Takes the complete item; returns parts of deltas for what has not been received yet.
    pub fn take(&mut self, item: Node<'_>) -> Vec<Value> {
        let mut missing = Vec::new();
        for (index, part) in (0..).zip(members(item, "content")) {
            let (kind, member) = match text_member(part, "type") {
                "output_text" => (PartKind::Text, "text"),
                "refusal" => (PartKind::Refusal, "refusal"),
                _ => continue,
            };
            let complete_text = text_member(part, member);
            let known = self
                .position(index)
                .ok()
                .map(|position| &self.parts[position]);
            let received = known.map_or("", |part| &part.text);
            let count = known.map_or(0, |part| part.annotations.len() + part.pictures.len());
            if let Some(rest) = rest_of(complete_text, received) {
                missing.push(self.add(index, kind, rest));
            }
            let annotations = members(part, "annotations");
            for annotation in annotations.clone().skip(count) {
                missing.push(self.annotate(index, annotation));
            }
            let known = self.part(index, kind);
            complete_text.clone_into(&mut known.text);
            known.annotations = annotations
                .filter(|it| picture(*it).is_none())
                .map(|it| Value::Object(old_annotation(it, complete_text)))
                .collect();
        }
        missing
    }

    /// The message as an object of the API.
    pub fn value(&self, id: &str, created_at: i64, state: &State, owner: Owner) -> Value {
        let (status, reason, completed_at, incomplete_at) = match state {
            State::InProgress => ("in_progress", Value::Null, None, None),
            State::Completed(at) => ("completed", Value::Null, Some(*at), None),
            State::Incomplete(at, reason) => {
                let details = object([("reason", reason.clone())]);
                ("incomplete", details, None, Some(*at))
            }
        };
        let content = self.parts.iter().flat_map(Part::values);
        object([
            ("id", text(id)),
            ("object", text("thread.message")),
            ("created_at", Value::Integer(created_at)),
            ("thread_id", owner.thread_id),
            ("status", text(status)),
            ("incomplete_details", reason),
            ("completed_at", time(completed_at)),
            ("incomplete_at", time(incomplete_at)),
            ("role", text("assistant")),
            ("content", Value::Array(content.collect())),
            ("assistant_id", owner.assistant_id),
            ("run_id", owner.run_id),
            ("attachments", Value::Array(Vec::new())),
            ("metadata", object([])),
        ])
    }

    /// The part with this index; created if necessary.
    fn part(&mut self, index: i64, kind: PartKind) -> &mut Part {
        let position = self.position(index).unwrap_or_else(|free| {
            let part = Part {
                index,
                kind,
                text: String::new(),
                annotations: Vec::new(),
                pictures: Vec::new(),
            };
            self.parts.insert(free, part);
            free
        });
        &mut self.parts[position]
    }

    /// The position of the part with this index, or where to insert it.
    fn position(&self, index: i64) -> Result<usize, usize> {
        self.parts.binary_search_by_key(&index, |part| part.index)
    }
}

impl Part {
    fn values(&self) -> Vec<Value> {
        let pictures = self.pictures.iter().cloned().map(Value::Object);
        let own = match self.kind {
            PartKind::Refusal => object([("type", text("refusal")), ("refusal", text(&self.text))]),
            PartKind::Text => {
                let shown = object([
                    ("value", text(&self.text)),
                    ("annotations", Value::Array(self.annotations.clone())),
                ]);
                object([("type", text("text")), ("text", shown)])
            }
        };
        pictures.chain([own]).collect()
    }
}

/// The delta of a message with this part.
pub(super) fn delta(id: &str, part: Value) -> Value {
    object([
        ("id", text(id)),
        ("object", text("thread.message.delta")),
        ("delta", object([("content", Value::Array(vec![part]))])),
    ])
}

fn delta_of_text(index: i64, shown: Fields) -> Value {
    object([
        ("index", Value::Integer(index)),
        ("type", text("text")),
        ("text", Value::Object(shown)),
    ])
}

/// The part of a text that is still missing.
pub(super) fn rest_of<'a>(whole: &'a str, received: &str) -> Option<&'a str> {
    let rest = whole.strip_prefix(received)?;
    (!rest.is_empty()).then_some(rest)
}

/// Converts an annotation to a part of the message, if it refers to an image created by the code
/// interpreter.
fn picture(annotation: Node<'_>) -> Option<Fields> {
    let (_, ending) = text_member(annotation, "filename").rsplit_once('.')?;
    let is_file = text_member(annotation, "type") == CONTAINER_FILE;
    (is_file && PICTURES.contains(&ending)).then(|| {
        let file = object([("file_id", copy(annotation, "file_id"))]);
        fields([("type", text("image_file")), ("image_file", file)])
    })
}

/// Converts an annotation to the format of the Assistants API; unknown annotations are unchanged.
fn old_annotation(annotation: Node<'_>, cited_in: &str) -> Fields {
    let file = object([("file_id", copy(annotation, "file_id"))]);
    match text_member(annotation, "type") {
        // The text has no citation mark any more; it followed the cited text.
        "file_citation" => fields([
            ("type", text("file_citation")),
            ("text", text("")),
            ("start_index", copy(annotation, "index")),
            ("end_index", copy(annotation, "index")),
            ("file_citation", file),
        ]),
        CONTAINER_FILE => fields([
            ("type", text("file_path")),
            ("text", text(&marked(annotation, cited_in))),
            ("start_index", copy(annotation, "start_index")),
            ("end_index", copy(annotation, "end_index")),
            ("file_path", file),
        ]),
        _ => match Value::from(annotation) {
            Value::Object(known) => known,
            other => fields([("type", other)]),
        },
    }
}

/// The part of a text that an annotation refers to, in characters.
fn marked(annotation: Node<'_>, cited_in: &str) -> String {
    let index = |name| usize::try_from(integer_of(annotation, name)?).ok();
    match (index("start_index"), index("end_index")) {
        (Some(start), Some(end)) if start <= end => {
            let range = cited_in.chars().skip(start).take(end - start);
            range.collect()
        }
        _ => String::new(),
    }
}
