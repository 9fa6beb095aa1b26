//! The one place that keeps secrets out of what people see.

/// What stands where a secret stood.
pub(crate) const REDACTED: &str = "<REDACTED>";

/// Headers whose values are secrets.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "api-key",
    "x-api-key",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

/// Shorter keys are no secrets, and hiding them would mangle ordinary text.
const SHORTEST_SECRET: usize = 4;

/// `text` without `secret`, whatever it looks like, and without API keys.
pub(crate) fn redact(text: &str, secret: Option<&str>) -> String {
    match secret {
        Some(secret) if secret.len() >= SHORTEST_SECRET => {
            redact_text(&text.replace(secret, REDACTED))
        }
        _ => redact_text(text),
    }
}

/// The value of a header as it may be shown.
pub(crate) fn redact_header<'a>(name: &str, value: &'a str) -> &'a str {
    if SECRET_HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
    {
        REDACTED
    } else {
        value
    }
}

/// `text` without the API keys and the passwords of URLs in it.
pub fn redact_text(text: &str) -> String {
    redact_keys(&redact_user_info(text))
}

/// A key is `sk-` with at least eight of the letters that keys are made of; servers shorten keys
/// in their messages (`sk-ab***yz`), and what they shortened stays readable.
fn redact_keys(text: &str) -> String {
    const PREFIX: &str = "sk-";
    const SHORTEST_KEY: usize = 8;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(PREFIX) {
        let begins_word = !rest[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
        let tail = &rest[start + PREFIX.len()..];
        let length = tail.find(|c: char| !is_key_letter(c)).unwrap_or(tail.len());
        shown.push_str(&rest[..start]);
        if begins_word && length >= SHORTEST_KEY {
            shown.push_str(REDACTED);
        } else {
            shown.push_str(&rest[start..start + PREFIX.len() + length]);
        }
        rest = &tail[length..];
    }
    shown.push_str(rest);
    shown
}

/// The user and password of a URL stand between `://` and `@` (RFC 3986, section 3.2.1).
fn redact_user_info(text: &str) -> String {
    const BEFORE: &str = "://";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(BEFORE) {
        let (before, authority) = rest.split_at(start + BEFORE.len());
        shown.push_str(before);
        let end = authority.find(|c: char| c.is_whitespace() || "/?#\"".contains(c));
        let end = end.unwrap_or(authority.len());
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

fn is_key_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_disappear_and_ordinary_words_stay() {
        let text = "key sk-proj-abcDEF_123456 is wrong; a task-oriented desk-lamp and sk-te*t stay";
        assert_eq!(
            redact_text(text),
            "key <REDACTED> is wrong; a task-oriented desk-lamp and sk-te*t stay"
        );
    }

    #[test]
    fn a_key_at_the_end_of_the_text_disappears() {
        assert_eq!(redact_text("sk-1234567890"), REDACTED);
    }

    #[test]
    fn passwords_of_urls_disappear() {
        let text = "http://user:p@ss@proxy:8080/ and http://host/a@b and ftp://u@h";
        let shown = "http://<REDACTED>@proxy:8080/ and http://host/a@b and ftp://<REDACTED>@h";
        assert_eq!(redact_text(text), shown);
    }

    #[test]
    fn secret_headers_are_known_in_any_case() {
        assert_eq!(redact_header("Authorization", "Bearer x"), REDACTED);
        assert_eq!(redact_header("x-request-id", "req_1"), "req_1");
    }
}
