//! The user's interrupts, which come only where this crate looks for them.
//!
//! R raises one that is pending wherever it collects garbage, and so in any allocation. What was
//! taken from a stream would be lost with the values that are being made of it.

use std::cell::Cell;
use std::ffi::c_int;

extern "C" {
    /// In src/entrypoint.c: holds interrupts back or lets them come, and says what was so before.
    fn interrupts_hold(hold: c_int) -> c_int;
    /// In src/entrypoint.c: whether one waits.
    fn interrupts_pending() -> c_int;
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State { holds: 0, before: 0 }) };
}

#[derive(Clone, Copy)]
struct State {
    /// How many calls of this crate, one within the other, hold interrupts back.
    holds: usize,
    /// Whether interrupts were held back before the first of them, by `suspendInterrupts()`.
    before: c_int,
}

/// Holds interrupts back until it is dropped. Should an error of R jump over it, R restores the
/// flag by itself.
#[must_use]
pub struct Held {
    before: c_int,
}

/// Keeps interrupts waiting; R raises them when it next looks for them.
pub fn hold() -> Held {
    let before = set(1);
    STATE.with(|state| {
        let known = state.get();
        let outermost = known.holds == 0;
        state.set(State {
            holds: known.holds + 1,
            before: if outermost { before } else { known.before },
        });
    });
    Held { before }
}

/// Runs `function` while interrupts may come, unless R's user holds them back.
pub fn allowing<T>(function: impl FnOnce() -> T) -> T {
    let held = set(STATE.with(Cell::get).before);
    let value = function();
    set(held);
    value
}

impl Drop for Held {
    fn drop(&mut self) {
        STATE.with(|state| {
            let known = state.get();
            state.set(State {
                holds: known.holds.saturating_sub(1),
                ..known
            });
        });
        set(self.before);
    }
}

/// Whether an interrupt came that R has not raised yet, and may.
pub fn is_pending() -> bool {
    // SAFETY: it reads a flag of R's, and this is R's thread.
    STATE.with(Cell::get).before == 0 && unsafe { interrupts_pending() } != 0
}

/// Sets R's flag and returns what it was.
fn set(hold: c_int) -> c_int {
    // SAFETY: it sets a flag of R's, and this is R's thread.
    unsafe { interrupts_hold(hold) }
}
