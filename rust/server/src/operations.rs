//! The operations of the API, from the table that the whole package is made from.

use std::sync::LazyLock;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its name in openai-python, such as `responses.input_items.list`.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path below the base URL, with arguments in braces: `/files/{file_id}/content`.
    pub(crate) path: &'static str,
    /// The fields that a request must have, in its body or else in its query.
    pub(crate) required: Vec<&'static str>,
    /// `json`, `form` (after a colon its files) or nothing.
    pub(crate) body: &'static str,
    /// What is answered: `json`, `text`, `bytes`, `nothing`, and after a slash the stream.
    pub(crate) answer: &'static str,
    /// What leads from one page to the next, where the answer is a page.
    pub(crate) pages: &'static str,
    /// The day from which it no longer works, as `2026-08-26`; empty where there is none.
    pub(crate) shut: &'static str,
}

/// All operations. The variants whose path has a query are left out: they share the path of another
/// operation and are answered as that one.
pub(crate) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut lines = include_str!("../../../inst/operations.tsv").lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines
        .map(|line| operation(&names, line))
        .filter(|operation| !operation.path.contains('?'))
        .collect()
});

fn operation(names: &[&str], line: &'static str) -> Operation {
    let cell = |name: &str| {
        let place = names.iter().position(|known| *known == name);
        let cell = place.and_then(|place| line.split('\t').nth(place));
        cell.unwrap_or_default()
    };
    let required = cell("required").split(',');
    Operation {
        name: cell("name"),
        method: cell("method"),
        path: cell("path"),
        required: required.filter(|field| !field.is_empty()).collect(),
        body: cell("body"),
        answer: cell("answer"),
        pages: cell("pages"),
        shut: cell("shut"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = include_str!("../../../inst/operations.tsv");
        let lines = table.lines().skip(1);
        let count = lines
            .filter(|line| !line.split('\t').nth(2).unwrap_or_default().contains('?'))
            .count();
        assert_eq!(OPERATIONS.len(), count);
        let create = OPERATIONS
            .iter()
            .find(|operation| operation.name == "uploads.create")
            .expect("an operation");
        assert_eq!((create.method, create.path), ("POST", "/uploads"));
        assert_eq!((create.body, create.answer), ("json", "json"));
        assert_eq!(
            create.required,
            ["bytes", "filename", "mime_type", "purpose"]
        );
    }
}
