//! Base64 encoding of images in requests and responses.

use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD as STANDARD_ENGINE;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use extendr_api::prelude::*;
use openaistream_core::Error;

use crate::outcome::outcome;
use crate::values::one_text;

/// Some servers omit the padding.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes base64 (RFC 4648, sections 4 and 5) to a raw vector. `text` may also be a data URL (RFC
/// 2397).
#[extendr]
fn base64_read(text: Robj) -> Robj {
    outcome(|| {
        read(&text)
            .map(|bytes| Raw::from_bytes(&bytes).into())
            .map_err(Into::into)
    })
}

fn read(text: &Robj) -> std::result::Result<Vec<u8>, Error> {
    let text =
        one_text(text).ok_or_else(|| Error::argument("The base64 text must be one string."))?;
    let encoded = match text.strip_prefix("data:") {
        Some(url) => url.split_once(";base64,").map(|(_, encoded)| encoded),
        None => Some(text.as_str()),
    };
    let encoded =
        encoded.ok_or_else(|| Error::argument("The data: URL does not contain base64."))?;
    // MIME adds line breaks, and URLs use a different alphabet.
    let characters: Vec<u8> = encoded
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        })
        .collect();
    DECODER
        .decode(characters)
        .map_err(|error| Error::argument(format!("The text is not valid base64: {error}.")))
}

/// Encodes a raw vector as base64 (RFC 4648, section 4), a single string.
#[extendr]
fn base64_write(bytes: Robj) -> Robj {
    outcome(|| {
        let bytes = bytes.as_raw_slice();
        let bytes = bytes.ok_or_else(|| Error::argument("The bytes must be a raw vector."))?;
        Ok(STANDARD_ENGINE.encode(bytes).into())
    })
}

extendr_module! {
    mod base64;
    fn base64_read;
    fn base64_write;
}
