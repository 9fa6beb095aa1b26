//! Functions that the model may call, and when it does.

use serde_json::Value;

use super::schema_value::schema_value;
use crate::scripted::ToolCall;

/// The minimum length of the part of a function name by which a question may refer to it: `weather`
/// in `get_weather`, but not `get`.
const MIN_PART_LENGTH: usize = 4;

/// A function.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The JSON Schema of its arguments.
    pub(crate) parameters: Value,
}

/// Whether to call functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// Call those that the question names.
    #[default]
    Auto,
    None,
    /// Call at least one.
    Required,
    /// Call this one.
    Named(String),
}

impl ToolChoice {
    /// Parses the parameter `tool_choice`. Chats nest the function name in an object; responses do
    /// not.
    pub(crate) fn parse(value: Option<&Value>) -> ToolChoice {
        match value {
            Some(Value::String(text)) if text == "none" => ToolChoice::None,
            Some(Value::String(text)) if text == "required" => ToolChoice::Required,
            Some(Value::Object(choice)) => {
                let function = choice.get("function");
                let name = function.and_then(|function| function.get("name"));
                let name = name.or(choice.get("name")).and_then(Value::as_str);
                name.map_or(ToolChoice::Auto, |name| ToolChoice::Named(name.to_owned()))
            }
            _ => ToolChoice::Auto,
        }
    }
}

/// The calls for a question, with arguments that match the schemas.
pub(super) fn calls(functions: &[Function], choice: &ToolChoice, question: &str) -> Vec<ToolCall> {
    let named: Vec<&Function> = functions
        .iter()
        .filter(|function| match choice {
            ToolChoice::None => false,
            ToolChoice::Named(name) => *name == function.name,
            ToolChoice::Auto | ToolChoice::Required => names(question, &function.name),
        })
        .collect();
    let called = if named.is_empty() && *choice == ToolChoice::Required {
        functions.first().into_iter().collect()
    } else {
        named
    };
    let call = |function: &&Function| ToolCall {
        name: function.name.clone(),
        arguments: match schema_value(&function.parameters) {
            Value::Object(arguments) => Value::Object(arguments).to_string(),
            // A function without parameters.
            _ => "{}".to_owned(),
        },
    };
    called.iter().map(call).collect()
}

/// Whether a question names a tool, by its full name or a part of it.
pub(crate) fn names(question: &str, tool: &str) -> bool {
    let question = question.to_lowercase();
    let tool = tool.to_lowercase();
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let mut words = question.split(|letter| !is_of_name(letter));
    words.any(|word| {
        let mut parts = tool.split(['_', '-']);
        word == tool || parts.any(|part| part == word && part.len() >= MIN_PART_LENGTH)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_selects_a_function_by_part_of_its_name() {
        for (question, function, expected) in [
            ("What is the weather in Paris?", "get_weather", true),
            ("get me a coffee", "get_weather", false),
            ("Please add 1 and 2", "add", true),
            ("Call get_weather", "get_weather", true),
            ("Leather?", "weather", false),
        ] {
            assert_eq!(names(question, function), expected, "{question} {function}");
        }
    }

    #[test]
    fn tool_choice_is_respected() {
        let functions = ["add", "weather"].map(|name| Function {
            name: name.to_owned(),
            parameters: serde_json::json!({ "type": "object", "properties": {} }),
        });
        let called = |choice, question| -> Vec<String> {
            let calls = calls(&functions, &choice, question);
            calls.into_iter().map(|call| call.name).collect()
        };
        assert_eq!(called(ToolChoice::Auto, "The weather?"), ["weather"]);
        assert!(called(ToolChoice::Auto, "Hello").is_empty());
        assert!(called(ToolChoice::None, "The weather?").is_empty());
        assert_eq!(called(ToolChoice::Required, "Hello"), ["add"]);
        assert_eq!(called(ToolChoice::Required, "The weather?"), ["weather"]);
        let named = ToolChoice::Named("add".to_owned());
        assert_eq!(called(named, "The weather?"), ["add"]);
    }
}
