//! Calls into R that may jump.
//!
//! R reports an error by a long jump, which would skip the destructors of every Rust frame on its
//! way. Whatever may raise one (an allocation, an evaluation, a look for the user's interrupt)
//! therefore runs in a closure below `R_ToplevelExec`, where the jump ends.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

extern "C" {
    // Not bound by extendr-ffi.
    fn R_ToplevelExec(
        function: unsafe extern "C" fn(*mut c_void),
        data: *mut c_void,
    ) -> extendr_ffi::Rboolean;
}

/// A closure on its way through C, and the panic that it ended in.
struct Call<F> {
    function: F,
    panic: Option<Box<dyn Any + Send>>,
}

/// Runs `function` and says whether it came to its end; false means that R raised an error in it
/// or, within [`crate::interrupts::allowing`], an interrupt.
///
/// A jump leaves `function` at the call into R that raised it, and nothing that lives in its frames
/// is dropped: it may hold borrowed data, numbers and `SEXP`s, but nothing that owns memory. What
/// it protects it unprotects before it ends; a jump does so by itself. A panic goes on in the
/// caller.
pub fn at_toplevel<F: FnMut()>(function: F) -> bool {
    let mut call = Call {
        function,
        panic: None,
    };
    let data: *mut Call<F> = &mut call;
    // SAFETY: `call` outlives the execution, nothing else touches it meanwhile, and the callback
    // was made for its type. R is called on its own thread only: this is the bridge's rule.
    let ended = unsafe { R_ToplevelExec(run::<F>, data.cast()) };
    if let Some(panic) = call.panic {
        resume_unwind(panic);
    }
    ended == extendr_ffi::Rboolean::TRUE
}

/// What C calls: no panic leaves it, for one that crossed C would abort R.
unsafe extern "C" fn run<F: FnMut()>(data: *mut c_void) {
    // SAFETY: `at_toplevel` passes its own `Call<F>`.
    let call = unsafe { &mut *data.cast::<Call<F>>() };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(&mut call.function)) {
        call.panic = Some(panic);
    }
}
