//! The parameters in the JSON body of a request, checked as OpenAI checks them.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::api_error::ApiError;
use crate::request_body::RequestBody;

/// The parameters of a request.
#[derive(Debug)]
pub(crate) struct Parameters(Map<String, Value>);

impl Parameters {
    pub(crate) fn parse(body: &RequestBody) -> Result<Parameters, ApiError> {
        if body.length > body.kept.len() as u64 {
            return Err(ApiError::new(
                413,
                "The request body is too large for this practice server.",
            ));
        }
        serde_json::from_slice(&body.kept).map(Parameters).map_err(|_| {
            ApiError::new(
                400,
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't \
                 using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was \
                 sent was not valid JSON.)",
            )
        })
    }

    /// A parameter that is given and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
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

    /// A flag, false when it is not given.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        let as_flag = |value: &Value| {
            value
                .as_bool()
                .ok_or_else(|| wrong_type(name, "a boolean", value))
        };
        self.get(name).map_or(Ok(false), as_flag)
    }

    /// A whole number within a range.
    pub(crate) fn integer(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Some(number) = whole_number(value) else {
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

/// A number without a fraction, also when it is written as `1e+05`, as R does.
fn whole_number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.fract() == 0.0)
}

/// The error for a parameter that must be given.
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

/// The error for an array without elements.
pub(crate) fn empty_array(param: &str) -> ApiError {
    let message = format!(
        "Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty \
         array instead."
    );
    ApiError::new(400, message).param(param).code("empty_array")
}
