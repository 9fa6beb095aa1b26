//! What the response to a call must contain.
//!
//! Anything else is an error, whatever its status.

use reqwest::Method;

use crate::error::Reported;
use crate::json::{Array, Node};

/// The collections of the API, which a GET lists.
const COLLECTIONS: [&str; 20] = [
    "models",
    "files",
    "assistants",
    "messages",
    "runs",
    "steps",
    "vector_stores",
    "jobs",
    "events",
    "checkpoints",
    "batches",
    "items",
    "input_items",
    "containers",
    "conversations",
    "completions",
    "videos",
    "evals",
    "output_items",
    "skills",
];

/// The expected response to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A chat or text completion: an array `choices`.
    Choices,
    /// One vector for each input.
    Embeddings,
    /// An array `data` of images.
    Images,
    /// An array `results`.
    Moderation,
    /// A page of a list: an array `data`.
    Page,
    /// Any object of the API.
    Object,
    /// Any JSON that is not an error.
    Any,
    /// A confirmation, which may be empty.
    Done,
    /// A transcription: JSON or plain text, depending on the content type.
    Transcript,
    /// The bytes of an audio file.
    Sound,
    /// The bytes of any file.
    File,
}

/// Why a JSON text is not the expected response.
#[derive(Debug, PartialEq)]
pub(crate) enum Mismatch {
    /// It is an error.
    Error(Reported),
    /// What is missing.
    Missing(&'static str),
}

impl Expected {
    /// The response that a request to the API expects.
    pub fn of(method: &Method, segments: &[String]) -> Expected {
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if *method == Method::DELETE {
            return Expected::Done;
        }
        if *method == Method::GET {
            return match path.as_slice() {
                [.., "content"] => Expected::File,
                [.., last] if COLLECTIONS.contains(last) => Expected::Page,
                _ => Expected::Object,
            };
        }
        match path.as_slice() {
            [.., "completions"] => Expected::Choices,
            [.., "embeddings"] => Expected::Embeddings,
            [.., "images", _] => Expected::Images,
            [.., "moderations"] => Expected::Moderation,
            [.., "audio", "transcriptions" | "translations"] => Expected::Transcript,
            [.., "audio", "speech"] => Expected::Sound,
            [.., "cancel"] => Expected::Done,
            _ => Expected::Object,
        }
    }

    /// The expected response with this name, for calls whose path does not determine it.
    pub fn named(name: &str) -> Option<Expected> {
        Some(match name {
            "page" => Expected::Page,
            "done" => Expected::Done,
            "any" => Expected::Any,
            "file" => Expected::File,
            _ => return None,
        })
    }

    /// The name used in error messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Expected::Choices => "a model's answer",
            Expected::Embeddings => "a list of embeddings",
            Expected::Images => "a list of images",
            Expected::Moderation => "a moderation",
            Expected::Page => "a page of a list",
            Expected::Object | Expected::Done => "an object of the API",
            Expected::Any => "a response of the API",
            Expected::Transcript => "a transcript",
            Expected::Sound => "audio",
            Expected::File => "a file",
        }
    }

    /// Checks that a response contains what is expected.
    ///
    /// # Errors
    /// Returns the error that it reports, or what is missing.
    pub(crate) fn check(self, root: Node<'_>) -> Result<(), Mismatch> {
        let lacks = match self.lacks(root) {
            None => match self.embedded_error(root) {
                None => return Ok(()),
                Some(reported) => return Err(Mismatch::Error(reported)),
            },
            Some(lacks) => lacks,
        };
        let reported = Reported::in_place_of_answer(root);
        Err(reported.map_or(Mismatch::Missing(lacks), Mismatch::Error))
    }

    /// What is missing in a response.
    fn lacks(self, root: Node<'_>) -> Option<&'static str> {
        let array = |name| root.get(name).and_then(Node::as_array);
        let is_fit = |array: Option<Array<'_>>, fits: fn(Node<'_>) -> bool| {
            array.is_some_and(|array| !array.is_empty() && array.iter().all(fits))
        };
        let (fits, lacks) = match self {
            Expected::Choices => (
                is_fit(array("choices"), is_choice),
                "it has no valid array `choices`",
            ),
            // The vectors are checked when they are read.
            Expected::Embeddings => (
                [root.get("data"), root.get("embeddings"), Some(root)]
                    .into_iter()
                    .flatten()
                    .any(|it| is_fit(it.as_array(), is_vector)),
                "it has no array `data` with embeddings",
            ),
            Expected::Images => (
                array("data").is_some_and(|data| {
                    data.iter().all(|image| image.as_object().is_some())
                        && data.iter().any(is_image)
                }),
                "it has no array `data` with images",
            ),
            Expected::Moderation => (
                is_fit(array("results"), |result| result.as_object().is_some()),
                "it has no valid array `results`",
            ),
            Expected::Page => (
                match root {
                    Node::Array(page) => {
                        page.is_empty() || is_fit(Some(page), |it| Reported::instead(it).is_none())
                    }
                    _ => array("data").is_some() || is_empty_page(root),
                },
                "it has no array `data`",
            ),
            Expected::Object => (is_object_of_api(root), "it is not an object with fields"),
            Expected::Any => (Reported::instead(root).is_none(), "it is an error"),
            // Some servers confirm in plain text.
            Expected::Done => (
                root.as_object().is_some() && Reported::instead(root).is_none(),
                "it is not an object",
            ),
            Expected::Transcript => (
                root.get("text").and_then(Node::as_str).is_some(),
                "it has no `text`",
            ),
            Expected::Sound => (false, "it is JSON"),
            Expected::File => (true, ""),
        };
        (!fits).then_some(lacks)
    }

    /// An error in what looks like a valid response. Objects of the API may have an `error` field
    /// of their own.
    fn embedded_error(self, root: Node<'_>) -> Option<Reported> {
        match self {
            Expected::Choices => error_of_chunk(root),
            Expected::Embeddings | Expected::Images | Expected::Moderation | Expected::Page => {
                Reported::embedded(root)
            }
            _ => None,
        }
    }
}

/// The error in a chunk or in one of its choices.
pub(crate) fn error_of_chunk(root: Node<'_>) -> Option<Reported> {
    let choices = root.get("choices").and_then(Node::as_array);
    Reported::embedded(root).or_else(|| {
        let mut choices = choices.into_iter().flat_map(Array::iter);
        choices.find_map(Reported::embedded)
    })
}

/// Whether this looks like a choice; a filtered choice may have no message.
fn is_choice(choice: Node<'_>) -> bool {
    let names = ["message", "delta", "text", "finish_reason", "error"];
    let is_object_or_null = |name| match choice.get(name) {
        Some(member) => member.is_null() || member.as_object().is_some(),
        None => true,
    };
    names.iter().any(|name| choice.get(name).is_some())
        && ["message", "delta"].into_iter().all(is_object_or_null)
}

fn is_vector(entry: Node<'_>) -> bool {
    match entry {
        Node::Object(_) => entry.get("embedding").is_some(),
        Node::Array(vector) => !vector.is_empty(),
        _ => false,
    }
}

fn is_image(image: Node<'_>) -> bool {
    let text = |name| image.get(name).and_then(Node::as_str);
    let texts = [text("b64_json"), text("url")];
    texts.into_iter().flatten().any(|text| !text.is_empty())
}

/// An empty list; Ollama sends null.
fn is_empty_page(root: Node<'_>) -> bool {
    let is_list = root.get("object").and_then(Node::as_str) == Some("list");
    is_list && root.get("data").is_some_and(Node::is_null)
}

/// Whether this is an object of the API, with an id or a type, or an object of another server that
/// is not an error.
fn is_object_of_api(root: Node<'_>) -> bool {
    let text = |name| root.get(name).and_then(Node::as_str);
    let is_named = text("id").is_some() || text("object").is_some_and(|it| it != "error");
    let has_fields = root.as_object().is_some_and(|object| !object.is_empty());
    has_fields && (is_named || Reported::instead(root).is_none() && !is_only_words(root))
}

/// Whether an object contains only texts, which then describe an error.
fn is_only_words(root: Node<'_>) -> bool {
    let object = root.as_object();
    object.is_some_and(|object| object.len() == 1 && object.get("message").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    #[test]
    fn paths_determine_the_expected_response() {
        for (method, path, expected) in [
            ("POST", "chat/completions", Expected::Choices),
            ("POST", "completions", Expected::Choices),
            ("GET", "chat/completions", Expected::Page),
            ("GET", "chat/completions/c1", Expected::Object),
            ("GET", "chat/completions/c1/messages", Expected::Page),
            ("POST", "embeddings", Expected::Embeddings),
            ("POST", "images/edits", Expected::Images),
            ("POST", "moderations", Expected::Moderation),
            ("POST", "audio/transcriptions", Expected::Transcript),
            ("POST", "audio/speech", Expected::Sound),
            ("GET", "models", Expected::Page),
            ("GET", "models/m", Expected::Object),
            ("GET", "files/f/content", Expected::File),
            ("DELETE", "models/m", Expected::Done),
            ("POST", "fine_tuning/jobs/j/cancel", Expected::Done),
            ("GET", "fine_tuning/jobs", Expected::Page),
            ("POST", "responses", Expected::Object),
        ] {
            let method: Method = method.parse().expect("a method");
            let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
            assert_eq!(Expected::of(&method, &segments), expected, "{path}");
        }
    }

    /// The valid responses of each kind of call, and similar invalid ones.
    #[test]
    fn valid_and_invalid_responses_of_each_kind_are_distinguished() {
        use Expected::*;
        for (expected, fit, unfit) in [
            (
                Choices,
                r#"{"choices":[{"message":{"content":null}}],"error":null}"#,
                r#"{"choices":[]}"#,
            ),
            (
                Choices,
                r#"{"choices":[{"finish_reason":"content_filter"}],"error":{}}"#,
                r#"{"choices":[{"message":{"content":"a"}}],"error":"b"}"#,
            ),
            (
                Choices,
                r#"{"choices":[{"text":"a"}]}"#,
                r#"{"choices":[{"error":{"message":"a"},"message":{"content":""}}]}"#,
            ),
            (
                Choices,
                r#"{"choices":[{"message":null,"finish_reason":"stop"}]}"#,
                r#"{"choices":[{"message":"hello"}]}"#,
            ),
            (
                Choices,
                r#"{"choices":[{"delta":{}}]}"#,
                r#"{"choices":[null]}"#,
            ),
            (
                Embeddings,
                r#"{"data":[{"embedding":[1]}]}"#,
                r#"{"data":[{"embedding":[1]},{}]}"#,
            ),
            (Embeddings, r#"{"embeddings":[[1]]}"#, "[]"),
            (Embeddings, r#"[{"embedding":[1]}]"#, "[1]"),
            (
                Images,
                r#"{"data":[{"url":""},{"b64_json":"a"}]}"#,
                r#"{"data":[{"url":""}]}"#,
            ),
            (Moderation, r#"{"results":[{}]}"#, r#"{"results":[]}"#),
            (Page, r#"{"data":[]}"#, r#"{"data":{}}"#),
            (Page, r#"[{"id":"a"}]"#, r#"[{"error":"a"}]"#),
            (Page, r#"{"object":"list","data":null}"#, r#"{"data":null}"#),
            (
                Object,
                r#"{"id":"a","error":{"code":"b"}}"#,
                r#"{"error":{"code":"b"}}"#,
            ),
            (Object, r#"{"status":"ok"}"#, r#"{"message":"b"}"#),
            (Object, r#"{"object":"thread"}"#, r#"{"object":"error"}"#),
            (Object, r#"{"a":1}"#, "{}"),
            (Done, "{}", r#"{"detail":"Not found"}"#),
            (Any, "[1]", r#"{"error":"a"}"#),
            (Transcript, r#"{"text":""}"#, r#"{"text":null}"#),
        ] {
            let read = |text: &str| Document::parse(text).expect("it is JSON");
            assert_eq!(expected.check(read(fit).root()), Ok(()), "{fit}");
            assert!(expected.check(read(unfit).root()).is_err(), "{unfit}");
        }
    }
}
