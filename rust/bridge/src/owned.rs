//! Native objects owned by R, which belong to the process that created them.
//!
//! They are external pointers, implemented here because extendr's own search and lock a list of all
//! objects, which takes longer than taking the waiting items of a stream.

use std::any::TypeId;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};

use extendr_api::prelude::{GetSexp, Robj};
use extendr_ffi::{self as ffi, Rboolean, SEXP, SEXPTYPE};
use openaistream_core::Error;

use crate::outcome::Failure;
use crate::sexp::make::{protect, unprotect};
use crate::sexp::nil;
use crate::toplevel::at_toplevel;

/// A value that R's garbage collector drops. A forked child inherits it but must neither use nor
/// drop it: the threads that it needs exist only in the parent.
#[repr(C)]
struct Owned<T> {
    head: Head,
    value: ManuallyDrop<T>,
}

/// The header, which can be read before the type of the value is known.
#[repr(C)]
struct Head {
    kind: TypeId,
    process: u32,
}

impl Head {
    fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.head.is_ours() {
            // SAFETY: the value is dropped once, here, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

/// Creates an external pointer through which R owns `value`.
pub fn external_pointer<T: 'static>(value: T) -> Result<Robj, Failure> {
    let head = Head {
        kind: TypeId::of::<T>(),
        process: std::process::id(),
    };
    let owned = Box::into_raw(Box::new(Owned {
        head,
        value: ManuallyDrop::new(value),
    }));
    let mut pointer = nil();
    if at_toplevel(|| pointer = new_pointer(owned)) {
        // SAFETY: R has just created it; the `Robj` protects it from here on.
        return Ok(unsafe { Robj::from_sexp(pointer) });
    }
    // SAFETY: R did not take ownership.
    drop(unsafe { Box::from_raw(owned) });
    Err(Error::argument("R is out of memory.").into())
}

/// May jump, but not after R has taken ownership.
fn new_pointer<T: 'static>(owned: *mut Owned<T>) -> SEXP {
    // SAFETY: the rules of `sexp`; the finalizer is for the same type.
    unsafe {
        let pointer = protect(ffi::R_MakeExternalPtr(std::ptr::null_mut(), tag(), nil()));
        ffi::R_RegisterCFinalizerEx(pointer, Some(finalize::<T>), Rboolean::TRUE);
        ffi::R_SetExternalPtrAddr(pointer, owned.cast::<c_void>());
        unprotect(1);
        pointer
    }
}

/// The tag that identifies pointers of this library. May jump.
fn tag() -> SEXP {
    // SAFETY: R copies the name; symbols are never freed.
    unsafe { ffi::Rf_install(c"openaistream".as_ptr()) }
}

/// Called by R's garbage collector. A panic must not leave it, because a panic that crosses C would
/// abort R.
unsafe extern "C" fn finalize<T: 'static>(pointer: SEXP) {
    // SAFETY: R calls it once, with a pointer that `new_pointer` created for this type.
    let owned = unsafe { ffi::R_ExternalPtrAddr(pointer) }.cast::<Owned<T>>();
    if owned.is_null() {
        return;
    }
    // SAFETY: as above; the value can no longer be found.
    unsafe { ffi::R_ClearExternalPtr(pointer) };
    // SAFETY: `external_pointer` created it from a box.
    let owned = unsafe { Box::from_raw(owned) };
    // A panic cannot be reported here.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(owned)));
}

/// Calls `action` with the native object of `value`, unless it belongs to another process or
/// session; `what` is its name in the error.
pub fn on_native<T: 'static, R>(
    value: &Robj,
    what: &str,
    action: impl FnOnce(&T) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: `value` protects the pointer, and so its target, during the call.
    let native = unsafe { native::<T>(value.get(), what)? };
    action(native)
}

/// The native object of `pointer`. The pointer is empty after `readRDS()` and in a worker that
/// received it.
///
/// # Safety
/// `pointer` must be protected while the object is used.
pub unsafe fn native<'a, T: 'static>(pointer: SEXP, what: &str) -> Result<&'a T, Error> {
    let elsewhere = || {
        Error::argument(format!(
            "This {what} belongs to another R session: it was saved or sent to another process, \
             which cannot use its connections. Start a new {what} here."
        ))
    };
    // SAFETY: the type is checked before the pointer is read; looking up an existing symbol does
    // not allocate.
    let address = unsafe {
        let is_native =
            ffi::TYPEOF(pointer) == SEXPTYPE::EXTPTRSXP && ffi::R_ExternalPtrTag(pointer) == tag();
        is_native.then(|| ffi::R_ExternalPtrAddr(pointer).cast::<Head>())
    };
    let address = address.filter(|address| !address.is_null());
    // SAFETY: pointers with our tag point to an `Owned`, which starts with its header.
    let address = address.filter(|address| unsafe { (**address).kind } == TypeId::of::<T>());
    let address = address.ok_or_else(elsewhere)?;
    // SAFETY: as above.
    if unsafe { !(*address).is_ours() } {
        return Err(Error::argument(format!(
            "This {what} belongs to another process: it was created before this process was \
             forked. Create a new one here."
        )));
    }
    // SAFETY: the header confirms the type.
    Ok(unsafe { &(*address.cast::<Owned<T>>()).value })
}
