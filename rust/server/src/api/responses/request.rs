//! Parses requests for responses.

use serde_json::{json, Value};

use crate::api::items::{items, Reading};
use crate::api_error::ApiError;
use crate::call::Call;
use crate::model::{tokens, Function, Prompt, ToolChoice};
use crate::parameters::Parameters;
use crate::store::Store;

/// The maximum number of previous responses that are read.
const CHAIN_LIMIT: usize = 1000;

/// Parameters of chat completions, and what they are called here.
const MOVED: [(&str, &str); 5] = [
    ("messages", "input"),
    ("max_tokens", "max_output_tokens"),
    ("max_completion_tokens", "max_output_tokens"),
    ("response_format", "text.format"),
    ("reasoning_effort", "reasoning.effort"),
];

/// A valid request for a response.
#[derive(Debug)]
pub(super) struct ResponseRequest {
    /// Its own input items.
    pub(super) input: Vec<Value>,
    pub(super) input_tokens: usize,
    pub(super) prompt: Prompt,
    pub(super) previous: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) stream: bool,
    pub(super) background: bool,
    pub(super) store: bool,
    pub(super) max_tokens: usize,
    /// Whether to include a reasoning item, and its encrypted content.
    pub(super) includes_reasoning: bool,
    pub(super) includes_encrypted_reasoning: bool,
}

impl ResponseRequest {
    pub(super) fn parse(call: &mut Call) -> Result<ResponseRequest, ApiError> {
        let body = &call.body;
        refuse_moved(body)?;
        let background = body.flag("background")?;
        let store = !matches!(body.get("store"), Some(Value::Bool(false)));
        if background && !store {
            let message =
                "Background mode requires the response to be stored: set 'store' to true.";
            return Err(ApiError::new(400, message).param("background"));
        }
        let previous = body.string("previous_response_id")?.map(str::to_owned);
        let conversation = conversation_id(body)?;
        if previous.is_some() && conversation.is_some() {
            let message =
                "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.";
            return Err(ApiError::new(400, message).code("mutually_exclusive_parameters"));
        }
        let max_tokens = body.integer("max_output_tokens", 1..=u64::MAX)?;
        let text = body.get("text").and_then(|text| text.get("format"));
        let reasoning = body.get("reasoning");
        let summary = reasoning.and_then(|reasoning| reasoning.get("summary"));
        let included = body.strings("include")?;
        let includes_encrypted_reasoning = included
            .iter()
            .any(|name| name == "reasoning.encrypted_content");
        let stream = body.flag("stream")?;

        let mut request = ResponseRequest {
            input: Vec::new(),
            input_tokens: 0,
            prompt: Prompt {
                functions: functions(body.get("tools")),
                tool_choice: ToolChoice::parse(body.get("tool_choice")),
                schema: text.and_then(|format| format.get("schema")).cloned(),
                ..Prompt::default()
            },
            previous,
            conversation,
            stream,
            background,
            store,
            max_tokens: max_tokens.map_or(usize::MAX, |most| most.try_into().unwrap_or(usize::MAX)),
            includes_reasoning: includes_encrypted_reasoning
                || summary.is_some_and(|it| !it.is_null()),
            includes_encrypted_reasoning,
        };
        request.read_input(call)?;
        Ok(request)
    }

    /// Reads the input, after all previous responses or the conversation.
    fn read_input(&mut self, call: &mut Call) -> Result<(), ApiError> {
        let mut reading = Reading::default();
        if let Some(previous) = &self.previous {
            read_chain(&mut reading, call.store, previous)?;
        }
        if let Some(id) = &self.conversation {
            let conversation = call.store.conversation(id, call.now);
            let conversation = conversation.ok_or_else(|| {
                ApiError::new(404, format!("Conversation with id '{id}' not found."))
            })?;
            if conversation.pending.is_some() {
                let message = "Another process is currently operating on this conversation. \
                               Please retry in a few seconds.";
                return Err(ApiError::new(400, message).code("conversation_locked"));
            }
            for item in &conversation.items {
                reading.add(item)?;
            }
        }
        if let Some(input) = call.body.get("input") {
            self.input = items(input, "input", &mut call.store.ids)?;
        }
        for item in &self.input {
            reading.add(item)?;
        }
        reading.finish()?;
        let instructions = call.body.get("instructions").and_then(Value::as_str);
        self.input_tokens = reading.tokens + instructions.map_or(0, |text| tokens(text).count());
        self.prompt.question = reading.question;
        self.prompt.results = reading.results;
        Ok(())
    }
}

/// Fails if a parameter has another name in chat completions.
fn refuse_moved(body: &Parameters) -> Result<(), ApiError> {
    let found = MOVED.iter().find(|(name, _)| body.get(name).is_some());
    let Some((name, here)) = found else {
        return Ok(());
    };
    let message = format!(
        "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to \
         '{here}'. Try again with the new parameter."
    );
    Err(ApiError::new(400, message)
        .param(*name)
        .code("unsupported_parameter"))
}

/// Reads a response and its previous responses, oldest first.
fn read_chain(reading: &mut Reading, store: &Store, last: &str) -> Result<(), ApiError> {
    let mut chain = Vec::new();
    let mut next = Some(last);
    while let Some(id) = next.filter(|_| chain.len() < CHAIN_LIMIT) {
        // A deleted response is skipped.
        let Some(response) = store.responses.get(id) else {
            break;
        };
        chain.push(response);
        next = response.previous.as_deref();
    }
    if chain.is_empty() {
        let message = format!("Previous response with id '{last}' not found.");
        return Err(ApiError::new(400, message)
            .param("previous_response_id")
            .code("previous_response_not_found"));
    }
    for response in chain.iter().rev() {
        let output = response.finished["output"].as_array();
        for item in response.input.iter().chain(output.into_iter().flatten()) {
            reading.add(item)?;
        }
    }
    Ok(())
}

/// `conversation` is an id, or an object with an id.
fn conversation_id(body: &Parameters) -> Result<Option<String>, ApiError> {
    match body.get("conversation").and_then(|it| it.get("id")) {
        Some(Value::String(id)) => Ok(Some(id.clone())),
        _ => Ok(body.string("conversation")?.map(str::to_owned)),
    }
}

/// The functions among the tools.
fn functions(tools: Option<&Value>) -> Vec<Function> {
    let tools = tools.and_then(Value::as_array).into_iter().flatten();
    tools
        .filter(|tool| tool["type"] == "function")
        .filter_map(|tool| {
            Some(Function {
                name: tool.get("name")?.as_str()?.to_owned(),
                parameters: tool.get("parameters").cloned().unwrap_or(json!({})),
            })
        })
        .collect()
}
