//! Base64, in which answers hold images.

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use extendr_api::prelude::*;
use openaistream_core::Error;

use crate::outcome::outcome;
use crate::values::one_text;

/// Some servers leave the padding out.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that `text` stands for (RFC 4648, section 4), as a raw vector.
#[extendr]
fn base64_read(text: Robj) -> Robj {
    outcome(|| {
        read(&text)
            .map(|bytes| Raw::from_bytes(&bytes).into())
            .map_err(Into::into)
    })
}

fn read(text: &Robj) -> std::result::Result<Vec<u8>, Error> {
    let text = one_text(text)
        .ok_or_else(|| Error::argument("What should be base64 is not one string."))?;
    // Lines of 76 characters, as MIME has them.
    let characters: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    DECODER
        .decode(characters)
        .map_err(|error| Error::argument(format!("What should be base64 is none: {error}.")))
}

extendr_module! {
    mod base64;
    fn base64_read;
}
