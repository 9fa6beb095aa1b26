//! Redacts secrets from everything that is printed, logged or stored.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use memchr::memmem;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::percent::encoded_in_segment;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "<REDACTED>";

/// Request headers whose values are not secret; R/headers.R has the same list. Any other header may
/// contain a key, because gateways use their own headers.
const PLAIN_HEADERS: [&str; 9] = [
    "accept",
    "accept-language",
    "content-type",
    "http-referer",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "user-agent",
    "x-title",
];

/// Response headers whose values are secret.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "api-key",
    "x-api-key",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

/// Shorter keys are not redacted, because this would garble ordinary text.
const MIN_SECRET_LENGTH: usize = 4;

/// The secrets of a call: its key and the values of its secret headers. The memory is overwritten
/// when it is dropped.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Each secret as it is, as in JSON, and as in a path, longest first.
    forms: Vec<Zeroizing<String>>,
}

impl Secrets {
    /// The secrets of a call without headers.
    pub fn of(key: &str) -> Self {
        let mut secrets = Secrets::default();
        secrets.add(key);
        secrets
    }

    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < MIN_SECRET_LENGTH {
            return;
        }
        let mut json = Zeroizing::new(serde_json::Value::from(secret).to_string());
        json.pop();
        json.remove(0);
        let segment = Zeroizing::new(encoded_in_segment(secret));
        let forms = [Zeroizing::new(secret.to_owned()), json, segment];
        self.forms.extend(forms);
        self.forms.sort_by_key(|form| Reverse(form.len()));
        self.forms.dedup();
    }

    /// Adds the value of a request header, unless the header is known not to be secret.
    pub(crate) fn add_header(&mut self, name: &str, value: &str) {
        if is_secret_in_request(name) {
            let credentials = value.split_once(' ').map_or(value, |(_, rest)| rest);
            self.add(credentials);
        }
    }

    /// Whether a text contains any of the secrets.
    pub(crate) fn occur_in(&self, text: &[u8]) -> bool {
        let mut forms = self.forms.iter();
        forms.any(|form| memmem::find(text, form.as_bytes()).is_some())
    }

    /// The length of the longest secret in bytes.
    pub(crate) fn longest(&self) -> usize {
        self.forms.first().map_or(0, |form| form.len())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

/// Removes `secrets`, API keys, and passwords in URLs from a text.
pub(crate) fn redact(text: &str, secrets: &Secrets) -> String {
    let mut shown = text.to_owned();
    for form in &secrets.forms {
        if shown.contains(form.as_str()) {
            shown = shown.replace(form.as_str(), REDACTED);
        }
    }
    redact_text(&shown)
}

/// The value of a header for output.
pub(crate) fn redact_header<'a>(name: &str, value: &'a HeaderValue) -> Cow<'a, str> {
    let is_secret = SECRET_HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret));
    match is_secret || value.is_sensitive() {
        true => Cow::Borrowed(REDACTED),
        false => String::from_utf8_lossy(value.as_bytes()),
    }
}

/// Whether the value of a request header is secret.
pub(crate) fn is_secret_in_request(name: &str) -> bool {
    !PLAIN_HEADERS
        .iter()
        .any(|plain| name.eq_ignore_ascii_case(plain))
}

/// Removes API keys and passwords in URLs from a text.
pub fn redact_text(text: &str) -> String {
    redact_keys(&redact_user_info(text))
}

/// A key is `sk-` followed by at least eight characters of keys. Keys that a server has abbreviated
/// in its messages (`sk-ab***yz`) are kept.
fn redact_keys(text: &str) -> String {
    const PREFIX: &str = "sk-";
    const MIN_KEY_LENGTH: usize = 8;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(PREFIX) {
        let begins_word = !rest[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
        let tail = &rest[start + PREFIX.len()..];
        let length = tail.find(|c: char| !is_key_letter(c)).unwrap_or(tail.len());
        shown.push_str(&rest[..start]);
        if begins_word && length >= MIN_KEY_LENGTH {
            shown.push_str(REDACTED);
        } else {
            shown.push_str(&rest[start..start + PREFIX.len() + length]);
        }
        rest = &tail[length..];
    }
    shown.push_str(rest);
    shown
}

/// The user and password in a URL are between `://` and `@` (RFC 3986, section 3.2.1).
fn redact_user_info(text: &str) -> String {
    const BEFORE: &str = "://";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(BEFORE) {
        let (before, authority) = rest.split_at(start + BEFORE.len());
        shown.push_str(before);
        let end = end_of(authority, "\"/?#");
        // A password may be unescaped; it is what follows a colon and is not a port.
        let (_, port) = authority[..end].split_once(':').unwrap_or_default();
        let is_address = authority.starts_with('[');
        let is_port = is_address || port.bytes().all(|byte| byte.is_ascii_digit());
        let end = if is_port {
            end
        } else {
            end_of(authority, "\"")
        };
        rest = match authority[..end].rfind('@') {
            Some(at) => {
                shown.push_str(REDACTED);
                &authority[at..]
            }
            None => authority,
        };
    }
    shown.push_str(rest);
    shown
}

/// Where a part of a URL ends: at white space or one of these characters.
fn end_of(text: &str, characters: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || characters.contains(c))
        .unwrap_or(text.len())
}

fn is_key_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_redacted_and_ordinary_words_kept() {
        let text = "key sk-proj-abcDEF_123456 is wrong; a task-oriented desk-lamp and sk-te*t stay";
        assert_eq!(
            redact_text(text),
            "key <REDACTED> is wrong; a task-oriented desk-lamp and sk-te*t stay"
        );
    }

    #[test]
    fn a_key_at_the_end_of_the_text_is_redacted() {
        assert_eq!(redact_text("sk-1234567890"), REDACTED);
    }

    #[test]
    fn passwords_in_urls_are_redacted() {
        let text = "http://user:p@ss@proxy:8080/ and http://host/a@b and ftp://u@h";
        let shown = "http://<REDACTED>@proxy:8080/ and http://host/a@b and ftp://<REDACTED>@h";
        assert_eq!(redact_text(text), shown);
    }

    #[test]
    fn passwords_that_make_a_url_invalid_are_redacted() {
        let text = "the proxy \"http://user:pa/ss?w#rd@host:80\" and http://[::1]:80/a@b stay";
        let shown = "the proxy \"http://<REDACTED>@host:80\" and http://[::1]:80/a@b stay";
        assert_eq!(redact_text(text), shown);
    }

    #[test]
    fn secrets_are_redacted_in_json_and_in_paths() {
        let secrets = Secrets::of("a%b\"c$1.*sk-12345678(");
        let text = "a%b\"c$1.*sk-12345678( a%b\\\"c$1.*sk-12345678( a%25b%22c$1.*sk-12345678(";
        let shown = [REDACTED; 3].join(" ");
        assert_eq!(redact(text, &secrets), shown);
        assert_eq!(format!("{secrets:?}"), REDACTED);
    }

    #[test]
    fn header_values_are_secret_except_for_known_headers() {
        let mut secrets = Secrets::default();
        secrets.add_header("Api-Key", "azure-key");
        secrets.add_header("X-Gateway", "Basic gateway-key");
        secrets.add_header("OpenAI-Beta", "assistants=v2");
        let text = "azure-key and gateway-key of assistants=v2";
        let shown = "<REDACTED> and <REDACTED> of assistants=v2";
        assert_eq!(redact(text, &secrets), shown);
    }

    #[test]
    fn secret_headers_are_recognised_in_any_case() {
        let value = HeaderValue::from_static("Bearer x");
        assert_eq!(redact_header("Authorization", &value), REDACTED);
        assert_eq!(redact_header("x-request-id", &value), "Bearer x");
        let mut value = value;
        value.set_sensitive(true);
        assert_eq!(redact_header("x-gateway", &value), REDACTED);
    }
}
