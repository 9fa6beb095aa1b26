//! Estimates the number of tokens of a text without a model's vocabulary.
//!
//! Models split text into words, numbers of up to three digits and runs of punctuation, and these
//! into tokens. A common word is one token; other words have one token per few letters, more for
//! languages that are rare in the vocabulary's training data. The constants were fitted to OpenAI's
//! o200k_base on texts in 30 languages, code, tables and logs, so that the estimate is seldom too
//! low. See `?count_tokens` for its accuracy.

/// The kinds of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Latin,
    /// A non-ASCII Latin letter.
    Accented,
    Cyrillic,
    Greek,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Hangul,
    Kana,
    Han,
    /// Any other letter.
    Letter,
    Digit,
    Space,
    /// ASCII punctuation.
    Punctuation,
    /// Non-ASCII punctuation.
    Mark,
    Symbol,
}

impl Kind {
    fn of(character: char) -> Kind {
        match character {
            'a'..='z' | 'A'..='Z' => Kind::Latin,
            '0'..='9' => Kind::Digit,
            _ if character.is_whitespace() => Kind::Space,
            '\0'..='\x7f' => Kind::Punctuation,
            '×' | '÷' => Kind::Mark,
            '\u{c0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' => {
                Kind::Accented
            }
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Kind::Greek,
            '\u{400}'..='\u{52f}' => Kind::Cyrillic,
            '\u{590}'..='\u{5ff}' => Kind::Hebrew,
            '\u{600}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' => Kind::Arabic,
            '\u{900}'..='\u{dff}' => Kind::Indic,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Kind::Thai,
            '\u{ac00}'..='\u{d7af}' => Kind::Hangul,
            '\u{3040}'..='\u{30ff}' => Kind::Kana,
            '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{31fff}' => {
                Kind::Han
            }
            '\u{80}'..='\u{bf}'
            | '\u{2000}'..='\u{206f}'
            | '\u{3000}'..='\u{303f}'
            | '\u{ff00}'..='\u{ff65}' => Kind::Mark,
            _ if character.is_alphabetic() => Kind::Letter,
            _ => Kind::Symbol,
        }
    }

    fn is_latin(self) -> bool {
        matches!(self, Kind::Latin | Kind::Accented)
    }

    /// How words of a script are split into tokens; `None` if each character counts separately.
    fn words(self) -> Option<Words> {
        Some(match self {
            Kind::Cyrillic => Words(2.7, 0.45),
            Kind::Greek => Words(2.2, 0.5),
            Kind::Hebrew => Words(2.2, 0.55),
            Kind::Arabic => Words(2.6, 0.4),
            Kind::Indic => Words(2.5, 0.45),
            _ => return None,
        })
    }

    /// The number of tokens of a single character.
    fn of_one(self, character: char) -> f64 {
        match self {
            Kind::Thai => 0.47,
            Kind::Kana => 0.8,
            Kind::Han => 0.95,
            Kind::Hangul | Kind::Mark => 0.9,
            Kind::Symbol => 0.45 * character.len_utf8() as f64,
            _ => character.len_utf8() as f64,
        }
    }
}

/// The number of letters in the first token of a word, and the tokens per further letter.
#[derive(Clone, Copy)]
struct Words(f64, f64);

impl Words {
    fn tokens(self, letters: usize) -> f64 {
        let Words(first, further) = self;
        1.0 + (letters as f64 - first).max(0.0) * further
    }
}

/// Words of ASCII letters: in texts without other letters, such as English and code, and in texts
/// in languages where most words have other letters.
const PLAIN: Words = Words(4.0, 0.15);
const FOREIGN: Words = Words(2.25, 0.6);
/// The share of words with other letters that makes a text belong to the second group.
const FOREIGN_SHARE: f64 = 0.6;
/// Words with non-ASCII letters, in capitals, and in mixed case, as in base64.
const ACCENTED: Words = Words(2.2, 0.25);
const CAPITALS: Words = Words(2.0, 0.25);
const MIXED: Words = Words(1.0, 0.7);

const DIGITS_OF_TOKEN: usize = 3;
/// Line ends; indentation after a line end, except the last space; and other spaces, the first of
/// which belongs to the following word.
const LINE_END: f64 = 0.7;
const SPACES: f64 = 0.7;
/// A punctuation character before a word is often part of its token.
const SIGN_OF_WORD: f64 = 0.35;
/// Each change of character within a run of punctuation.
const CHANGE_OF_SIGN: f64 = 0.1;

/// A safety factor, so that the estimate is seldom too low.
const MARGIN: f64 = 1.04;

/// Longer words are parts of codes.
const MAX_WORD_LENGTH: usize = 31;

/// The additional tokens per non-ASCII byte in the older vocabulary cl100k_base, which embedding
/// models use.
const OLDER: f64 = 0.35;

/// Estimates the number of tokens with cl100k_base; never more than the number of bytes.
pub fn estimate_older_tokens(text: &str) -> u64 {
    let others = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let more = (others as f64 * OLDER).ceil() as u64;
    (estimate_tokens(text) + more).min(text.len() as u64)
}

/// Estimates the number of tokens of `text`.
pub fn estimate_tokens(text: &str) -> u64 {
    let mut count = Count::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first);
        let length = match kind {
            _ if kind.is_latin() => word_length(rest),
            _ => {
                let end = rest.find(|it| Kind::of(it) != kind);
                end.unwrap_or(rest.len())
            }
        };
        let (run, behind) = rest.split_at(length);
        count.add(kind, run, behind.chars().next().map(Kind::of));
        rest = behind;
    }
    (count.total() * MARGIN).round() as u64
}

/// The length in bytes of the first Latin word; a capital after a small letter starts a new word.
fn word_length(text: &str) -> usize {
    let mut was_small = false;
    for (offset, character) in text.char_indices() {
        let begins = was_small && character.is_uppercase();
        if begins || !Kind::of(character).is_latin() {
            return offset;
        }
        was_small = character.is_lowercase();
    }
    text.len()
}

/// The counts for a text.
#[derive(Default)]
struct Count {
    /// The number of words of ASCII letters, by length; their tokens depend on the whole text.
    plain: [u32; MAX_WORD_LENGTH + 1],
    /// The number of words with other letters.
    accented: u32,
    others: f64,
}

impl Count {
    /// Adds a run of characters of one kind; `next` is the kind after it.
    fn add(&mut self, kind: Kind, run: &str, next: Option<Kind>) {
        if kind.is_latin() {
            self.add_word(run);
            return;
        }
        self.others += match (kind, kind.words()) {
            (_, Some(words)) => words.tokens(run.chars().count()),
            (Kind::Digit, _) => run.len().div_ceil(DIGITS_OF_TOKEN) as f64,
            (Kind::Space, _) => spaces(run, next),
            (Kind::Punctuation, _) => signs(run, next),
            _ => run.chars().map(|it| kind.of_one(it)).sum(),
        };
    }

    fn add_word(&mut self, word: &str) {
        let letters = word.chars().count();
        let capitals = word.chars().filter(|it| it.is_uppercase()).count();
        let words = match capitals {
            _ if letters > MAX_WORD_LENGTH => MIXED,
            0 | 1 if word.is_ascii() => {
                self.plain[letters] += 1;
                return;
            }
            0 | 1 => ACCENTED,
            _ if capitals == letters => CAPITALS,
            _ => MIXED,
        };
        if !word.is_ascii() && letters > 1 {
            self.accented += 1;
        }
        self.others += words.tokens(letters);
    }

    fn total(&self) -> f64 {
        let plain: u32 = self.plain[2..].iter().sum();
        let all = f64::from(plain + self.accented).max(1.0);
        let foreign = (f64::from(self.accented) / all / FOREIGN_SHARE).min(1.0);
        let between = |plain: f64, other: f64| plain + (other - plain) * foreign;
        let words = Words(between(PLAIN.0, FOREIGN.0), between(PLAIN.1, FOREIGN.1));
        let counts = self.plain.iter().enumerate();
        let plain = counts.map(|(letters, count)| f64::from(*count) * words.tokens(letters));
        self.others + plain.sum::<f64>()
    }
}

/// The tokens of a run of spaces and line ends.
fn spaces(run: &str, next: Option<Kind>) -> f64 {
    let (ends, tail) = match run.rfind(['\n', '\r']) {
        Some(end) => (LINE_END, &run[end + 1..]),
        None => (0.0, run),
    };
    // A space does not belong to a following number.
    let own = match next {
        None | Some(Kind::Digit) => 0,
        Some(_) => 1,
    };
    let further = tail.chars().count().saturating_sub(own);
    ends + match further {
        0 => 0.0,
        1 if ends == 0.0 => 1.0,
        _ => SPACES,
    }
}

/// The tokens of a run of punctuation.
fn signs(run: &str, next: Option<Kind>) -> f64 {
    let is_of_word = next.is_some_and(|it| it.is_latin() || it.words().is_some());
    if run.len() == 1 && is_of_word {
        return SIGN_OF_WORD;
    }
    let changes = run.as_bytes().windows(2).filter(|pair| pair[0] != pair[1]);
    1.0 + changes.count() as f64 * CHANGE_OF_SIGN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_empty_text_has_no_tokens() {
        assert_eq!(estimate_tokens(""), 0);
        for text in ["a", " ", "\n", "7", "文", "é", "🙂", ".", "\u{10ffff}"] {
            assert!(estimate_tokens(text) >= 1, "{text:?}");
        }
    }

    #[test]
    fn the_estimate_of_a_long_text_is_the_sum_of_its_parts() {
        let text = "The shop on the corner opens at half past seven.\n".repeat(1000);
        let (once, often) = (estimate_tokens(&text[..49]), estimate_tokens(&text));
        assert!((often as f64 / 1000.0 - once as f64).abs() < 1.0);
    }
}
