//! Small R values: text that is safe to hand to R, and lists read by name.

use extendr_api::prelude::*;
use openaistream_core::Error;

/// Text as R can hold it: R's strings end at NUL, so that U+FFFD stands for it.
pub fn r_text(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// The element `name` of a list, NULL if there is none.
pub fn element(list: &List, name: &str) -> Robj {
    list.iter()
        .find(|(known, _)| *known == name)
        .map_or_else(|| ().into(), |(_, value)| value)
}

/// The element `name` as one string.
pub fn text(list: &List, name: &str) -> std::result::Result<String, Error> {
    element(list, name)
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::argument(format!("`{name}` must be one string.")))
}

/// The element `name` as one number, or `default` where there is none.
pub fn number(list: &List, name: &str, default: f64) -> std::result::Result<f64, Error> {
    let value = element(list, name);
    if value.is_null() {
        return Ok(default);
    }
    value
        .as_real()
        .or_else(|| value.as_integer().map(f64::from))
        .filter(|number| number.is_finite())
        .ok_or_else(|| Error::argument(format!("`{name}` must be one number.")))
}

/// The names and values of a named character vector.
pub fn text_pairs(value: &Robj) -> Vec<(String, String)> {
    let names = value.names().into_iter().flatten();
    let values = value.as_str_iter().into_iter().flatten();
    names
        .zip(values)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The names and values of a named numeric vector.
pub fn number_pairs(value: &Robj) -> Vec<(String, f64)> {
    let names = value.names().into_iter().flatten();
    let values = value.as_real_vector().unwrap_or_default();
    names.map(str::to_owned).zip(values).collect()
}
