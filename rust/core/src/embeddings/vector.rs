//! One vector: an array of numbers, or base64 of 32-bit floats, the lowest byte first.

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

/// Appends the numbers of vectors to others.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
}

impl Decoder {
    /// Appends the numbers of `vector`, or tells why it has none.
    pub fn append(&mut self, vector: Node<'_>, values: &mut Vec<f64>) -> Result<(), String> {
        match vector {
            Node::String(text) => self.append_base64(text, values),
            Node::Array(array) => match array.numbers() {
                Some(Numbers::Doubles(numbers)) => {
                    values.extend_from_slice(numbers);
                    Ok(())
                }
                Some(Numbers::Integers(numbers)) => {
                    values.extend(numbers.iter().map(|number| *number as f64));
                    Ok(())
                }
                None => array.iter().enumerate().try_for_each(|(place, element)| {
                    let number = element
                        .as_f64()
                        .ok_or_else(|| format!("[{place}] is no number"))?;
                    values.push(number);
                    Ok(())
                }),
            },
            _ => Err(" is neither an array of numbers nor base64".to_owned()),
        }
    }

    fn append_base64(&mut self, text: &str, values: &mut Vec<f64>) -> Result<(), String> {
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
        values.extend(numbers.map(|bytes| {
            let mut number = [0; BYTES_OF_NUMBER];
            number.copy_from_slice(bytes);
            f64::from(f32::from_le_bytes(number))
        }));
        Ok(())
    }
}
