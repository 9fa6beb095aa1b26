//! User interrupts, which are processed only where this crate checks for them.
//!
//! R raises a pending interrupt whenever it collects garbage, so in any allocation. Items already
//! taken from a stream would be lost with the values that are being created from them.

use std::cell::Cell;
use std::ffi::c_int;

extern "C" {
    /// In src/entrypoint.c: suspends interrupts or allows them, and returns the previous state.
    fn interrupts_hold(hold: c_int) -> c_int;
    /// In src/entrypoint.c: whether an interrupt is pending.
    fn interrupts_pending() -> c_int;
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State { holds: 0, before: 0 }) };
}

/// The user interrupted a wait.
pub struct Interrupted;

#[derive(Clone, Copy)]
struct State {
    /// The number of nested calls of this crate that suspend interrupts.
    holds: usize,
    /// Whether interrupts were suspended before the first of them, by `suspendInterrupts()`.
    before: c_int,
}

/// Suspends interrupts until dropped. If an R error jumps over it, R restores the flag itself.
#[must_use]
pub struct Held {
    before: c_int,
}

/// Suspends interrupts; R raises them later.
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

/// Runs `function` with interrupts allowed, unless the user has suspended them.
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

/// Whether an interrupt is pending and allowed.
pub fn is_pending() -> bool {
    // SAFETY: reads a flag of R on R's thread.
    STATE.with(Cell::get).before == 0 && unsafe { interrupts_pending() } != 0
}

/// Sets R's flag and returns its previous value.
fn set(hold: c_int) -> c_int {
    // SAFETY: sets a flag of R on R's thread.
    unsafe { interrupts_hold(hold) }
}
