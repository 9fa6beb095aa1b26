//! What a script has queued as answers.

use std::collections::VecDeque;

use crate::reply::Reply;

/// A message of the assistant that answers a chat completion, streamed or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatMessage {
    /// The text, where there is one.
    pub content: Option<String>,
    pub tool_calls: Vec<ToolCall>,
}

/// A call of a tool that the assistant asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    pub name: String,
    /// JSON text, by the API an object.
    pub arguments: String,
}

/// An answer in the queue.
#[derive(Clone, Debug)]
pub(crate) enum Scripted {
    Exact(Reply),
    Chat(ChatMessage),
}

/// The operations whose answers a model writes.
const MODEL_SPEAKS: [&str; 2] = ["chat/completions", "responses"];

/// Whether a model answers such a request; one to a run only where there are assistants.
fn model_speaks(method: &str, path: &str, assistants: bool) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_run = matches!(
        parts[..],
        ["threads", "runs"]
            | ["threads", _, "runs"]
            | ["threads", _, "runs", _, "submit_tool_outputs"]
    );
    method == "POST" && (MODEL_SPEAKS.contains(&path) || (assistants && is_run))
}

/// The answers that are queued: exact ones each for any request or for those to one path, messages
/// for whatever request a model answers.
#[derive(Debug, Default)]
pub(crate) struct Queue(VecDeque<(Option<String>, Scripted)>);

impl Queue {
    pub fn push(&mut self, path: Option<&str>, answer: Scripted) {
        let path = path.map(|path| without_version(path).to_owned());
        self.0.push_back((path, answer));
    }

    /// The first answer that is for such a request.
    pub fn take(&mut self, method: &str, path: &str, assistants: bool) -> Option<Scripted> {
        let path = without_version(path);
        let is_for_it = |(bound, answer): &(Option<String>, Scripted)| match answer {
            Scripted::Exact(_) => bound.as_deref().is_none_or(|it| it == path),
            Scripted::Chat(_) => model_speaks(method, path, assistants),
        };
        let place = self.0.iter().position(is_for_it)?;
        self.0.remove(place).map(|(_, answer)| answer)
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
    fn answers_are_taken_in_turn_by_the_requests_that_they_are_for() {
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
    fn a_message_waits_for_a_request_that_a_model_answers() {
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
