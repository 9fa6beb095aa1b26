//! Random numbers, and tests that run for some time with them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The default duration of the test of a property.
const SECONDS: u64 = 10;

/// Random numbers that can be reproduced from a printed seed (xorshift64*).
pub struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        // Neighbouring seeds give different numbers, and the state is never zero.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    pub fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn text(&mut self) -> String {
        let pieces = [
            "a",
            " word",
            "\n",
            "ü",
            "☀",
            "\"",
            "\\",
            "\u{1F600}",
            "{\"x\":1}",
        ];
        (0..self.below(12)).map(|_| self.one_of(&pieces)).collect()
    }

    /// Splits a text between characters; pieces may be empty.
    pub fn pieces(&mut self, text: &str) -> Vec<String> {
        let mut pieces = vec![String::new()];
        for character in text.chars() {
            if self.below(3) == 0 {
                pieces.push(String::new());
            }
            pieces.last_mut().expect("there is one").push(character);
        }
        pieces
    }
}

/// Prints how to reproduce a failure.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("To reproduce it: PROPERTY_SEED={}", self.0);
        }
    }
}

/// The first seed, and whether it is the only one because `PROPERTY_SEED` is set.
fn first_seed() -> (Seed, bool) {
    let given = number("PROPERTY_SEED");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = given.unwrap_or(now.map_or(1, |now| now.as_nanos() as u64));
    (Seed(seed), given.is_some())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Tests random cases for `PROPERTY_SECONDS`, or only the one of `PROPERTY_SEED`.
pub fn for_a_while(case: impl Fn(&mut Random)) {
    let (mut seed, only) = first_seed();
    let seconds = number("PROPERTY_SECONDS").unwrap_or(SECONDS);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        case(&mut Random::new(seed.0));
        if only || Instant::now() > deadline {
            return;
        }
        seed.0 = seed.0.wrapping_add(1);
    }
}

/// Tests `count` random cases, or only the one of `PROPERTY_SEED`.
pub fn for_each_of(count: usize, case: impl Fn(&mut Random)) {
    let (mut seed, only) = first_seed();
    for _ in 0..if only { 1 } else { count } {
        case(&mut Random::new(seed.0));
        seed.0 = seed.0.wrapping_add(1);
    }
}
