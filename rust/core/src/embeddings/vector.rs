//! Vectors, given as arrays of numbers or as base64 of little-endian 32-bit floats.

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::Engine;

use super::shares::in_shares;
use crate::json::{Array, Node, Numbers};

const BYTES_OF_NUMBER: usize = size_of::<f32>();

/// Some servers omit the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A vector in an answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Vector<'a> {
    Base64(&'a str),
    Array(Array<'a>),
}

/// The numbers of the concatenated vectors. If all were base64, 32-bit floats take half the memory.
#[derive(Debug)]
pub(super) enum Values {
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
}

impl<'a> Vector<'a> {
    /// Reads the vector in `node`, or returns why it is not one.
    pub fn of(node: Node<'a>) -> Result<Self, String> {
        match node {
            Node::String(text) => Ok(Vector::Base64(text)),
            Node::Array(array) => Ok(Vector::Array(array)),
            _ => Err(" is neither an array of numbers nor base64".to_owned()),
        }
    }

    /// The number of elements.
    pub fn len(self) -> Result<usize, String> {
        let text = match self {
            Vector::Base64(text) => text.trim_end_matches('='),
            Vector::Array(array) => return Ok(array.len()),
        };
        // Four characters encode three bytes.
        let bytes = text.len() / 4 * 3 + text.len() % 4 * 3 / 4;
        if bytes % BYTES_OF_NUMBER != 0 {
            // Report invalid base64 rather than a wrong length.
            bytes_of(text)?;
            return Err(format!(
                " has {bytes} bytes, which is not a whole number of 32-bit floats"
            ));
        }
        Ok(bytes / BYTES_OF_NUMBER)
    }
}

impl Values {
    /// Decodes `vectors`, each of length `width`. An error contains the index of the first vector
    /// that cannot be decoded.
    pub fn decode(vectors: &[Vector<'_>], width: usize) -> Result<Self, (usize, String)> {
        let texts = vectors.iter().map(|vector| match vector {
            Vector::Base64(text) => Some(*text),
            Vector::Array(_) => None,
        });
        match texts.collect::<Option<Vec<&str>>>() {
            Some(texts) => decode(&texts, width, decode_base64).map(Values::Floats),
            None => decode(vectors, width, |vector, numbers| match vector {
                Vector::Base64(text) => decode_base64(text, numbers),
                Vector::Array(array) => copy_array(array, numbers),
            })
            .map(Values::Doubles),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Values::Floats(values) => values.len(),
            Values::Doubles(values) => values.len(),
        }
    }
}

/// Decodes the `width` numbers of each vector with `read`.
fn decode<V: Copy + Sync, T: Default + Clone + Send>(
    vectors: &[V],
    width: usize,
    read: impl Fn(V, &mut [T]) -> Result<(), String> + Sync,
) -> Result<Vec<T>, (usize, String)> {
    let mut values = vec![T::default(); vectors.len() * width];
    let read_share = |first: usize, values: &mut [T]| {
        let rows = values.chunks_exact_mut(width).zip(&vectors[first..]);
        for (index, (numbers, vector)) in rows.enumerate() {
            read(*vector, numbers).map_err(|why| (first + index, why))?;
        }
        Ok(())
    };
    let shares: Result<(), _> = in_shares(&mut values, width, read_share)
        .into_iter()
        .collect();
    shares.map(|()| values)
}

fn bytes_of(text: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(text)
        .map_err(|error| format!(" is not valid base64: {error}"))
}

fn decode_base64<T: From<f32>>(text: &str, numbers: &mut [T]) -> Result<(), String> {
    let bytes = bytes_of(text)?;
    for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(BYTES_OF_NUMBER)) {
        let mut float = [0; BYTES_OF_NUMBER];
        float.copy_from_slice(bytes);
        *number = f32::from_le_bytes(float).into();
    }
    Ok(())
}

fn copy_array(array: Array<'_>, numbers: &mut [f64]) -> Result<(), String> {
    match array.numbers() {
        Some(Numbers::Doubles(doubles)) => numbers.copy_from_slice(doubles),
        Some(Numbers::Integers(integers)) => {
            for (number, integer) in numbers.iter_mut().zip(integers) {
                *number = *integer as f64;
            }
        }
        None => {
            for (index, (number, element)) in numbers.iter_mut().zip(array.iter()).enumerate() {
                let value = element.as_f64();
                *number = value.ok_or_else(|| format!("[{index}] is not a number"))?;
            }
        }
    }
    Ok(())
}
