//! The categories for which a content filter of Azure rejected a prompt
//! (<https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter>).

use crate::json::{Array, Node};

/// The members of an error in which they are reported.
const MEMBERS: [&str; 3] = ["innererror", "content_filters", "content_filter_results"];

/// How deep they are searched.
const MAX_NESTING: usize = 4;

/// The names of the categories, separated by commas.
pub(super) fn filtered(error: Node<'_>) -> Option<String> {
    let mut names = Vec::new();
    for member in MEMBERS {
        if let Some(member) = error.get(member) {
            collect(member, MAX_NESTING, &mut names);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn collect(node: Node<'_>, nested: usize, names: &mut Vec<String>) {
    if nested == 0 {
        return;
    }
    for element in node.as_array().into_iter().flat_map(Array::iter) {
        collect(element, nested - 1, names);
    }
    for (name, value) in node.as_object().into_iter().flat_map(|it| it.iter()) {
        if matches!(value.get("filtered"), Some(Node::Bool(true))) {
            names.push(name.to_owned());
        } else {
            collect(value, nested - 1, names);
        }
    }
}
