//! Verifies the signatures of webhooks.

use extendr_api::prelude::*;
use openaistream_core::{Error, Webhook};

use crate::outcome::outcome;
use crate::values::{element, number, text};

/// Checks a webhook, `list(payload = , id = , timestamp = , signatures = , secret = , now = ,
/// tolerance = )` with a raw `payload`. Returns NULL, or why it is rejected.
#[extendr]
fn webhook_problem(webhook: List) -> Robj {
    outcome(|| check(&webhook).map_err(Into::into))
}

fn check(list: &List) -> std::result::Result<Robj, Error> {
    let payload = element(list, "payload");
    let payload = payload
        .as_raw_slice()
        .ok_or_else(|| Error::argument("`payload` must be a raw vector."))?;
    let id = text(list, "id")?;
    let timestamp = text(list, "timestamp")?;
    let signatures = text(list, "signatures")?;
    let webhook = Webhook {
        payload,
        id: &id,
        timestamp: &timestamp,
        signatures: &signatures,
    };
    let now = number(list, "now", 0.0)?;
    let tolerance = number(list, "tolerance", 300.0)?;
    let verified = webhook.verify(&text(list, "secret")?, now, tolerance);
    Ok(verified.map_or_else(Robj::from, |()| ().into()))
}

extendr_module! {
    mod webhook;
    fn webhook_problem;
}
