//! What stands here for a language model: it repeats what it was asked, calls the tools that the
//! question names and fills schemas. The same question gets the same answer.

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

/// What is asked of the model.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    /// The last message of the user.
    pub(crate) question: String,
    /// What tools returned since the model spoke last.
    pub(crate) results: Vec<String>,
    pub(crate) functions: Vec<Function>,
    pub(crate) tool_choice: ToolChoice,
    /// The JSON Schema that the answer has to fit.
    pub(crate) schema: Option<Value>,
}

/// What the model says. `choice` is the index among the answers to one request; neighbours begin
/// differently.
pub(crate) fn speak(prompt: &Prompt, choice: usize) -> ChatMessage {
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
