//! What bytes are by their content.

use extendr_api::prelude::*;
use openaistream_core::usual_ending;

/// The usual ending of names of files with such bytes, a raw vector; NULL for bytes without a mark.
#[extendr]
fn media_ending(bytes: Robj) -> Robj {
    let ending = bytes.as_raw_slice().and_then(usual_ending);
    ending.map_or_else(|| ().into(), Into::into)
}

extendr_module! {
    mod media;
    fn media_ending;
}
