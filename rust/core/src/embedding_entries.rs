//! The vectors in a response, in the formats of various servers.

use crate::json::{Array, Document, Fields, Node, Value};

/// A vector and its index.
pub(crate) struct Entry<'a> {
    pub index: usize,
    pub vector: Node<'a>,
}

/// The vectors of a response: those in `data` or `embeddings`, or the response itself if it is an
/// array. Without an `index` they are in the order of the inputs.
///
/// # Errors
/// Returns what is wrong with them.
pub(crate) fn entries(root: Node<'_>) -> Result<Vec<Entry<'_>>, String> {
    let list = [root.get("data"), root.get("embeddings"), Some(root)];
    let list = list.into_iter().flatten().find_map(Node::as_array);
    let list = list.ok_or("it has no array `data`")?;
    let in_order = list.iter().all(|entry| label(entry).is_none());
    let mut entries = Vec::with_capacity(list.len());
    for (position, entry) in list.iter().enumerate() {
        let index = match label(entry) {
            None if in_order => position,
            None => return Err(format!("`data[{position}]` has no `index`")),
            Some(label) => index(label).ok_or_else(|| {
                let shown = Value::from(label).to_text();
                format!("`data[{position}]` has the index {shown}")
            })?,
        };
        let vector = match entry {
            Node::Object(entry) => entry.get("embedding"),
            Node::Array(_) => Some(entry),
            _ => None,
        };
        let vector = vector.ok_or_else(|| format!("`data[{position}]` has no `embedding`"))?;
        entries.push(Entry {
            index,
            vector: flat(vector),
        });
    }
    Ok(entries)
}

/// Converts a response to the format of the API; `None` if it already has this format.
///
/// # Errors
/// Returns what is wrong with it.
pub(crate) fn in_shape_of_api(document: &Document) -> Result<Option<Document>, String> {
    let root = document.root();
    let data = root.get("data").and_then(Node::as_array);
    if data.is_some_and(|data| data.iter().all(is_plain)) {
        return Ok(None);
    }
    let entries = entries(root)?;
    let wrong = entries.iter().find(|entry| !is_vector(entry.vector));
    if let Some(Entry { index, vector }) = wrong {
        let elements = vector.as_array().into_iter().flat_map(Array::iter);
        let position = elements.map(Node::as_f64).position(|it| it.is_none());
        let what = position.map_or_else(
            || " is neither an array of numbers nor base64".to_owned(),
            |position| format!("[{position}] is not a number"),
        );
        return Err(format!("the embedding with index {index}{what}"));
    }
    let data = entries.into_iter().map(|entry| {
        let mut fields = Fields::default();
        fields.set("object", Value::String("embedding".to_owned()));
        fields.set("index", Value::Integer(entry.index as i64));
        fields.set("embedding", Value::from(entry.vector));
        Value::Object(fields)
    });
    let mut answer = Fields::default();
    answer.set("object", Value::String("list".to_owned()));
    answer.set("data", Value::Array(data.collect()));
    for (name, value) in root.as_object().into_iter().flatten() {
        if !matches!(name, "object" | "data" | "embeddings") {
            answer.set(name, Value::from(value));
        }
    }
    let document = Document::parse(Value::Object(answer).to_text());
    document.map(Some).map_err(|error| error.to_string())
}

/// Whether an entry has the format of the API.
fn is_plain(entry: Node<'_>) -> bool {
    entry.get("embedding").is_some_and(is_vector)
        && entry.get("index").and_then(Node::as_i64).is_some()
}

fn is_vector(node: Node<'_>) -> bool {
    match node {
        Node::String(text) => !text.is_empty(),
        Node::Array(vector) if vector.numbers().is_some() => true,
        Node::Array(vector) => {
            !vector.is_empty() && vector.iter().all(|number| number.as_f64().is_some())
        }
        _ => false,
    }
}

fn label(entry: Node<'_>) -> Option<Node<'_>> {
    entry.get("index").filter(|index| !index.is_null())
}

/// The index as an integer, in any notation.
fn index(label: Node<'_>) -> Option<usize> {
    let number = match label {
        Node::Integer(number) => number as f64,
        Node::Double(number) => number,
        Node::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let is_index = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    is_index.then_some(number as usize)
}

/// Unwraps a vector that is the only element of an array.
fn flat(vector: Node<'_>) -> Node<'_> {
    let only = |array: Array<'_>| array.len() == 1 && array.numbers().is_none();
    match vector {
        Node::Array(array) if only(array) => match array.iter().next() {
            Some(inner @ Node::Array(_)) => inner,
            _ => vector,
        },
        _ => vector,
    }
}
