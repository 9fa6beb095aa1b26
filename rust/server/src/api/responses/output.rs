//! Creates responses.

use serde_json::{json, Map, Value};

use super::built_in::BuiltIn;
use super::request::ResponseRequest;
use crate::api::items::output_text;
use crate::api_error::ApiError;
use crate::call::Call;
use crate::model::{generate, tokens};
use crate::scripted::ChatMessage;
use crate::store::{Ids, CREATED};

/// The reasoning summary of the model.
const SUMMARY: &str = "**Reading the question**\n\nA practice server has little to think about.";
/// The encrypted reasoning.
const ENCRYPTED_CONTENT: &str = "cHJhY3RpY2U=";

/// The default of a parameter, if it has one.
type Default = Option<fn() -> Value>;

/// The parameters that a response repeats, with their defaults.
const REPEATED: [(&str, Default); 20] = [
    ("background", Some(|| json!(false))),
    ("instructions", Some(|| Value::Null)),
    ("max_output_tokens", Some(|| Value::Null)),
    ("max_tool_calls", Some(|| Value::Null)),
    ("metadata", Some(|| json!({}))),
    ("parallel_tool_calls", Some(|| json!(true))),
    ("previous_response_id", Some(|| Value::Null)),
    ("prompt", None),
    ("prompt_cache_key", Some(|| Value::Null)),
    (
        "reasoning",
        Some(|| json!({ "effort": null, "summary": null })),
    ),
    ("safety_identifier", Some(|| Value::Null)),
    ("store", Some(|| json!(true))),
    ("temperature", Some(|| json!(1.0))),
    (
        "text",
        Some(|| json!({ "format": { "type": "text" }, "verbosity": "medium" })),
    ),
    ("tool_choice", Some(|| json!("auto"))),
    ("tools", Some(|| json!([]))),
    ("top_logprobs", Some(|| json!(0))),
    ("top_p", Some(|| json!(1.0))),
    ("truncation", Some(|| json!("disabled"))),
    ("user", None),
];

/// The finished response.
pub(super) fn response(
    call: &mut Call,
    request: &ResponseRequest,
    id: &str,
) -> Result<Value, ApiError> {
    let used = BuiltIn::run(call, request)?;
    let message = call.message.take();
    let message = message.unwrap_or_else(|| generate(&request.prompt, 0));
    let output = Output::new(&message, used, request, &mut call.store.ids);
    let body = &call.body;

    let mut response = Map::new();
    let mut set = |name: &str, value: Value| response.insert(name.to_owned(), value);
    set("id", id.into());
    set("object", "response".into());
    set("created_at", CREATED.into());
    set("status", output.status().into());
    set("completed_at", CREATED.into());
    set("error", Value::Null);
    set("incomplete_details", output.incomplete_details());
    set(
        "model",
        body.get("model").cloned().unwrap_or("gpt-6-luna".into()),
    );
    set("output", output.items.clone().into());
    set("usage", output.usage(request.input_tokens));
    set("service_tier", "default".into());
    let conversation = request.conversation.as_ref();
    set(
        "conversation",
        conversation.map_or(Value::Null, |id| json!({ "id": id })),
    );
    for (name, default) in REPEATED {
        if let Some(value) = body.get(name).cloned().or_else(|| Some(default?())) {
            set(name, value);
        }
    }
    complete_tools(&mut response);
    complete_text(&mut response);
    Ok(response.into())
}

/// Functions are strict by default.
fn complete_tools(response: &mut Map<String, Value>) {
    let tools = response.get_mut("tools").and_then(Value::as_array_mut);
    let tools = tools.into_iter().flatten();
    for tool in tools.filter(|tool| tool["type"] == "function") {
        if let Some(tool) = tool.as_object_mut() {
            tool.entry("strict").or_insert(true.into());
            tool.entry("parameters").or_insert(Value::Null);
        }
    }
}

fn complete_text(response: &mut Map<String, Value>) {
    if let Some(text) = response.get_mut("text").and_then(Value::as_object_mut) {
        text.entry("format").or_insert(json!({ "type": "text" }));
        text.entry("verbosity").or_insert("medium".into());
    }
}

/// The items of an answer, truncated at the limit of the request.
struct Output {
    items: Vec<Value>,
    tokens: usize,
    reasoning_tokens: usize,
    is_cut: bool,
}

impl Output {
    fn new(
        message: &ChatMessage,
        used: BuiltIn,
        request: &ResponseRequest,
        ids: &mut Ids,
    ) -> Output {
        let mut output = Output {
            items: Vec::new(),
            tokens: 0,
            reasoning_tokens: 0,
            is_cut: false,
        };
        if request.includes_reasoning {
            output.add_reasoning(request, ids);
        }
        output.items.extend(used.items.iter().cloned());
        if let Some(text) = &message.content {
            output.add_message(text, &used, request, ids);
        }
        for call in &message.tool_calls {
            output.tokens += tokens(&call.arguments).count();
            output.items.push(json!({
                "id": ids.next("fc_"),
                "type": "function_call",
                "status": "completed",
                "call_id": ids.next("call_"),
                "name": call.name,
                "arguments": call.arguments,
            }));
        }
        output
    }

    fn add_reasoning(&mut self, request: &ResponseRequest, ids: &mut Ids) {
        self.reasoning_tokens = tokens(SUMMARY).count();
        self.tokens += self.reasoning_tokens;
        let mut item = json!({
            "id": ids.next("rs_"),
            "type": "reasoning",
            "summary": [{ "type": "summary_text", "text": SUMMARY }],
        });
        if request.includes_encrypted_reasoning {
            item["encrypted_content"] = ENCRYPTED_CONTENT.into();
        }
        self.items.push(item);
    }

    fn add_message(
        &mut self,
        text: &str,
        used: &BuiltIn,
        request: &ResponseRequest,
        ids: &mut Ids,
    ) {
        let mut all = tokens(text);
        let generated: Vec<&str> = all.by_ref().take(request.max_tokens).collect();
        self.is_cut = all.next().is_some();
        self.tokens += generated.len();
        let text = generated.concat();
        let mut content = output_text(&text);
        content["annotations"] = used.annotations(text.chars().count()).into();
        self.items.push(json!({
            "id": ids.next("msg_"),
            "type": "message",
            "status": self.status(),
            "role": "assistant",
            "content": [content],
        }));
    }

    fn status(&self) -> &'static str {
        if self.is_cut {
            "incomplete"
        } else {
            "completed"
        }
    }

    fn incomplete_details(&self) -> Value {
        if self.is_cut {
            json!({ "reason": "max_output_tokens" })
        } else {
            Value::Null
        }
    }

    fn usage(&self, input_tokens: usize) -> Value {
        json!({
            "input_tokens": input_tokens,
            "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
            "output_tokens": self.tokens,
            "output_tokens_details": { "reasoning_tokens": self.reasoning_tokens },
            "total_tokens": input_tokens + self.tokens,
        })
    }
}
