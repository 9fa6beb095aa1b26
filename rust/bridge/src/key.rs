//! Literal API keys of this session, stored where R can neither save nor print them.

use std::env::vars_os;

use extendr_api::prelude::*;
use openaistream_core::Error;
use zeroize::Zeroizing;

use crate::outcome::outcome;
use crate::values::one_text;

/// A key. Its memory is overwritten when R's garbage collector drops it.
type Key = ExternalPtr<Zeroizing<String>>;

/// Stores a key. R only receives a pointer, which is empty in another session.
#[extendr]
fn key_keep(key: Robj) -> Robj {
    outcome(|| match one_text(&key) {
        Some(key) => Ok(Key::new(Zeroizing::new(key)).into()),
        None => Err(Error::argument("`api_key` is not valid text in its encoding.").into()),
    })
}

/// The key; NULL if the pointer is empty.
#[extendr]
fn key_read(kept: Robj) -> Robj {
    let key: std::result::Result<Key, _> = kept.try_into();
    match key.as_ref().map(ExternalPtr::try_addr) {
        Ok(Ok(key)) => key.as_str().into(),
        Ok(Err(_)) | Err(_) => ().into(),
    }
}

/// The sorted names of the environment variables that contain this key. `Sys.getenv()` would take a
/// fifth of the time for creating a client.
#[extendr]
fn key_variables_holding(key: Robj) -> Robj {
    let Some(key) = one_text(&key).map(Zeroizing::new) else {
        return ().into();
    };
    let holding = vars_os().filter(|(_, value)| {
        let value = value.to_str().map(str::trim);
        value == Some(key.as_str())
    });
    let mut names: Vec<String> = holding
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    names.sort();
    names.into()
}

extendr_module! {
    mod key;
    fn key_keep;
    fn key_variables_holding;
    fn key_read;
}
