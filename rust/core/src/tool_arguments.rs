//! Tool-call arguments that a server sent as JSON values instead of text.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::json::{Array, Document, Fields, Node, Value};

/// Converts the arguments of tool calls in a response or chunk to text, without rounding numbers.
/// `None` if they already are.
pub(crate) fn as_texts(document: &Document) -> Option<Document> {
    if !messages(document.root())
        .flat_map(calls)
        .any(has_parsed_arguments)
    {
        return None;
    }
    let mut whole = Value::from(document.root());
    let texts = raw(document.source()).unwrap_or_default();
    for (position, text) in texts {
        if let Some(function) = function_at(&mut whole, &position) {
            function.set("arguments", Value::String(text));
        }
    }
    Document::parse(whole.to_text()).ok()
}

/// The position of a call: the index of the choice, the member that contains its message, and the
/// index of the call.
type CallPosition = (usize, &'static str, usize);

const MESSAGES: [&str; 2] = ["message", "delta"];

fn messages(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let choices = root.get("choices").and_then(Node::as_array);
    let choices = choices.into_iter().flat_map(Array::iter);
    choices.flat_map(|choice| {
        MESSAGES
            .into_iter()
            .filter_map(move |name| choice.get(name))
    })
}

fn calls(message: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let calls = message.get("tool_calls").and_then(Node::as_array);
    calls.into_iter().flat_map(Array::iter)
}

fn has_parsed_arguments(call: Node<'_>) -> bool {
    let arguments = call.get("function").and_then(|it| it.get("arguments"));
    matches!(arguments, Some(Node::Object(_) | Node::Array(_)))
}

/// The texts of all arguments that are objects or arrays. Values that serde_json rejects but our
/// parser accepts, such as NaN, have none.
fn raw(source: &str) -> Option<Vec<(CallPosition, String)>> {
    let mut found = Vec::new();
    let root = members(source)?;
    let choices = elements(root.get("choices")?.get())?;
    for (choice, members_of_choice) in choices.iter().enumerate() {
        let members_of_choice = members(members_of_choice.get())?;
        for name in MESSAGES {
            let message = members_of_choice.get(name).and_then(|it| members(it.get()));
            let calls = message
                .as_ref()
                .and_then(|it| elements(it.get("tool_calls")?.get()));
            for (call, fields) in calls.into_iter().flatten().enumerate() {
                let fields = members(fields.get());
                let function = fields
                    .as_ref()
                    .and_then(|it| members(it.get("function")?.get()));
                let arguments = function.as_ref().and_then(|it| it.get("arguments"));
                let arguments = arguments
                    .map(|it| it.get())
                    .filter(|it| it.starts_with(['{', '[']));
                found.extend(arguments.map(|it| ((choice, name, call), it.to_owned())));
            }
        }
    }
    Some(found)
}

fn members(text: &str) -> Option<HashMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(text).ok()
}

fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn function_at<'a>(
    whole: &'a mut Value,
    (choice, message, call): &CallPosition,
) -> Option<&'a mut Fields> {
    let choice = whole.member("choices")?.element(*choice)?;
    let call = choice
        .member(message)?
        .member("tool_calls")?
        .element(*call)?;
    match call.member("function")? {
        Value::Object(function) => Some(function),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_their_original_text() {
        let call =
            r#"{"id":"a","function":{"name":"f","arguments":{"x": 123456789012345678, "y":[]}}}"#;
        for member in MESSAGES {
            let answer =
                format!(r#"{{"choices":[{{}},{{"{member}":{{"tool_calls":[{call}]}}}}],"n":1}}"#);
            let document = Document::parse(answer.clone()).expect("it is JSON");
            let texts = as_texts(&document).expect("they are no texts");
            let expected = answer.replace(
                r#"{"x": 123456789012345678, "y":[]}"#,
                r#""{\"x\": 123456789012345678, \"y\":[]}""#,
            );
            assert_eq!(texts.source(), expected);
            assert!(as_texts(&texts).is_none());
        }
    }

    #[test]
    fn text_arguments_are_unchanged() {
        for arguments in ["null", "\"\"", "\"{}\"", "1"] {
            let answer = format!(
                r#"{{"choices":[{{"message":{{"tool_calls":[{{"function":{{"arguments":{arguments}}}}}]}}}}]}}"#
            );
            let document = Document::parse(answer).expect("it is JSON");
            assert!(as_texts(&document).is_none(), "{arguments}");
        }
    }
}
