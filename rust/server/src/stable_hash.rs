//! A hash that is the same in every build and on every machine, unlike that of the standard
//! library.

/// The 64-bit FNV-1a hash of these bytes.
pub(crate) fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
