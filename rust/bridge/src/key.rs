//! Literal API keys of this session, kept where R can neither save nor print them.

use extendr_api::prelude::*;
use zeroize::Zeroizing;

/// A key; its memory is overwritten when R's garbage collector drops it.
type Key = ExternalPtr<Zeroizing<String>>;

/// Keeps a key. What R holds of it is a pointer, which is empty in another session.
#[extendr]
fn key_keep(key: &str) -> Robj {
    Key::new(Zeroizing::new(key.to_owned())).into()
}

/// The key, NULL where the pointer is empty.
#[extendr]
fn key_read(kept: Robj) -> Robj {
    let key: std::result::Result<Key, _> = kept.try_into();
    match key.as_ref().map(ExternalPtr::try_addr) {
        Ok(Ok(key)) => key.as_str().into(),
        Ok(Err(_)) | Err(_) => ().into(),
    }
}

extendr_module! {
    mod key;
    fn key_keep;
    fn key_read;
}
