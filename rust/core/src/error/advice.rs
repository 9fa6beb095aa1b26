//! Advice for errors with a known remedy.

use super::QUOTA;

/// The advice for a response with this status and reason (its code or type).
pub(super) fn advice(status: u16, reason: Option<&str>) -> Option<&'static str> {
    Some(match (status, reason) {
        (_, Some(QUOTA)) => {
            "The account's quota is used up: calls succeed again once there is credit."
        }
        (_, Some("model_not_found")) => "Ask for the list of models to see which there are.",
        (401, _) => "Check the API key, and that it belongs to this server.",
        (407, _) => {
            "The proxy asks for credentials: give them in its URL, \
             http://user:password@host:port."
        }
        _ => return None,
    })
}

/// A message followed by advice.
pub(super) fn with_advice(message: &str, advice: &str) -> String {
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{message}{stop} {advice}")
}

/// The advice for a response that is an HTML page.
pub(crate) fn page_advice(content_type: &str) -> &'static str {
    if content_type.contains("html") {
        " It is a page for people: a proxy, a sign-in page of the network, or a wrong base URL may \
         have answered."
    } else {
        ""
    }
}
