//! The simulated language model: it repeats the input, calls tools that the question names, and
//! fills schemas. The same question always gets the same answer.

mod completion_text;
mod functions;
mod schema_value;
mod text_vector;

use serde_json::Value;

pub(crate) use completion_text::tokens;
pub(crate) use functions::{names, Function, ToolChoice};
pub(crate) use text_vector::text_vector;

use crate::scripted::ChatMessage;
use completion_text::{completion_text, results_text};
use functions::calls;
use schema_value::schema_value;

/// The input of the model.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    /// The last user message.
    pub(crate) question: String,
    /// The tool outputs since the last answer.
    pub(crate) results: Vec<String>,
    pub(crate) functions: Vec<Function>,
    pub(crate) tool_choice: ToolChoice,
    /// The JSON Schema of the answer.
    pub(crate) schema: Option<Value>,
}

/// Generates the answer. `choice` is the index among the choices of a request; consecutive choices
/// start differently.
pub(crate) fn generate(prompt: &Prompt, choice: usize) -> ChatMessage {
    let tool_calls = if prompt.results.is_empty() {
        calls(&prompt.functions, &prompt.tool_choice, &prompt.question)
    } else {
        Vec::new()
    };
    if !tool_calls.is_empty() {
        return ChatMessage {
            content: None,
            tool_calls,
        };
    }
    let text = match &prompt.schema {
        Some(schema) => schema_value(schema).to_string(),
        None if prompt.results.is_empty() => completion_text(&prompt.question, choice),
        None => results_text(&prompt.results),
    };
    ChatMessage {
        content: Some(text),
        tool_calls,
    }
}
