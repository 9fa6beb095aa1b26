//! Chat completion requests, and the choices that answer them.

use std::borrow::Cow;

use serde_json::Value;

use crate::api_error::ApiError;
use crate::call::Call;
use crate::model::{generate, tokens, Function, Prompt, ToolChoice};
use crate::parameters::{empty_array, missing, wrong_type};
use crate::scripted::{ChatMessage, ToolCall};
use crate::stable_hash::stable_hash;

/// The maximum number of choices in OpenAI's reference.
const CHOICE_LIMIT: u64 = 128;

/// A chat completion request with its answer.
#[derive(Debug)]
pub(crate) struct ChatRequest {
    /// The id of the answer; equal requests have equal ids.
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) prompt_tokens: usize,
    pub(crate) choices: Vec<Choice>,
}

/// One of the choices.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The tokens of the text.
    pub(crate) tokens: Vec<String>,
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) finish_reason: &'static str,
}

impl ChatRequest {
    /// Parses a request. A scripted message replaces the answer of the model.
    pub(crate) fn parse(call: &Call) -> Result<ChatRequest, ApiError> {
        let parameters = &call.body;
        let model = parameters.required_string("model")?.to_owned();
        let messages = Messages::parse(parameters.required("messages")?)?;
        let stream = parameters.flag("stream")?;
        let stream_options = parameters.get("stream_options");
        if stream_options.is_some() && !stream {
            let message =
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
            return Err(ApiError::new(400, message).param("stream_options"));
        }
        let include_usage = stream_options.and_then(|options| options.get("include_usage"));
        let response_format = parameters.get("response_format");
        let schema = response_format.and_then(|format| format.pointer("/json_schema/schema"));
        let max_tokens = parameters.integer("max_tokens", 1..=u64::MAX)?;
        let max_tokens = parameters
            .integer("max_completion_tokens", 1..=u64::MAX)?
            .or(max_tokens);
        let max_tokens =
            max_tokens.map_or(usize::MAX, |limit| limit.try_into().unwrap_or(usize::MAX));
        // The limit fits into `usize`.
        let choices = parameters.integer("n", 1..=CHOICE_LIMIT)?.unwrap_or(1) as usize;
        let prompt = Prompt {
            question: messages.last_of_user,
            results: messages.results,
            functions: functions(parameters.get("tools")),
            tool_choice: ToolChoice::parse(parameters.get("tool_choice")),
            schema: schema.cloned(),
        };
        Ok(ChatRequest {
            id: format!("chatcmpl-{:016x}", stable_hash(&call.request.body.kept)),
            model,
            stream,
            include_usage: include_usage.and_then(Value::as_bool).unwrap_or(false),
            prompt_tokens: messages.tokens,
            choices: (0..choices)
                .map(|index| match &call.message {
                    Some(message) => Choice::of(message, max_tokens),
                    None => Choice::of(&generate(&prompt, index), max_tokens),
                })
                .collect(),
        })
    }

    pub(crate) fn completion_tokens(&self) -> usize {
        self.choices.iter().map(|choice| choice.tokens.len()).sum()
    }
}

impl Choice {
    fn new(text: &str, max_tokens: usize) -> Choice {
        let mut all = tokens(text).map(str::to_owned);
        let tokens: Vec<String> = all.by_ref().take(max_tokens).collect();
        let finish_reason = if all.next().is_some() {
            "length"
        } else {
            "stop"
        };
        Choice {
            tokens,
            tool_calls: Vec::new(),
            finish_reason,
        }
    }

    fn of(message: &ChatMessage, max_tokens: usize) -> Choice {
        let text = Choice::new(message.content.as_deref().unwrap_or_default(), max_tokens);
        match message.tool_calls.is_empty() {
            true => text,
            false => Choice {
                tool_calls: message.tool_calls.clone(),
                finish_reason: "tool_calls",
                ..text
            },
        }
    }

    /// The whole text; `None` with tool calls.
    pub(crate) fn content(&self) -> Option<String> {
        let has_text = !self.tokens.is_empty() || self.tool_calls.is_empty();
        has_text.then(|| self.tokens.concat())
    }
}

/// The functions among the tools.
fn functions(tools: Option<&Value>) -> Vec<Function> {
    let tools = tools.and_then(Value::as_array).into_iter().flatten();
    let functions = tools.filter_map(|tool| tool.get("function"));
    functions
        .filter_map(|function| {
            Some(Function {
                name: function.get("name")?.as_str()?.to_owned(),
                parameters: function.get("parameters").cloned().unwrap_or_default(),
            })
        })
        .collect()
}

/// The parts of the messages that determine the answer.
#[derive(Default)]
struct Messages {
    tokens: usize,
    last_of_user: String,
    /// The tool outputs after the last message of another role.
    results: Vec<String>,
}

impl Messages {
    fn parse(value: &Value) -> Result<Messages, ApiError> {
        let messages = value
            .as_array()
            .ok_or_else(|| wrong_type("messages", "an array of objects", value))?;
        if messages.is_empty() {
            return Err(empty_array("messages"));
        }
        let mut parsed = Messages::default();
        for (index, message) in messages.iter().enumerate() {
            let param = format!("messages[{index}]");
            let message = message
                .as_object()
                .ok_or_else(|| wrong_type(&param, "an object", message))?;
            let role = match message.get("role") {
                Some(Value::String(role)) => role,
                Some(other) => return Err(wrong_type(&format!("{param}.role"), "a string", other)),
                None => return Err(missing(&format!("{param}.role"))),
            };
            let text = text_of(message.get("content"), &format!("{param}.content"))?;
            parsed.tokens += tokens(&text).count();
            match role.as_str() {
                "tool" | "function" => parsed.results.push(text.into_owned()),
                other => {
                    parsed.results.clear();
                    if other == "user" {
                        parsed.last_of_user = text.into_owned();
                    }
                }
            }
        }
        Ok(parsed)
    }
}

/// The text of a message: a string, or the text parts of an array.
fn text_of<'a>(content: Option<&'a Value>, param: &str) -> Result<Cow<'a, str>, ApiError> {
    match content {
        None | Some(Value::Null) => Ok(Cow::Borrowed("")),
        Some(Value::String(text)) => Ok(Cow::Borrowed(text)),
        Some(Value::Array(parts)) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.get("text")?.as_str())
                .collect();
            Ok(Cow::Owned(texts.join("\n")))
        }
        Some(other) => Err(wrong_type(param, "a string or an array of objects", other)),
    }
}
