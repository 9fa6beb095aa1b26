//! Pseudo-random numbers that are the same in every run.

/// Knuth's MMIX generator: <https://en.wikipedia.org/wiki/Linear_congruential_generator>.
pub struct Noise(u64);

impl Noise {
    pub fn new() -> Self {
        Noise(1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        self.0 >> 32
    }
}
