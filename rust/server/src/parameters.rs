//! The parameters of a request, validated as OpenAI does.

use std::ops::RangeInclusive;

use serde_json::{json, Map, Value};

use crate::api_error::ApiError;
use crate::form::{self, FormFile};
use crate::request::Request;
use crate::router::unescape;

/// The maximum number of brackets in a name in a form or a query; names with more are used
/// unchanged.
const MAX_NAME_DEPTH: usize = 8;
/// The maximum number of metadata entries in OpenAI's reference.
const METADATA_LIMIT: usize = 16;

/// The parameters in the body or the query of a request.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    values: Map<String, Value>,
    files: Vec<(String, FormFile)>,
    /// Whether numbers and flags are given as text, as in a form or a query.
    is_text: bool,
}

impl Parameters {
    /// Parses the body as a form if the content type says so, otherwise as JSON.
    pub(crate) fn of_body(request: &Request) -> Result<Parameters, ApiError> {
        let body = &request.body;
        if body.length > body.kept.len() as u64 {
            return Err(ApiError::new(
                413,
                "The request body is too large for this practice server.",
            ));
        }
        let kind = request.head.header("content-type").unwrap_or_default();
        match form::boundary(kind) {
            Some(boundary) => Parameters::of_form(&body.kept, &boundary),
            None => Parameters::of_json(&body.kept),
        }
    }

    pub(crate) fn of_json(body: &[u8]) -> Result<Parameters, ApiError> {
        let values = serde_json::from_slice(body).map_err(|_| {
            ApiError::new(
                400,
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't \
                 using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was \
                 sent was not valid JSON.)",
            )
        })?;
        Ok(Parameters::of_object(values))
    }

    /// The parameters in an object.
    pub(crate) fn of_object(values: Map<String, Value>) -> Parameters {
        Parameters {
            values,
            ..Parameters::default()
        }
    }

    fn of_form(body: &[u8], boundary: &str) -> Result<Parameters, ApiError> {
        let mut parameters = Parameters {
            is_text: true,
            ..Parameters::default()
        };
        for part in form::parts(body, boundary)? {
            match part.file {
                Some(file) => parameters.files.push((part.name, file)),
                None => insert(&mut parameters.values, &part.name, part.text),
            }
        }
        Ok(parameters)
    }

    /// Parses the query of a request target.
    pub(crate) fn of_query(target: &str) -> Parameters {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let mut values = Map::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| unescape(&text.replace('+', " "));
            insert(&mut values, &plain(name), plain(value));
        }
        Parameters {
            values,
            is_text: true,
            ..Parameters::default()
        }
    }

    /// Sets a parameter.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// Removes a parameter.
    pub(crate) fn leave_out(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// All parameters, as sent.
    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The files in a form with this name, or with this name followed by `[]`.
    pub(crate) fn files(&self, name: &str) -> Vec<&FormFile> {
        let named = self
            .files
            .iter()
            .filter(|(known, _)| known.strip_suffix("[]").unwrap_or(known) == name);
        named.map(|(_, file)| file).collect()
    }

    pub(crate) fn required_file(&self, name: &str) -> Result<&FormFile, ApiError> {
        let first = self.files(name).first().copied();
        first.ok_or_else(|| missing(name))
    }

    /// Fails if a parameter, which may be a file, is missing.
    pub(crate) fn require(&self, name: &str) -> Result<(), ApiError> {
        let is_given = self.get(name).is_some() || !self.files(name).is_empty();
        is_given.then_some(()).ok_or_else(|| missing(name))
    }

    /// A parameter that is present and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&Value, ApiError> {
        self.get(name).ok_or_else(|| missing(name))
    }

    pub(crate) fn required_string(&self, name: &str) -> Result<&str, ApiError> {
        let value = self.required(name)?;
        value
            .as_str()
            .ok_or_else(|| wrong_type(name, "a string", value))
    }

    /// An optional string.
    pub(crate) fn string(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(name, "a string", other)),
        }
    }

    /// One of several strings; the first is the default.
    pub(crate) fn choice(&self, name: &str, choices: &[&str]) -> Result<String, ApiError> {
        let given = self.string(name)?.unwrap_or(choices[0]);
        match choices.contains(&given) {
            true => Ok(given.to_owned()),
            false => Err(not_a_choice(name, given, choices)),
        }
    }

    /// A flag; false by default.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if self.is_text && text == "true" => Ok(true),
            Some(Value::String(text)) if self.is_text && text == "false" => Ok(false),
            Some(other) => Err(wrong_type(name, "a boolean", other)),
        }
    }

    /// An array of strings, or a single string.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, ApiError> {
        let refuse = |value| wrong_type(name, "an array of strings", value);
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text.clone()),
                    other => Err(refuse(other)),
                })
                .collect(),
            Some(other) => Err(refuse(other)),
        }
    }

    /// The metadata; an empty object by default.
    pub(crate) fn metadata(&self) -> Result<Value, ApiError> {
        let Some(value) = self.get("metadata") else {
            return Ok(json!({}));
        };
        let Value::Object(pairs) = value else {
            return Err(wrong_type("metadata", "an object", value));
        };
        if pairs.len() > METADATA_LIMIT {
            let message = format!(
                "Invalid 'metadata': too many properties. Expected an object with at most \
                 {METADATA_LIMIT} properties, but got an object with {} properties instead.",
                pairs.len()
            );
            return Err(ApiError::new(400, message)
                .param("metadata")
                .code("object_above_max_properties"));
        }
        match pairs.iter().find(|(_, value)| !value.is_string()) {
            Some((name, other)) => Err(wrong_type(&format!("metadata.{name}"), "a string", other)),
            None => Ok(value.clone()),
        }
    }

    /// An integer within a range.
    pub(crate) fn integer(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let written = value.as_str().filter(|_| self.is_text);
        let number = match written.map(str::parse::<f64>) {
            Some(parsed) => parsed.ok().filter(|number| number.fract() == 0.0),
            None => whole_number(value),
        };
        let Some(number) = number else {
            return Err(wrong_type(name, "an integer", value));
        };
        let outside = |what: &str, sign: &str, bound: u64, code: &'static str| {
            let message = format!(
                "Invalid '{name}': integer {what} value. Expected a value {sign} {bound}, but got \
                 {number} instead."
            );
            Err(ApiError::new(400, message).param(name).code(code))
        };
        if number < *range.start() as f64 {
            outside(
                "below minimum",
                ">=",
                *range.start(),
                "integer_below_min_value",
            )
        } else if number > *range.end() as f64 {
            outside(
                "above maximum",
                "<=",
                *range.end(),
                "integer_above_max_value",
            )
        } else {
            Ok(Some(number as u64))
        }
    }
}

/// Adds a field of a form or a query. `a[b]` is the member `b` of an object `a`, and `a[]` is
/// another element of an array `a`. A repeated plain name also creates an array.
fn insert(values: &mut Map<String, Value>, name: &str, text: String) {
    let is_shallow = name.matches('[').count() <= MAX_NAME_DEPTH;
    let (first, rest) = match name.split_once('[') {
        Some((first, rest)) if name.ends_with(']') && is_shallow => (first, rest),
        _ => {
            match values.get_mut(name) {
                Some(Value::Array(elements)) => elements.push(text.into()),
                Some(one) => *one = json!([one.take(), text]),
                None => {
                    values.insert(name.to_owned(), text.into());
                }
            }
            return;
        }
    };
    if rest == "]" {
        let array = values.entry(first).or_insert_with(|| json!([]));
        if let Value::Array(elements) = array {
            elements.push(text.into());
        }
        return;
    }
    let object = values.entry(first).or_insert_with(|| json!({}));
    if let Value::Object(members) = object {
        let (member, deeper) = rest.split_once(']').unwrap_or((rest, ""));
        insert(members, &format!("{member}{deeper}"), text);
    }
}

/// A number without a fraction, also in R's notation `1e+05`.
fn whole_number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.fract() == 0.0)
}

/// The error for a missing parameter.
pub(crate) fn missing(param: &str) -> ApiError {
    ApiError::new(400, format!("Missing required parameter: '{param}'."))
        .param(param)
        .code("missing_required_parameter")
}

/// The error for a parameter of the wrong type.
pub(crate) fn wrong_type(param: &str, expected: &str, found: &Value) -> ApiError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) if whole_number(found).is_some() => "an integer",
        Value::Number(_) => "a decimal number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message =
        format!("Invalid type for '{param}': expected {expected}, but got {found} instead.");
    ApiError::new(400, message)
        .param(param)
        .code("invalid_type")
}

/// The error for an unknown value.
pub(crate) fn not_a_choice(param: &str, found: &str, choices: &[&str]) -> ApiError {
    let known: Vec<String> = choices.iter().map(|known| format!("'{known}'")).collect();
    let message = format!(
        "Invalid value: '{found}'. Supported values are: {}.",
        known.join(", ")
    );
    ApiError::new(400, message)
        .param(param)
        .code("invalid_value")
}

/// The `type` of the object in `param`, which must be one of `choices`.
///
/// # Errors
/// Fails if it is not an object, or has no type or an unknown one.
pub(crate) fn type_among<'a>(
    given: &'a Value,
    param: &str,
    choices: &[&str],
) -> Result<&'a str, ApiError> {
    match given.get("type") {
        Some(Value::String(kind)) if choices.contains(&kind.as_str()) => Ok(kind),
        Some(Value::String(kind)) => Err(not_a_choice(param, kind, choices)),
        _ if given.is_object() => Err(missing(&format!("{param}.type"))),
        _ => Err(wrong_type(param, "an object", given)),
    }
}

/// The error for an empty array.
pub(crate) fn empty_array(param: &str) -> ApiError {
    let message = format!(
        "Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty \
         array instead."
    );
    ApiError::new(400, message).param(param).code("empty_array")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_are_objects_and_arrays() {
        let query = Parameters::of_query("/x?a[b]=1&a[c][]=2&a[c][]=3&d[]=x+y&e=%26&e=2&f=#g=1");
        assert_eq!(
            Value::Object(query.values),
            json!({ "a": { "b": "1", "c": ["2", "3"] }, "d": ["x y"], "e": ["&", "2"], "f": "" })
        );
    }

    #[test]
    fn a_name_with_too_many_brackets_is_used_unchanged() {
        let name = format!("a{}", "[b]".repeat(10_000));
        let query = Parameters::of_query(&format!("/x?{name}=1"));
        assert_eq!(query.get(&name), Some(&json!("1")));
    }

    #[test]
    fn query_numbers_and_flags_are_parsed_from_text() {
        let query = Parameters::of_query("/x?limit=5&stream=true&n=1.5");
        assert_eq!(query.integer("limit", 1..=9).ok().flatten(), Some(5));
        assert_eq!(query.flag("stream").ok(), Some(true));
        assert!(query.integer("n", 1..=9).is_err());
    }
}
