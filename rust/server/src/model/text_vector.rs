//! The vector of a text. It has no meaning, but texts with common words have similar vectors.

use super::completion_text::tokens;
use crate::stable_hash::stable_hash;

/// The number of elements that a word changes.
const INDEXES_PER_WORD: usize = 8;
/// How much the whole text changes each element, relative to 1 for a word. It distinguishes texts
/// with the same words, and makes every vector non-zero.
const NUDGE: f64 = 0.05;

/// A unit vector that depends only on the text and the two sizes.
///
/// It is generated in the model's own size and then truncated, as OpenAI's guide describes
/// `dimensions` (<https://platform.openai.com/docs/guides/embeddings>).
pub(crate) fn text_vector(text: &str, own_size: usize, dimensions: usize) -> Vec<f32> {
    let mut whole = Random(stable_hash(text.as_bytes()));
    let mut vector: Vec<f64> = (0..own_size).map(|_| whole.next_signed() * NUDGE).collect();
    for token in tokens(text) {
        let mut word = Random(stable_hash(token.trim().to_lowercase().as_bytes()));
        for _ in 0..INDEXES_PER_WORD {
            let index = (word.next() % own_size as u64) as usize;
            vector[index] += word.next_signed().signum();
        }
    }
    vector.truncate(dimensions);
    let length = vector
        .iter()
        .map(|number| number * number)
        .sum::<f64>()
        .sqrt();
    vector
        .iter()
        .map(|number| (number / length) as f32)
        .collect()
}

/// Pseudorandom numbers that depend only on a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number between -1 and 1, never zero.
    fn next_signed(&mut self) -> f64 {
        let odd = (self.next() >> 11) | 1;
        odd as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::text_vector;

    fn similarity(left: &str, right: &str) -> f32 {
        let (left, right) = (
            text_vector(left, 1536, 1536),
            text_vector(right, 1536, 1536),
        );
        left.iter()
            .zip(&right)
            .map(|(left, right)| left * right)
            .sum()
    }

    #[test]
    fn texts_that_share_words_are_more_similar() {
        let related = similarity("the cat sat on the mat", "a cat on a mat");
        let unrelated = similarity("the cat sat on the mat", "quarterly revenue fell");
        assert!(related > unrelated + 0.2, "{related} {unrelated}");
    }

    #[test]
    fn the_order_of_words_matters() {
        assert_ne!(
            text_vector("a b", 1536, 1536),
            text_vector("b a", 1536, 1536)
        );
    }

    #[test]
    fn every_vector_has_length_one() {
        for (text, dimensions) in [("", 1), ("x", 2), ("some words", 1536)] {
            let vector = text_vector(text, 1536, dimensions);
            let length: f32 = vector.iter().map(|number| number * number).sum();
            assert_eq!(vector.len(), dimensions);
            assert!((length - 1.0).abs() < 1e-5, "{text} {length}");
        }
    }
}
