//! The queue of scripted responses.

use std::collections::VecDeque;

use crate::reply::Reply;

/// A message of the assistant, for a chat completion, response or run, streamed or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatMessage {
    /// The text, if any.
    pub content: Option<String>,
    pub tool_calls: Vec<ToolCall>,
}

/// A tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    pub name: String,
    /// The arguments as JSON text, which should be an object.
    pub arguments: String,
}

/// A queued response.
#[derive(Clone, Debug)]
pub(crate) enum Scripted {
    Exact(Reply),
    Chat(ChatMessage),
}

/// The operations that a model answers.
const MODEL_PATHS: [&str; 2] = ["chat/completions", "responses"];

/// Whether a model answers this request; runs only if the Assistants API is available.
fn is_model_request(method: &str, path: &str, assistants: bool) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_run = matches!(
        parts[..],
        ["threads", "runs"]
            | ["threads", _, "runs"]
            | ["threads", _, "runs", _, "submit_tool_outputs"]
    );
    method == "POST" && (MODEL_PATHS.contains(&path) || (assistants && is_run))
}

/// The queued responses: for any request, for requests to one path, or messages for requests that a
/// model answers.
#[derive(Debug, Default)]
pub(crate) struct Queue(VecDeque<(Option<String>, Scripted)>);

impl Queue {
    pub fn push(&mut self, path: Option<&str>, answer: Scripted) {
        let path = path.map(|path| without_version(path).to_owned());
        self.0.push_back((path, answer));
    }

    /// Takes the first response for this request.
    pub fn take(&mut self, method: &str, path: &str, assistants: bool) -> Option<Scripted> {
        let path = without_version(path);
        let matches_request = |(only_path, answer): &(Option<String>, Scripted)| match answer {
            Scripted::Exact(_) => only_path.as_deref().is_none_or(|it| it == path),
            Scripted::Chat(_) => is_model_request(method, path, assistants),
        };
        let index = self.0.iter().position(matches_request)?;
        self.0.remove(index).map(|(_, answer)| answer)
    }
}

/// `embeddings` for `/v1/embeddings`, `/embeddings` and `embeddings`.
fn without_version(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_prefix("v1/").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(answer: Option<Scripted>) -> Option<u16> {
        match answer? {
            Scripted::Exact(reply) => Some(reply.status),
            Scripted::Chat(_) => None,
        }
    }

    #[test]
    fn replies_are_used_in_order_by_matching_requests() {
        let mut queue = Queue::default();
        for (path, status) in [(Some("/v1/files"), 201), (None, 202), (Some("files"), 203)] {
            let reply = Reply {
                status,
                ..Reply::default()
            };
            queue.push(path, Scripted::Exact(reply));
        }
        let mut take = |method, path| status(queue.take(method, path, false));
        assert_eq!(take("GET", "/v1/models"), Some(202));
        assert_eq!(take("GET", "/v1/models"), None);
        assert_eq!(take("GET", "/v1/files"), Some(201));
        assert_eq!(take("POST", "/files"), Some(203));
    }

    #[test]
    fn a_message_waits_for_a_model_request() {
        let mut queue = Queue::default();
        queue.push(None, Scripted::Chat(ChatMessage::default()));
        for (method, path, assistants) in [
            ("GET", "/v1/responses", true),
            ("POST", "/v1/threads/t/runs", false),
            ("POST", "/v1/threads/t/messages", true),
        ] {
            assert!(queue.take(method, path, assistants).is_none(), "{path}");
        }
        assert!(queue.take("POST", "/v1/threads/t/runs", true).is_some());
    }
}
