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
    /// `json`, `form` or nothing.
    pub(crate) body: &'static str,
    /// What is answered: `json`, `text`, `bytes`, `nothing`, and after a slash the stream.
    pub(crate) answer: &'static str,
    /// The way from one page to the next, where the answer is a page.
    pub(crate) pages: &'static str,
    /// The day from which it no longer works, as `2026-08-26`; empty where there is none.
    pub(crate) shut: &'static str,
}

/// All operations. The variants whose path has a query are left out: they share the path of another
/// operation and are answered as that one.
pub(crate) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let lines = include_str!("../../../inst/operations.tsv").lines().skip(1);
    lines
        .filter_map(operation)
        .filter(|operation| !operation.path.contains('?'))
        .collect()
});

fn operation(line: &'static str) -> Option<Operation> {
    let columns: Vec<&str> = line.split('\t').collect();
    match columns[..] {
        [name, method, path, required, body, answer, pages, _, shut, ..] => Some(Operation {
            name,
            method,
            path,
            required: required.split(',').filter(|it| !it.is_empty()).collect(),
            body,
            answer,
            pages,
            shut,
        }),
        _ => None,
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
        assert_eq!(
            create.required,
            ["bytes", "filename", "mime_type", "purpose"]
        );
    }
}
