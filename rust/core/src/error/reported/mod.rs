//! Parses the error formats of servers, in response bodies and in events.
//!
//! OpenAI's format is `{"error": {"message", "type", "param", "code"}}`
//! (<https://platform.openai.com/docs/guides/error-codes>). Other servers omit the outer object,
//! wrap it in an array, or use other field names.

use super::problems::first_problem;
use crate::json::{Array, Document, Node, Value};
use filtered::filtered;

/// Fields that contain the message: OpenAI, AWS, OAuth 2.0, FastAPI, Apigee.
const MESSAGES: [&str; 7] = [
    "message",
    "msg",
    "Message",
    "error_description",
    "error_message",
    "faultstring",
    "detail",
];

/// Fields that contain the error code.
const CODES: [&str; 3] = ["code", "error_code", "errorcode"];

/// Fields that may contain an HTTP status.
const STATUSES: [&str; 4] = ["code", "status", "status_code", "statusCode"];

/// The maximum depth of nested errors.
const MAX_NESTING: usize = 4;

/// An error reported by a server.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reported {
    pub message: Option<String>,
    pub error_type: Option<String>,
    pub code: Option<String>,
    pub param: Option<String>,
    /// The HTTP error status that the error contains, if any.
    pub status: Option<u16>,
}

impl Reported {
    /// The error in the field `error`, or in the whole document; `None` if there is none. A null or
    /// empty `error` does not count.
    pub fn embedded(root: Node<'_>) -> Option<Reported> {
        let inner = root.get("error").filter(|error| has_content(*error))?;
        Some(Reported::of(inner, MAX_NESTING).or(Reported::named(root)))
    }

    /// The error in a document that can be nothing else.
    pub fn instead(root: Node<'_>) -> Option<Reported> {
        if let Some(array) = root.as_array() {
            return Reported::instead(array.iter().next().filter(|first| !is_array(*first))?);
        }
        let is_failure = |name: &str| {
            let text = root.get(name).and_then(Node::as_str);
            text.is_some_and(|text| text.eq_ignore_ascii_case("error"))
        };
        let has_code = CODES.iter().any(|name| has(root, name));
        let has_words = MESSAGES[..3].iter().any(|name| has_text(root, name));
        let is_error = is_failure("object")
            || is_failure("type")
            || is_failure("status")
            || has_code && has_words
            || has(root, "detail")
            || ["Message", "error_description", "error_message"]
                .into_iter()
                .any(|name| has_text(root, name))
            || status(root).is_some() && has_words
            || root
                .get("errors")
                .and_then(Node::as_array)
                .is_some_and(|it| !it.is_empty())
            || root
                .get("fault")
                .is_some_and(|fault| fault.as_object().is_some());
        Reported::embedded(root).or_else(|| is_error.then(|| Reported::of(root, MAX_NESTING)))
    }

    /// The error in a document that is known not to be the expected response, in any format.
    pub fn in_place_of_answer(root: Node<'_>) -> Option<Reported> {
        Reported::instead(root).or_else(|| {
            let object = match root {
                Node::Array(array) => array.iter().next()?,
                _ => root,
            };
            let reported = Reported::of(object, MAX_NESTING);
            (reported != Reported::default()).then_some(reported)
        })
    }

    /// Parses the error of a body that is JSON, or an event stream whose first event is JSON.
    pub fn in_bytes(body: &[u8]) -> Option<Reported> {
        let event = body.trim_ascii_start().strip_prefix(b"data:");
        let event = event.and_then(|event| event.split(|byte| *byte == b'\n').next());
        let document = Document::parse(event.unwrap_or(body)).ok()?;
        Reported::in_place_of_answer(document.root())
    }

    /// The message.
    pub fn said(&self) -> Option<&str> {
        [&self.message, &self.code, &self.error_type]
            .into_iter()
            .find_map(|text| text.as_deref())
    }

    /// Reads the fields of an error and of nested errors.
    fn of(error: Node<'_>, nested: usize) -> Reported {
        match error {
            Node::String(text) => Reported::of_text(text, nested),
            Node::Array(array) => {
                let first = array.iter().next().filter(|_| nested > 0);
                first.map_or_else(Reported::default, |first| Reported::of(first, nested - 1))
            }
            Node::Object(_) => Reported::of_object(error, nested),
            _ => Reported::default(),
        }
    }

    /// Reads a text, which may contain an error in JSON.
    fn of_text(text: &str, nested: usize) -> Reported {
        let is_object = text.trim_start().starts_with('{');
        let inner = Document::parse(text)
            .ok()
            .filter(|_| is_object && nested > 0);
        let inner = inner.and_then(|inner| {
            let root = inner.root();
            let known = root.get("error").is_some() || MESSAGES.iter().any(|it| has(root, it));
            let inner = known.then(|| Reported::of(root, nested - 1))?;
            inner.message.is_some().then_some(inner)
        });
        inner.unwrap_or_else(|| Reported {
            message: Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            ..Reported::default()
        })
    }

    fn of_object(error: Node<'_>, nested: usize) -> Reported {
        let mut reported = Reported::named(error);
        reported.message = message(error);
        if let (Some(words), Some(categories)) = (&mut reported.message, filtered(error)) {
            words.push_str(&format!(" (filtered: {categories})"));
        }
        if nested == 0 {
            return reported;
        }
        let lists = ["errors", "error", "message", "fault", "detail"].into_iter();
        let inside = lists.filter_map(|name| error.get(name));
        for inner in inside.filter(|inner| has_content(*inner)) {
            let inner = Reported::of(inner, nested - 1);
            // A list of problems is described by the first one and their number.
            reported = match reported.message {
                None => inner.or(reported),
                Some(_) => reported.or(inner),
            };
        }
        if let Some(cause) = cause(error, nested) {
            let words = cause.message.clone();
            reported = match &reported.message {
                Some(known) => Reported {
                    message: words
                        .filter(|words| !known.contains(words.as_str()))
                        .map(|words| format!("{known}: {words}"))
                        .or_else(|| Some(known.clone())),
                    ..reported.or(cause)
                },
                None => reported.or(cause),
            };
        }
        reported
    }

    /// Reads the code, type and parameter of an error, without its message.
    fn named(error: Node<'_>) -> Reported {
        let field = |name: &str| error.get(name).and_then(text);
        let status_text = error.get("status").and_then(Node::as_str);
        let status_text = status_text.filter(|text| status_of(text).is_none());
        Reported {
            message: None,
            error_type: field("type")
                .or_else(|| field("error_type"))
                .or_else(|| status_text.and_then(not_empty)),
            code: CODES.into_iter().find_map(field),
            param: field("param"),
            status: status(error),
        }
    }

    /// Fills missing fields from `other`.
    fn or(self, other: Reported) -> Reported {
        Reported {
            message: self.message.or(other.message),
            error_type: self.error_type.or(other.error_type),
            code: self.code.or(other.code),
            param: self.param.or(other.param),
            status: self.status.or(other.status),
        }
    }
}

/// The message of an error, with its first problem.
fn message(error: Node<'_>) -> Option<String> {
    let words = MESSAGES
        .into_iter()
        .find_map(|name| match error.get(name)? {
            Node::String(words) => Reported::of_text(words, 2).message,
            _ => None,
        });
    match (words, first_problem(error)) {
        (Some(words), Some(problem)) => Some(format!("{words} {problem}")),
        (words, problem) => words.or(problem),
    }
}

/// The error that a gateway received from the upstream server (OpenRouter: `metadata.raw`).
fn cause(error: Node<'_>, nested: usize) -> Option<Reported> {
    let raw = error.get("metadata")?.get("raw")?;
    let cause = Reported::of(raw, nested - 1);
    (cause != Reported::default()).then_some(cause)
}

/// The HTTP error status in an object.
fn status(error: Node<'_>) -> Option<u16> {
    STATUSES
        .into_iter()
        .find_map(|name| match error.get(name)? {
            Node::Integer(number) => failed_status(number),
            Node::String(text) => status_of(text),
            _ => None,
        })
}

fn status_of(text: &str) -> Option<u16> {
    failed_status(text.trim().parse().ok()?)
}

fn failed_status(number: i64) -> Option<u16> {
    u16::try_from(number)
        .ok()
        .filter(|it| (400..600).contains(it))
}

/// A field as text; null, empty strings, arrays and objects count as missing.
fn text(member: Node<'_>) -> Option<String> {
    match member {
        Node::String(text) => not_empty(text),
        Node::Integer(_) | Node::Double(_) | Node::Bool(_) => Some(Value::from(member).to_text()),
        _ => None,
    }
}

fn not_empty(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn has(root: Node<'_>, name: &str) -> bool {
    root.get(name).is_some_and(has_content)
}

fn has_text(root: Node<'_>, name: &str) -> bool {
    root.get(name)
        .and_then(Node::as_str)
        .is_some_and(|text| !text.trim().is_empty())
}

fn has_content(member: Node<'_>) -> bool {
    match member {
        Node::Null | Node::Bool(false) | Node::Integer(0) => false,
        Node::String(text) => !text.trim().is_empty(),
        Node::Array(array) => array.iter().any(has_content),
        Node::Object(object) => object.iter().any(|(_, value)| has_content(value)),
        _ => true,
    }
}

fn is_array(node: Node<'_>) -> bool {
    node.as_array().map(Array::len).is_some()
}

mod filtered;
#[cfg(test)]
mod tests;
