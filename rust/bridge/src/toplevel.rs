//! Calls into R that may jump.
//!
//! R reports errors by a long jump, which would skip the destructors of all Rust frames in between.
//! Whatever may raise an error (allocations, evaluations, checks for interrupts) therefore runs in
//! a closure inside `R_ToplevelExec`, where the jump ends.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

extern "C" {
    // Not declared by extendr-ffi.
    fn R_ToplevelExec(
        function: unsafe extern "C" fn(*mut c_void),
        data: *mut c_void,
    ) -> extendr_ffi::Rboolean;
}

/// A closure passed through C, and the panic with which it ended.
struct Call<F> {
    function: F,
    panic: Option<Box<dyn Any + Send>>,
}

/// Runs `function` and returns whether it completed; false means that R raised an error or, within
/// [`crate::interrupts::allowing`], an interrupt.
///
/// A jump leaves `function` at the call into R that raised the error, and nothing in its frames is
/// dropped. It may use borrowed data, numbers and `SEXP`s, but must not own memory. It must
/// unprotect what it protects; a jump does so automatically. A panic continues in the caller.
pub fn at_toplevel<F: FnMut()>(function: F) -> bool {
    let mut call = Call {
        function,
        panic: None,
    };
    let data: *mut Call<F> = &mut call;
    // SAFETY: `call` outlives the execution, nothing else accesses it in the meantime, and the
    // callback has the right type. The bridge calls R only on R's thread.
    let ended = unsafe { R_ToplevelExec(run::<F>, data.cast()) };
    if let Some(panic) = call.panic {
        resume_unwind(panic);
    }
    ended == extendr_ffi::Rboolean::TRUE
}

/// Called by C. A panic must not leave it, because a panic that crosses C would abort R.
unsafe extern "C" fn run<F: FnMut()>(data: *mut c_void) {
    // SAFETY: `at_toplevel` passes its own `Call<F>`.
    let call = unsafe { &mut *data.cast::<Call<F>>() };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(&mut call.function)) {
        call.panic = Some(panic);
    }
}
