//! Small R values: text that R can store, and elements of lists by name.

use std::borrow::Cow;
use std::path::PathBuf;

use extendr_api::prelude::*;
use extendr_ffi::SEXPTYPE;
use openaistream_core::Error;

use crate::sexp::read::{self, kind};
use crate::sexp::Attribute;

/// Text that R can store: NUL is replaced by U+FFFD, because R's strings end with NUL.
pub fn r_text(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// The same as an R string, copied only once, because it may be long.
pub fn r_string(text: &str) -> Robj {
    match text.contains('\0') {
        true => r_text(text).into(),
        false => text.into(),
    }
}

/// The element `name` of a list; NULL if there is none.
pub fn element(list: &List, name: &str) -> Robj {
    list.iter()
        .find(|(known, _)| *known == name)
        .map_or_else(|| ().into(), |(_, value)| value)
}

/// The element `name` as a single string.
pub fn text(list: &List, name: &str) -> std::result::Result<String, Error> {
    one_text(&element(list, name))
        .ok_or_else(|| Error::argument(format!("`{name}` must be one string.")))
}

/// The strings of a character vector, with `None` for `NA`; `None` if it is not a character vector
/// or contains invalid text.
///
/// extendr's `&str` assumes that every string is UTF-8.
pub fn strings(value: &Robj) -> Option<Vec<Option<String>>> {
    // SAFETY: the `Robj` protects `value` during the call.
    let vector = unsafe { value.get() };
    if kind(vector) != SEXPTYPE::STRSXP {
        return None;
    }
    let strings = read::strings(vector).ok()?.iter();
    strings
        .map(|string| Some(read::text(*string).ok()?.map(Cow::into_owned)))
        .collect()
}

/// The elements of a character vector; `None` for NA and for invalid text.
pub fn valid_strings(value: &Robj) -> Vec<Option<String>> {
    // SAFETY: the `Robj` protects `value` during the call.
    let vector = unsafe { value.get() };
    if kind(vector) != SEXPTYPE::STRSXP {
        return Vec::new();
    }
    let strings = read::strings(vector).unwrap_or_default().iter();
    strings
        .map(|string| Some(read::text(*string).ok()??.into_owned()))
        .collect()
}

/// A single string.
pub fn one_text(value: &Robj) -> Option<String> {
    match <[Option<String>; 1]>::try_from(strings(value)?) {
        Ok([text]) => text,
        Err(_) => None,
    }
}

/// A path, in the encoding that R's own functions use.
#[cfg(unix)]
pub fn path(value: &Robj) -> Option<PathBuf> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    one_text(value)?;
    // SAFETY: the `Robj` protects `value`, which has one string.
    let string = *read::strings(unsafe { value.get() }).ok()?.first()?;
    let bytes = read::native_bytes(string).ok()?;
    Some(OsString::from_vec(bytes).into())
}

/// A path; Windows uses Unicode.
#[cfg(not(unix))]
pub fn path(value: &Robj) -> Option<PathBuf> {
    one_text(value).map(PathBuf::from)
}

/// The element `name` as a number, or `default` if there is none.
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

/// The names and values of the element `name`, a named character vector or NULL.
pub fn text_pairs(list: &List, name: &str) -> std::result::Result<Vec<(String, String)>, Error> {
    let value = element(list, name);
    if value.is_null() {
        return Ok(Vec::new());
    }
    strings(&value)
        .zip(names(&value))
        .and_then(|(values, names)| {
            let pairs = names.into_iter().zip(values);
            pairs.map(|(name, value)| Some((name, value?))).collect()
        })
        .ok_or_else(|| Error::argument(format!("`{name}` must be a named character vector.")))
}

/// The names of a vector.
pub fn names(value: &Robj) -> Option<Vec<String>> {
    // SAFETY: the `Robj` protects `value` during the call.
    let names = read::attribute_strings(unsafe { value.get() }, Attribute::Names).ok()??;
    let names = names.iter();
    names
        .map(|name| Some(read::text(*name).ok()??.into_owned()))
        .collect()
}

/// The names and values of a named numeric vector.
pub fn number_pairs(value: &Robj) -> Vec<(String, f64)> {
    let names = names(value).unwrap_or_default();
    let values = value.as_real_vector().unwrap_or_default();
    names.into_iter().zip(values).collect()
}
