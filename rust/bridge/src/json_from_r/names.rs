//! The names of a list or of columns, as the keys of an object.

use extendr_ffi::SEXP;

use super::refusal::Refusal;
use crate::sexp::read;
use crate::unique_names::make_unique;

/// Replaces missing names by their positions, and adds numbers to repeated names.
pub(super) fn keys(strings: &[SEXP]) -> Result<Vec<String>, Refusal> {
    let mut keys = Vec::with_capacity(strings.len());
    for (index, string) in strings.iter().enumerate() {
        let name = read::text(*string).map_err(|_| bad_name(index))?;
        let name = name
            .filter(|name| !name.is_empty())
            .map(|name| name.into_owned());
        keys.push(name.unwrap_or_else(|| (index + 1).to_string()));
    }
    let renamed = make_unique(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    for (key, name) in keys.iter_mut().zip(renamed) {
        if let Some(name) = name {
            *key = name;
        }
    }
    Ok(keys)
}

fn bad_name(index: usize) -> Refusal {
    Refusal::new("its name is not valid UTF-8").in_element(index)
}
