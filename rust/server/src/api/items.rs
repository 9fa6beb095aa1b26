//! Items of responses and conversations: parsing, and what the model reads in them.

use serde_json::{json, Map, Value};

use crate::api_error::ApiError;
use crate::model::tokens;
use crate::parameters::{missing, not_a_choice, type_among, wrong_type};
use crate::store::Ids;

const ROLES: [&str; 4] = ["assistant", "system", "developer", "user"];
/// The types of content parts.
const PARTS: [&str; 7] = [
    "input_text",
    "input_image",
    "input_file",
    "input_audio",
    "output_text",
    "refusal",
    "summary_text",
];

/// The items in the parameter `param`, a text or an array, each with an id.
pub(crate) fn items(input: &Value, param: &str, ids: &mut Ids) -> Result<Vec<Value>, ApiError> {
    match input {
        Value::String(text) => Ok(vec![json!({
            "id": ids.next("msg_"),
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{ "type": "input_text", "text": text }],
        })]),
        Value::Array(elements) => {
            let numbered = elements.iter().enumerate();
            let item = |(index, element)| item(element, &format!("{param}[{index}]"), ids);
            numbered.map(item).collect()
        }
        other => Err(wrong_type(param, "a string or an array of objects", other)),
    }
}

fn item(element: &Value, param: &str, ids: &mut Ids) -> Result<Value, ApiError> {
    let Value::Object(given) = element else {
        return Err(wrong_type(param, "an object", element));
    };
    let kind = match given.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(other) => return Err(wrong_type(&format!("{param}.type"), "a string", other)),
        None => "message",
    };
    let mut item = Map::new();
    item.insert("type".to_owned(), kind.into());
    for (name, value) in given {
        item.insert(name.clone(), value.clone());
    }
    let prefix = match kind {
        "message" => {
            item.insert("content".to_owned(), content(given, param)?);
            "msg_"
        }
        "function_call" => "fc_",
        "function_call_output" => "fco_",
        "reasoning" => "rs_",
        _ => "item_",
    };
    if !item.get("id").is_some_and(Value::is_string) {
        item.insert("id".to_owned(), ids.next(prefix).into());
    }
    if matches!(kind, "message" | "function_call" | "function_call_output") {
        item.entry("status").or_insert("completed".into());
    }
    Ok(item.into())
}

/// The content of a message as an array of parts.
fn content(message: &Map<String, Value>, param: &str) -> Result<Value, ApiError> {
    let role = match message.get("role") {
        Some(Value::String(role)) if ROLES.contains(&role.as_str()) => role,
        Some(Value::String(role)) => {
            return Err(not_a_choice(&format!("{param}.role"), role, &ROLES));
        }
        Some(other) => return Err(wrong_type(&format!("{param}.role"), "a string", other)),
        None => return Err(missing(&format!("{param}.role"))),
    };
    let param = format!("{param}.content");
    match message.get("content") {
        Some(Value::String(text)) if role == "assistant" => Ok(json!([output_text(text)])),
        Some(Value::String(text)) => Ok(json!([{ "type": "input_text", "text": text }])),
        Some(Value::Array(parts)) => {
            let numbered = parts.iter().enumerate();
            let parts = numbered.map(|(index, given)| part(given, &format!("{param}[{index}]")));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.into())
        }
        None | Some(Value::Null) => Err(missing(&param)),
        Some(other) => Err(wrong_type(&param, "a string or an array of objects", other)),
    }
}

/// A content part with all fields of its type.
fn part(given: &Value, param: &str) -> Result<Value, ApiError> {
    let kind = type_among(given, param, &PARTS)?;
    let defaults = match kind {
        "output_text" => output_text(""),
        "input_image" => json!({ "detail": "auto" }),
        _ => json!({}),
    };
    let mut part = given.clone();
    if let (Value::Object(fields), Value::Object(defaults)) = (&mut part, defaults) {
        for (name, value) in defaults {
            fields.entry(name).or_insert(value);
        }
    }
    Ok(part)
}

/// A content part with output text.
pub(crate) fn output_text(text: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": text })
}

/// Reads items one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) tokens: usize,
    /// The last user message.
    pub(crate) question: String,
    /// The tool outputs since the last message.
    pub(crate) results: Vec<String>,
    /// The ids of all function calls, and of those without an output.
    calls: Vec<String>,
    open_calls: Vec<String>,
}

impl Reading {
    /// Reads an item.
    pub(crate) fn add(&mut self, item: &Value) -> Result<(), ApiError> {
        let kind = item["type"].as_str().unwrap_or_default();
        let call_id = item["call_id"].as_str().unwrap_or_default();
        match kind {
            "message" => {
                let text = text_of(&item["content"]);
                self.tokens += tokens(&text).count();
                self.results.clear();
                if item["role"] == "user" {
                    self.question = text;
                }
            }
            "function_call" | "custom_tool_call" => {
                self.results.clear();
                self.calls.push(call_id.to_owned());
                self.open_calls.push(call_id.to_owned());
            }
            "function_call_output" | "custom_tool_call_output" => {
                if !self.calls.iter().any(|known| known == call_id) {
                    let message = format!(
                        "No tool call found for function call output with call_id {call_id}."
                    );
                    return Err(ApiError::new(400, message).param("input"));
                }
                let text = text_of(&item["output"]);
                self.tokens += tokens(&text).count();
                self.results.push(text);
                self.open_calls.retain(|open| open != call_id);
            }
            _ => {}
        }
        Ok(())
    }

    /// Fails if a function call has no output.
    pub(crate) fn finish(&self) -> Result<(), ApiError> {
        match self.open_calls.first() {
            None => Ok(()),
            Some(call) => {
                let message = format!("No tool output found for function call {call}.");
                Err(ApiError::new(400, message).param("input"))
            }
        }
    }
}

/// The text of a content: the string itself, or the texts of its parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.get("text")?.as_str())
                .collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}
