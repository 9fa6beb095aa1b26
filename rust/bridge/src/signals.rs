//! Threads that leave signals to R.
//!
//! A signal to the process goes to any thread that does not block it, and what R does then (jump
//! out of a wait, for one) may only happen on R's own thread. Threads inherit what is blocked.

/// Runs `start` so that threads which it starts, and which those start, block all signals.
#[cfg(unix)]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;
    use std::ptr;

    /// The signals that R's thread blocked before; they are so again when this is dropped.
    struct Before(libc::sigset_t);

    impl Drop for Before {
        fn drop(&mut self) {
            // SAFETY: the set was filled in by the system.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
        }
    }

    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: both sets are filled in before they are read; with these arguments neither call
    // fails.
    let _before = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr());
        Before(before.assume_init())
    };
    start()
}

/// Windows has no signals that reach threads.
#[cfg(not(unix))]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
