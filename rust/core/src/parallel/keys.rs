//! Identifies the requests of a run, so that their answers are found again.

use std::collections::HashMap;

use ring::digest::{Context, SHA256};

use crate::http::request::{Body, Request};

const DIGEST_BYTES: usize = 32;

/// A digest of a request, by which its answer is found. The server, the key and the limits do not
/// affect it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; DIGEST_BYTES]);

impl Digest {
    pub fn of(request: &Request) -> Self {
        let mut context = Context::new(&SHA256);
        let query = request.url.query().unwrap_or_default();
        for part in [request.method.as_str(), request.url.path(), query] {
            context.update(part.as_bytes());
            context.update(b"\0");
        }
        match &request.body {
            Body::Empty => {}
            Body::Json(body) => context.update(body),
            Body::Form(fields) => {
                for field in fields {
                    context.update(field.identity().as_bytes());
                    context.update(b"\0");
                }
            }
        }
        let mut digest = [0; DIGEST_BYTES];
        digest.copy_from_slice(context.finish().as_ref());
        Digest(digest)
    }

    pub fn to_text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn from_text(text: &str) -> Option<Self> {
        let mut digest = [0; DIGEST_BYTES];
        if text.len() != 2 * DIGEST_BYTES || !text.is_ascii() {
            return None;
        }
        for (index, byte) in digest.iter_mut().enumerate() {
            let digits = &text[2 * index..2 * index + 2];
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Digest(digest))
    }
}

/// A request, numbered from 1 among equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub digest: Digest,
    pub occurrence: u64,
}

/// Creates the keys of the requests of a run, in order.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    occurrences: HashMap<Digest, u64>,
}

impl Keys {
    /// `occurrence` is the number among equal requests, if it is not to be counted here.
    pub fn next(&mut self, request: &Request, occurrence: Option<u64>) -> Key {
        let digest = Digest::of(request);
        let occurrence = occurrence.unwrap_or_else(|| {
            let counted = self.occurrences.entry(digest).or_default();
            *counted += 1;
            *counted
        });
        Key { digest, occurrence }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn digest_of(path: &str, body: &'static str) -> Digest {
        let segments = [path.to_owned()];
        let mut request =
            Request::new("POST", "http://host/v1", &segments, &[], "key".into()).unwrap();
        request.body(Body::Json(body.into()));
        Digest::of(&request)
    }

    #[test]
    fn method_path_and_body_identify_a_request() {
        assert_eq!(digest_of("chat", "a"), digest_of("chat", "a"));
        assert_ne!(digest_of("chat", "a"), digest_of("chat", "b"));
        assert_ne!(digest_of("chat", "a"), digest_of("embeddings", "a"));
    }
}
