//! Skeletons that `tools/skeletons.py` generated from OpenAI's OpenAPI description.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Content, Skeleton};

/// For each operation its status, and JSON, the media type of a file, or nothing.
static LINES: LazyLock<HashMap<&str, (u16, &str)>> = LazyLock::new(|| {
    let lines = include_str!("answers.tsv").lines();
    lines.filter_map(cells).collect()
});

fn cells(line: &'static str) -> Option<(&'static str, (u16, &'static str))> {
    let mut cells = line.splitn(3, '\t');
    let name = cells.next()?;
    let status = cells.next()?.parse().ok()?;
    Some((name, (status, cells.next()?)))
}

/// The skeleton of an operation in the description.
pub(super) fn skeleton(name: &str) -> Option<Skeleton> {
    let (status, content) = *LINES.get(name)?;
    let content = match serde_json::from_str(content) {
        Ok(value) => Content::Json(value),
        Err(_) if content.is_empty() => Content::Nothing,
        Err(_) => Content::File(content),
    };
    Some(Skeleton {
        status,
        content,
        is_open: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;
    use crate::operations::OPERATIONS;
    use crate::router::{find, Route};

    #[test]
    fn every_line_belongs_to_an_operation() {
        let lines = include_str!("answers.tsv").lines();
        assert_eq!(LINES.len(), lines.count());
        for name in LINES.keys() {
            let known = OPERATIONS.iter().find(|operation| operation.name == *name);
            let operation = known.unwrap_or_else(|| panic!("{name} is not in the table"));
            assert!(api::handler(name).is_none(), "{name} has a module");
            // Only the first of several operations with the same path is ever found.
            let Route::Operation(found, _) = find(operation.method, operation.path) else {
                panic!("no route to {name}");
            };
            assert_eq!(found.name, *name);
        }
    }
}
