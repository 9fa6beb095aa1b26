//! Vectors: arrays of numbers, or base64 of 32-bit floats, the lowest byte first.

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::Engine;

use crate::json::{Node, Numbers};

const BYTES_OF_NUMBER: usize = size_of::<f32>();

/// Some servers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The numbers of vectors, one after the other, in half the memory where all came as base64.
#[derive(Debug)]
pub(super) enum Values {
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
}

impl Values {
    pub fn len(&self) -> usize {
        match self {
            Values::Floats(values) => values.len(),
            Values::Doubles(values) => values.len(),
        }
    }

    /// Makes room for that many more.
    pub fn reserve(&mut self, more: usize) {
        match self {
            Values::Floats(values) => values.reserve_exact(more),
            Values::Doubles(values) => values.reserve_exact(more),
        }
    }

    /// The same numbers as doubles, to which others can be added.
    fn doubles(&mut self) -> &mut Vec<f64> {
        if let Values::Floats(values) = self {
            *self = Values::Doubles(values.iter().map(|value| f64::from(*value)).collect());
        }
        match self {
            Values::Doubles(values) => values,
            Values::Floats(_) => unreachable!("they are doubles now"),
        }
    }
}

/// Puts the numbers of vectors together.
#[derive(Debug)]
pub(super) struct Decoder {
    pub values: Values,
    bytes: Vec<u8>,
}

impl Decoder {
    pub fn new() -> Self {
        Decoder {
            values: Values::Floats(Vec::new()),
            bytes: Vec::new(),
        }
    }

    /// Appends the numbers of `vector`, or tells why it has none.
    pub fn append(&mut self, vector: Node<'_>) -> Result<(), String> {
        match vector {
            Node::String(text) => self.append_base64(text),
            Node::Array(array) => {
                let values = self.values.doubles();
                match array.numbers() {
                    Some(Numbers::Doubles(numbers)) => values.extend_from_slice(numbers),
                    Some(Numbers::Integers(numbers)) => {
                        values.extend(numbers.iter().map(|number| *number as f64));
                    }
                    None => {
                        for (place, element) in array.iter().enumerate() {
                            let number = element.as_f64();
                            values.push(number.ok_or_else(|| format!("[{place}] is no number"))?);
                        }
                    }
                }
                Ok(())
            }
            _ => Err(" is neither an array of numbers nor base64".to_owned()),
        }
    }

    fn append_base64(&mut self, text: &str) -> Result<(), String> {
        self.bytes.clear();
        BASE64
            .decode_vec(text, &mut self.bytes)
            .map_err(|error| format!(" is no base64: {error}"))?;
        let numbers = self.bytes.chunks_exact(BYTES_OF_NUMBER);
        if !numbers.remainder().is_empty() {
            return Err(format!(
                " has {} bytes, which are no whole number of 32-bit floats",
                self.bytes.len()
            ));
        }
        let numbers = numbers.map(|bytes| {
            let mut number = [0; BYTES_OF_NUMBER];
            number.copy_from_slice(bytes);
            f32::from_le_bytes(number)
        });
        match &mut self.values {
            Values::Floats(values) => values.extend(numbers),
            Values::Doubles(values) => values.extend(numbers.map(f64::from)),
        }
        Ok(())
    }
}
