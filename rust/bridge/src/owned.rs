//! Native things that R holds, which belong to the process that made them.
//!
//! They are R's external pointers, made here and not by extendr, whose own look up and lock a list
//! of all objects: a call that takes what a stream has waiting costs less than that.

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
/// drop it: the threads that it needs stayed with the parent.
#[repr(C)]
struct Owned<T> {
    head: Head,
    value: ManuallyDrop<T>,
}

/// What can be read before the type of the value is known.
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
            // SAFETY: the value is dropped once, here, and not touched afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

/// Gives `value` to R.
pub fn give<T: 'static>(value: T) -> Result<Robj, Failure> {
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
        // SAFETY: R has just made it; the `Robj` protects it from here on.
        return Ok(unsafe { Robj::from_sexp(pointer) });
    }
    // SAFETY: R did not take it.
    drop(unsafe { Box::from_raw(owned) });
    Err(Error::argument("R lacks memory for a pointer.").into())
}

/// May jump; not once R has taken what the pointer points to.
fn new_pointer<T: 'static>(owned: *mut Owned<T>) -> SEXP {
    // SAFETY: the rules of `sexp`; the finalizer is that of the type.
    unsafe {
        let pointer = protect(ffi::R_MakeExternalPtr(std::ptr::null_mut(), tag(), nil()));
        ffi::R_RegisterCFinalizerEx(pointer, Some(finalize::<T>), Rboolean::TRUE);
        ffi::R_SetExternalPtrAddr(pointer, owned.cast::<c_void>());
        unprotect(1);
        pointer
    }
}

/// By which the pointers of this library are known. May jump.
fn tag() -> SEXP {
    // SAFETY: R copies the name; symbols live for ever.
    unsafe { ffi::Rf_install(c"openaistream".as_ptr()) }
}

/// What R's garbage collector calls: no panic leaves it, for one that crossed C would abort R.
unsafe extern "C" fn finalize<T: 'static>(pointer: SEXP) {
    // SAFETY: R calls it once, with a pointer that `new_pointer` made for this type.
    let owned = unsafe { ffi::R_ExternalPtrAddr(pointer) }.cast::<Owned<T>>();
    if owned.is_null() {
        return;
    }
    // SAFETY: as above; nobody finds the value any more.
    unsafe { ffi::R_ClearExternalPtr(pointer) };
    // SAFETY: `give` made it of a box.
    let owned = unsafe { Box::from_raw(owned) };
    // Nobody is left to be told.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(owned)));
}

/// Calls `action` with what `value` points to, unless it belongs elsewhere; `what` names it in the
/// message then.
pub fn on_native<T: 'static, R>(
    value: &Robj,
    what: &str,
    action: impl FnOnce(&T) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: `value` protects the pointer, and so what it points to, for the whole call.
    let native = unsafe { native::<T>(value.get(), what)? };
    action(native)
}

/// What `pointer` points to. It is empty after `readRDS()` and in a worker that it was sent to.
///
/// # Safety
/// R protects `pointer` as long as the value is used.
pub unsafe fn native<'a, T: 'static>(pointer: SEXP, what: &str) -> Result<&'a T, Error> {
    let elsewhere = || {
        Error::argument(format!(
            "This {what} belongs to another R session: it was saved or sent, and its connections \
             could not go with it. Start a new {what} here."
        ))
    };
    // SAFETY: the type is known before R looks into it; looking up a known symbol takes no memory.
    let address = unsafe {
        let is_native =
            ffi::TYPEOF(pointer) == SEXPTYPE::EXTPTRSXP && ffi::R_ExternalPtrTag(pointer) == tag();
        is_native.then(|| ffi::R_ExternalPtrAddr(pointer).cast::<Head>())
    };
    let address = address.filter(|address| !address.is_null());
    // SAFETY: pointers with our tag point to an `Owned`, which begins with its head.
    let address = address.filter(|address| unsafe { (**address).kind } == TypeId::of::<T>());
    let address = address.ok_or_else(elsewhere)?;
    // SAFETY: as above.
    if unsafe { !(*address).is_ours() } {
        return Err(Error::argument(format!(
            "This {what} belongs to another process: it was made before this one was forked. \
             Make a new one here."
        )));
    }
    // SAFETY: its head says that it is of this type.
    Ok(unsafe { &(*address.cast::<Owned<T>>()).value })
}
