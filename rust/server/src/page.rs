//! Pages of lists.

use serde_json::{json, Value};

use crate::api_error::ApiError;
use crate::parameters::Parameters;

/// The number of elements of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSize {
    pub(crate) default: u64,
    pub(crate) most: u64,
}

/// The usual page size.
pub(crate) const PAGE: PageSize = PageSize {
    default: 20,
    most: 100,
};

/// The page selected by `after`, `before`, `limit` and `order` in a query. The elements must have
/// an `id` and be sorted oldest first.
pub(crate) fn page(
    query: &Parameters,
    elements: Vec<Value>,
    size: PageSize,
) -> Result<Value, ApiError> {
    ordered_page(query, elements, size, "desc")
}

/// Like [`page`], with a default order.
pub(crate) fn ordered_page(
    query: &Parameters,
    mut elements: Vec<Value>,
    size: PageSize,
    default_order: &str,
) -> Result<Value, ApiError> {
    let limit = query.integer("limit", 1..=size.most)?;
    // The limits fit into `usize`.
    let limit = limit.unwrap_or(size.default) as usize;
    let other = if default_order == "asc" {
        "desc"
    } else {
        "asc"
    };
    let is_descending = query.choice("order", &[default_order, other])? == "desc";
    if is_descending {
        elements.reverse();
    }
    if let Some(after) = query.string("after")? {
        let rest = match index_of(&elements, after, "after") {
            Ok(index) => index + 1,
            Err(refused) => beyond(&elements, after, is_descending).ok_or(refused)?,
        };
        elements.drain(..rest);
    }
    if let Some(before) = query.string("before")? {
        elements.truncate(index_of(&elements, before, "before")?);
    }
    let has_more = elements.len() > limit;
    elements.truncate(limit);
    Ok(list(elements, has_more))
}

/// A list response.
pub(crate) fn list(elements: Vec<Value>, has_more: bool) -> Value {
    let id = |element: Option<&Value>| element.map_or(json!(""), |element| element["id"].clone());
    json!({
        "object": "list",
        "data": elements,
        "first_id": id(elements.first()),
        "last_id": id(elements.last()),
        "has_more": has_more,
    })
}

fn index_of(elements: &[Value], id: &str, param: &str) -> Result<usize, ApiError> {
    let found = elements.iter().position(|element| element["id"] == id);
    found.ok_or_else(|| {
        ApiError::new(
            400,
            format!("Invalid '{param}': no object '{id}' is in this list."),
        )
        .param(param)
        .code("invalid_value")
    })
}

/// Where the elements after a deleted one start, because a client may delete objects while it reads
/// pages. This is determined by the numbers in the ids, if these are otherwise equal.
fn beyond(elements: &[Value], deleted: &str, is_descending: bool) -> Option<usize> {
    let (prefix, deleted) = numbered(deleted)?;
    let ids = elements.iter().map(|element| {
        let (other, number) = numbered(element["id"].as_str()?)?;
        (other == prefix).then_some(number)
    });
    let numbers: Vec<u64> = ids.collect::<Option<_>>()?;
    let is_before = |number: &u64| match is_descending {
        true => *number > deleted,
        false => *number < deleted,
    };
    Some(
        numbers
            .iter()
            .take_while(|number| is_before(number))
            .count(),
    )
}

/// Splits `file-12` into `file-` and 12.
fn numbered(id: &str) -> Option<(&str, u64)> {
    let prefix = id.trim_end_matches(|letter: char| letter.is_ascii_digit());
    Some((prefix, id[prefix.len()..].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> (Vec<String>, Value) {
        let elements = ["a", "b", "c", "d"].map(|id| json!({ "id": id })).to_vec();
        let page = page(&Parameters::of_query(query), elements, PAGE)
            .unwrap_or_else(|_| panic!("a page of {query}"));
        let ids = page["data"].as_array().expect("an array").iter();
        let ids = ids.map(|element| element["id"].as_str().expect("an id").to_owned());
        (ids.collect(), page["has_more"].clone())
    }

    #[test]
    fn a_page_begins_after_an_element_and_has_a_limit() {
        let cases = [
            ("/x", vec!["d", "c", "b", "a"], false),
            ("/x?limit=2", vec!["d", "c"], true),
            ("/x?limit=2&after=c", vec!["b", "a"], false),
            ("/x?order=asc&after=a&limit=1", vec!["b"], true),
            ("/x?order=asc&before=c", vec!["a", "b"], false),
            ("/x?after=a", vec![], false),
        ];
        for (query, expected, has_more) in cases {
            let (found, more) = ids(query);
            assert_eq!(
                (found, more),
                (
                    expected.iter().map(ToString::to_string).collect(),
                    json!(has_more)
                ),
                "{query}"
            );
        }
    }

    #[test]
    fn invalid_page_parameters_are_rejected() {
        for query in ["/x?limit=0", "/x?limit=101", "/x?after=e", "/x?order=up"] {
            assert!(
                page(&Parameters::of_query(query), Vec::new(), PAGE).is_err(),
                "{query}"
            );
        }
    }
}
