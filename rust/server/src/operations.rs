//! The operations of the API, from the table of the package.

use std::sync::LazyLock;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its name in openai-python, such as `responses.input_items.list`.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path below the base URL, with arguments in braces: `/files/{file_id}/content`.
    pub(crate) path: &'static str,
    /// The required fields of a request, in its body or its query.
    pub(crate) required: Vec<&'static str>,
    /// `json`, `form` (followed by a colon and its files), or empty.
    pub(crate) body: &'static str,
    /// The type of the response: `json`, `text`, `bytes` or `nothing`, and after a slash the kind
    /// of stream.
    pub(crate) answer: &'static str,
    /// How a page refers to the next one, if the response is a page.
    pub(crate) pages: &'static str,
    /// The date on which it is shut down, such as `2026-08-26`, or empty.
    pub(crate) shut: &'static str,
}

/// All operations, without the variants whose path has a query: they share the path of another
/// operation, which responds to them.
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
        let column = names.iter().position(|known| *known == name);
        let cell = column.and_then(|column| line.split('\t').nth(column));
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
