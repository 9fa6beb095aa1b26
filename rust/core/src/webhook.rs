//! Verifies the signatures of webhooks (<https://platform.openai.com/docs/guides/webhooks>,
//! <https://www.standardwebhooks.com>).

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use ring::hmac::{self, Key, HMAC_SHA256};

/// The prefix of secrets in base64.
const ENCODED_SECRET: &str = "whsec_";

/// The prefix of signatures in the only existing version.
const VERSION: &str = "v1,";

/// A received webhook: its body and headers.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    pub payload: &'a [u8],
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`, in seconds since 1970.
    pub timestamp: &'a str,
    /// The header `webhook-signature`, with one or more signatures.
    pub signatures: &'a str,
}

impl Webhook<'_> {
    /// Checks that the webhook was signed with `secret`, at most `tolerance` seconds before or
    /// after `now` (seconds since 1970).
    ///
    /// # Errors
    /// Returns a sentence that says why the webhook is rejected.
    pub fn verify(&self, secret: &str, now: f64, tolerance: f64) -> Result<(), String> {
        let signed_at: f64 = self.timestamp.trim().parse().map_err(|_| {
            let timestamp = self.timestamp;
            format!("The header `webhook-timestamp` is not a number of seconds: \"{timestamp}\".")
        })?;
        let age = now - signed_at;
        // NaN is not within the tolerance.
        if age.is_nan() || age.abs() > tolerance {
            return Err(format!(
                "The webhook was signed {age:.0} seconds before now; the tolerance is \
                 {tolerance:.0} seconds in either direction."
            ));
        }
        let key = key_of(secret)?;
        let signed = [
            self.id.as_bytes(),
            b".",
            self.timestamp.as_bytes(),
            b".",
            self.payload,
        ]
        .concat();
        let is_right = |signature: &str| {
            let signature = signature.strip_prefix(VERSION).unwrap_or(signature);
            let tag = STANDARD.decode(signature);
            // Takes constant time.
            tag.is_ok_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
        };
        match self.signatures.split_ascii_whitespace().any(is_right) {
            true => Ok(()),
            false => Err(
                "The signature of the webhook does not match its body and the secret: it was \
                 modified, or is not from OpenAI, or the secret belongs to another endpoint."
                    .to_owned(),
            ),
        }
    }
}

fn key_of(secret: &str) -> Result<Key, String> {
    let bytes = match secret.strip_prefix(ENCODED_SECRET) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| {
            format!("The secret begins with {ENCODED_SECRET} but is not valid base64.")
        })?,
        None => secret.as_bytes().to_vec(),
    };
    Ok(Key::new(HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0";

    fn signature_of(id: &str, timestamp: &str, payload: &str) -> String {
        let key = Key::new(HMAC_SHA256, b"secret of the test");
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{payload}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }

    fn outcome(payload: &str, timestamp: &str, signatures: &str, now: f64) -> Result<(), String> {
        let webhook = Webhook {
            payload: payload.as_bytes(),
            id: "wh_1",
            timestamp,
            signatures,
        };
        webhook.verify(SECRET, now, 300.0)
    }

    #[test]
    fn one_valid_signature_is_enough() {
        let right = signature_of("wh_1", "1000", "{}");
        assert_eq!(outcome("{}", "1000", &right, 1000.0), Ok(()));
        let several = format!("v1,AAAA {right} v2,BBBB");
        assert_eq!(outcome("{}", "1000", &several, 1299.0), Ok(()));
        let plain = right.strip_prefix("v1,").unwrap();
        assert_eq!(outcome("{}", "1000", plain, 701.0), Ok(()));
    }

    #[test]
    fn any_modification_is_rejected() {
        let right = signature_of("wh_1", "1000", "{}");
        for (payload, timestamp, signatures, now) in [
            ("{ }", "1000", right.as_str(), 1000.0),
            ("{}", "1001", &right, 1000.0),
            ("{}", "1000", "", 1000.0),
            ("{}", "1000", "v1,", 1000.0),
            ("{}", "1000", &right[..right.len() - 2], 1000.0),
            ("{}", "1000", &right, 1301.0),
            ("{}", "1000", &right, 699.0),
            ("{}", "NaN", &signature_of("wh_1", "NaN", "{}"), 1000.0),
            ("{}", "", &signature_of("wh_1", "", "{}"), 1000.0),
        ] {
            assert!(outcome(payload, timestamp, signatures, now).is_err());
        }
        let webhook = Webhook {
            payload: b"{}",
            id: "wh_1",
            timestamp: "1000",
            signatures: &right,
        };
        assert!(webhook.verify("whsec_other", 1000.0, 300.0).is_err());
        assert!(webhook.verify("whsec_%%", 1000.0, 300.0).is_err());
    }
}
