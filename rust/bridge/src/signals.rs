//! Leaves signals to R's thread.
//!
//! The operating system delivers a signal to any thread that does not block it, but R's handler
//! (which may jump out of a wait) must only run on R's thread. Threads inherit the mask of blocked
//! signals.

/// Runs `start` with all signals blocked, for the threads that it starts, directly or indirectly.
#[cfg(unix)]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;
    use std::ptr;

    /// The previous signal mask of R's thread, restored when this is dropped.
    struct Before(libc::sigset_t);

    impl Drop for Before {
        fn drop(&mut self) {
            // SAFETY: the operating system filled in the mask.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
        }
    }

    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: both masks are filled in before they are read; with these arguments neither call
    // fails.
    let _before = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr());
        Before(before.assume_init())
    };
    start()
}

/// Windows does not deliver signals to threads.
#[cfg(not(unix))]
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
