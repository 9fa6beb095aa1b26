//! The text of answers, and their tokens.

use std::iter;

/// The maximum length of a token in characters, and of the white space before it.
const TOKEN_LENGTH: usize = 12;
/// The maximum number of tokens of the user message that an answer repeats, to limit its length.
const QUOTE_LENGTH: usize = 256;
/// The first words of the answers of several choices.
const OPENINGS: [&str; 4] = ["You wrote", "I read", "You said", "Your message was"];

/// The answer to a message: it repeats the message and says who answers.
///
/// `choice` is the index among the choices of a request; consecutive choices start differently.
pub(crate) fn completion_text(message: &str, choice: usize) -> String {
    let opening = OPENINGS[choice % OPENINGS.len()];
    answer_text(opening, &quote(message))
}

/// The answer to tool outputs.
pub(crate) fn results_text(results: &[String]) -> String {
    let quotes: Vec<String> = results.iter().map(|result| quote(result)).collect();
    answer_text("The tools returned", &quotes.join(", "))
}

fn answer_text(opening: &str, quotes: &str) -> String {
    format!(
        "{opening}: {quotes}. I am a practice server on your own computer, so this answer is free \
         and the same every time."
    )
}

/// A quoted text, truncated.
fn quote(text: &str) -> String {
    let mut quoted = tokens(text.trim());
    let quote: String = quoted.by_ref().take(QUOTE_LENGTH).collect();
    let rest = if quoted.next().is_some() { " ..." } else { "" };
    format!("\"{quote}{rest}\"")
}

/// Splits a text into tokens, whose concatenation is the text.
///
/// A token is a word, part of a long word, or a run of other characters, with the white space
/// before it.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    iter::from_fn(move || {
        let start = run_length(rest, char::is_whitespace);
        let is_word = rest[start..].starts_with(char::is_alphanumeric);
        let length = run_length(&rest[start..], |next| {
            !next.is_whitespace() && next.is_alphanumeric() == is_word
        });
        let (token, others) = rest.split_at(start + length);
        rest = others;
        (!token.is_empty()).then_some(token)
    })
}

/// The length in bytes of the leading characters of a kind, up to the maximum of a token.
fn run_length(text: &str, is_kind: impl Fn(char) -> bool) -> usize {
    text.chars()
        .take(TOKEN_LENGTH)
        .take_while(|character| is_kind(*character))
        .map(char::len_utf8)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{completion_text, tokens};

    #[test]
    fn tokens_are_words_with_preceding_white_space() {
        let found: Vec<&str> = tokens("Hello, big  world! \n").collect();
        assert_eq!(found, ["Hello", ",", " big", "  world", "!", " \n"]);
    }

    #[test]
    fn concatenated_tokens_are_the_text() {
        for text in [
            "",
            " ",
            "naïve 日本語の長い文章をここに書きます 👩‍🚀!",
            "a\u{300}b\tc\r\n",
            &"x".repeat(100),
            &" ".repeat(100),
        ] {
            assert_eq!(tokens(text).collect::<String>(), text);
        }
    }

    #[test]
    fn a_long_message_is_truncated() {
        let answer = completion_text(&"word ".repeat(1000), 0);
        assert!(tokens(&answer).count() < 300, "{answer}");
        assert!(answer.contains("word ...\""), "{answer}");
    }
}
