//! Embeddings, as floats or as base64.

use std::fmt::Write;

use base64::prelude::{Engine, BASE64_STANDARD};

use crate::noise::Noise;

const DIMENSIONS: usize = 1536;

/// Returns the response for `rows` inputs, with vectors written by `write_vector`.
fn answer(rows: usize, write_vector: impl Fn(&mut String, &[f32])) -> Vec<u8> {
    let mut noise = Noise::new();
    let mut text = String::from(r#"{"object":"list","data":["#);
    for index in 0..rows {
        let vector: Vec<f32> = (0..DIMENSIONS).map(|_| component(&mut noise)).collect();
        let comma = if index == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"object":"embedding","index":{index},"embedding":"#
        )
        .expect("writing to a string cannot fail");
        write_vector(&mut text, &vector);
        text.push('}');
    }
    text.push_str(r#"],"model":"text-embedding-3-small","#);
    text.push_str(r#""usage":{"prompt_tokens":8,"total_tokens":8}}"#);
    text.into_bytes()
}

/// Returns a number of the size of a unit vector's components: some hundredths.
fn component(noise: &mut Noise) -> f32 {
    (noise.next() as f32 / u32::MAX as f32 - 0.5) / 10.0
}

pub fn as_floats(rows: usize) -> Vec<u8> {
    answer(rows, |text, vector| {
        for (i, value) in vector.iter().enumerate() {
            let before = if i == 0 { '[' } else { ',' };
            write!(text, "{before}{value}").expect("writing to a string cannot fail");
        }
        text.push(']');
    })
}

pub fn as_base64(rows: usize) -> Vec<u8> {
    answer(rows, |text, vector| {
        let bytes: Vec<u8> = vector
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        text.push('"');
        BASE64_STANDARD.encode_string(bytes, text);
        text.push('"');
    })
}
