//! Detects the media type of bytes and files.

use extendr_api::prelude::*;
use openaistream_core::{media_type_of as type_of, usual_ending, Error};

use crate::outcome::outcome;
use crate::values::path;

/// The usual file extension for these bytes, a raw vector; NULL if they have no known signature.
#[extendr]
fn media_ending(bytes: Robj) -> Robj {
    let ending = bytes.as_raw_slice().and_then(usual_ending);
    ending.map_or_else(|| ().into(), Into::into)
}

/// The media type of a file.
#[extendr]
fn media_type_of(file: Robj) -> Robj {
    outcome(|| {
        let path = path(&file).ok_or_else(|| Error::argument("The path must be one string."))?;
        let media_type = type_of(&path)
            .map_err(|error| Error::argument(format!("The file cannot be read: {error}.")))?;
        Ok(media_type.into())
    })
}

extendr_module! {
    mod media;
    fn media_ending;
    fn media_type_of;
}
