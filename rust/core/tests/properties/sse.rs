//! Random event streams.

use crate::check::sse::check;
use crate::random::{for_a_while, Random};

/// The parts of an event stream.
const PIECES: [&str; 26] = [
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "\r",
    "\r\n",
    "\r\n\r\n",
    "data: ",
    "data: ",
    "data:",
    "data",
    "event: ",
    "event: ping\n",
    "id: 7\n",
    "retry: 3\n",
    ": comment\n",
    ":",
    " ",
    "\u{FEFF}",
    "é☀😀",
    "\0",
    "{}",
    "[DONE]",
    "unknown: ",
    "datax: ",
    "text",
];

/// The case of a property: how the stream is split, and the stream.
pub fn case(random: &mut Random, pieces: &[&str]) -> Vec<u8> {
    let longest = [1, 2, 4, 30, 256][random.below(5)];
    let mut case: Vec<u8> = (0..4).map(|_| random.below(longest) as u8).collect();
    for _ in 0..random.below(25) {
        match random.below(12) {
            0 => case.push(random.below(256) as u8),
            _ => case.extend(random.one_of(pieces).bytes()),
        }
    }
    case
}

#[test]
fn events_follow_the_standard_for_any_split() {
    for_a_while(|random| check(&case(random, &PIECES)));
}
