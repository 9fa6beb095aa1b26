//! The answer to one request.

use super::vector::{Values, Vector};
use crate::embedding_entries::{entries, Entry};
use crate::error::Error;
use crate::json::{Document, Node, Value};

/// The content of one answer, with its vectors in the order of the inputs.
#[derive(Debug)]
pub(crate) struct PartAnswer {
    values: Values,
    width: usize,
    model: Option<String>,
    usage: Value,
    has_replacements: bool,
}

impl PartAnswer {
    /// Parses `{"data": [{"index", "embedding"}], "model", "usage"}`, or returns what is wrong with
    /// it. The indexes determine the order of the vectors.
    pub fn read(document: &Document, inputs: usize) -> Result<Self, String> {
        let root = document.root();
        let mut vectors = Vec::with_capacity(inputs);
        let mut width = 0;
        for (index, node) in by_index(root, inputs)?.into_iter().enumerate() {
            let vector = Vector::of(node).map_err(|why| unreadable(index, &why))?;
            let len = vector.len().map_err(|why| unreadable(index, &why))?;
            if index == 0 {
                width = len;
            }
            if len != width {
                return Err(format!(
                    "the embedding with index {index} has {len} numbers, but the one with index 0 \
                     has {width}"
                ));
            }
            vectors.push(vector);
        }
        if width == 0 {
            return Err("its embeddings are empty".to_owned());
        }
        let values =
            Values::decode(&vectors, width).map_err(|(index, why)| unreadable(index, &why))?;
        Ok(PartAnswer {
            values,
            width,
            model: root.get("model").and_then(Node::as_str).map(str::to_owned),
            usage: root.get("usage").map_or(Value::Null, Value::from),
            has_replacements: document.has_replacements(),
        })
    }

    /// The concatenated vectors.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The concatenated vectors as little-endian 32-bit floats.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.values {
            Values::Floats(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
            Values::Doubles(values) => {
                let floats = values.iter().map(|it| *it as f32);
                floats.flat_map(f32::to_le_bytes).collect()
            }
        }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub fn usage(&self) -> &Value {
        &self.usage
    }

    pub fn has_replacements(&self) -> bool {
        self.has_replacements
    }

    /// Checks that the vectors have the same length as those of the other requests.
    pub fn check_width(&self, expected: usize) -> Result<(), Error> {
        if self.width == expected {
            return Ok(());
        }
        Err(Error::response(format!(
            "The embeddings of one response have {} numbers, but those of another have {expected}.",
            self.width
        )))
    }
}

fn unreadable(index: usize, why: &str) -> String {
    format!("the embedding with index {index}{why}")
}

/// The vectors in the order of their indexes.
fn by_index(root: Node<'_>, inputs: usize) -> Result<Vec<Node<'_>>, String> {
    let mut vectors = vec![None; inputs];
    let entries = entries(root)?;
    let found = entries.len();
    for (position, Entry { index, vector }) in entries.into_iter().enumerate() {
        let slot = vectors.get_mut(index).ok_or_else(|| {
            format!("`data[{position}]` has the index {index}, but there are {inputs} inputs")
        })?;
        if slot.replace(vector).is_some() {
            return Err(format!("`data` has the index {index} twice"));
        }
    }
    vectors
        .into_iter()
        .enumerate()
        .map(|(index, vector)| {
            vector.ok_or_else(|| {
                format!(
                    "`data` has {found} embeddings for {inputs} inputs, but none with index {index}"
                )
            })
        })
        .collect()
}
