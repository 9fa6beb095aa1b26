//! Creates R objects. Every function that allocates may jump.

use std::ffi::{c_char, c_int, CStr};
use std::mem::MaybeUninit;
use std::slice;

use extendr_ffi::{self as ffi, SEXP, SEXPTYPE};

use super::Attribute;

// SEXPs are only passed on, so the warning about their incomplete type does not apply.
#[allow(improper_ctypes)]
extern "C" {
    // Not declared by extendr-ffi.
    fn Rf_eval(call: SEXP, environment: SEXP) -> SEXP;
    fn R_ParseEvalString(source: *const c_char, environment: SEXP) -> SEXP;
    fn MARK_NOT_MUTABLE(object: SEXP);
    fn Rf_shallow_duplicate(object: SEXP) -> SEXP;
}

/// Protects an object until [`unprotect`]. May jump, because the protection stack has a limited
/// size.
pub fn protect(object: SEXP) -> SEXP {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_protect(object) }
}

/// Unprotects the last `count` objects.
pub fn unprotect(count: c_int) {
    // SAFETY: the caller protected at least this many.
    unsafe { ffi::Rf_unprotect(count) }
}

/// A new vector. May jump.
pub fn new_vector(kind: SEXPTYPE, len: usize) -> SEXP {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_allocVector(kind, len as ffi::R_xlen_t) }
}

/// Copies `values` to the data of an R vector with the same length.
///
/// # Safety
/// `data` must have room for the values and must not overlap them. R's pointer to an empty vector
/// is not aligned.
unsafe fn copy<T>(data: *mut T, values: &[T]) {
    if !values.is_empty() {
        // SAFETY: the same rule.
        unsafe { data.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    }
}

/// A new logical vector. May jump.
pub fn new_logicals(values: &[i32]) -> SEXP {
    let vector = new_vector(SEXPTYPE::LGLSXP, values.len());
    // SAFETY: the new vector has the same length, and does not overlap the values.
    unsafe { copy(ffi::LOGICAL(vector), values) };
    vector
}

/// A new integer vector. May jump.
pub fn new_integers(values: &[i32]) -> SEXP {
    let vector = new_vector(SEXPTYPE::INTSXP, values.len());
    // SAFETY: as for logicals.
    unsafe { copy(ffi::INTEGER(vector), values) };
    vector
}

/// A new numeric vector. May jump.
pub fn new_doubles(values: &[f64]) -> SEXP {
    let vector = new_vector(SEXPTYPE::REALSXP, values.len());
    // SAFETY: as for logicals.
    unsafe { copy(ffi::REAL(vector), values) };
    vector
}

/// Creates a new numeric vector whose elements `write` sets.
pub fn write_doubles(vector: SEXP, write: impl FnOnce(&mut [MaybeUninit<f64>])) {
    // SAFETY: the rules of `sexp`.
    let len = unsafe { ffi::Rf_xlength(vector) } as usize;
    if len == 0 {
        // R's pointer to an empty vector is not aligned.
        return write(&mut []);
    }
    // SAFETY: the new vector has this length, and nobody else has access to it yet.
    write(unsafe { slice::from_raw_parts_mut(ffi::REAL(vector).cast(), len) });
}

/// A string, `NA` for `None`. The text must not contain NUL and must be shorter than 2 GiB. May
/// jump.
pub fn new_string(text: Option<&str>) -> SEXP {
    // SAFETY: R copies the bytes, whose number fits into a C int.
    unsafe {
        match text {
            None => ffi::R_NaString,
            Some(text) => {
                let encoding = ffi::cetype_t::CE_UTF8;
                ffi::Rf_mkCharLenCE(text.as_ptr().cast(), text.len() as c_int, encoding)
            }
        }
    }
}

/// A new character vector of length one. May jump.
pub fn new_text(text: &str) -> SEXP {
    let vector = protect(new_vector(SEXPTYPE::STRSXP, 1));
    set_string(vector, 0, new_string(Some(text)));
    unprotect(1);
    vector
}

/// Keeps a new object forever, marked as shared, so that R copies it before modifying it. May jump.
pub fn keep_constant(object: SEXP) -> SEXP {
    protect(object);
    // SAFETY: the rules of `sexp`.
    unsafe {
        ffi::R_PreserveObject(object);
        MARK_NOT_MUTABLE(object);
    }
    unprotect(1);
    object
}

/// Sets an element of a new character vector.
pub fn set_string(vector: SEXP, index: usize, string: SEXP) {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::SET_STRING_ELT(vector, index as ffi::R_xlen_t, string) }
}

/// Sets an element of a new list.
pub fn set_element(list: SEXP, index: usize, value: SEXP) {
    // SAFETY: the rules of `sexp`; SET_VECTOR_ELT returns the value.
    unsafe { ffi::SET_VECTOR_ELT(list, index as ffi::R_xlen_t, value) };
}

/// Sets an element of a new numeric vector.
pub fn set_double(vector: SEXP, index: usize, value: f64) {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::SET_REAL_ELT(vector, index as ffi::R_xlen_t, value) }
}

/// A shallow copy of a list. May jump.
pub fn shallow_copy(list: SEXP) -> SEXP {
    // SAFETY: the rules of `sexp`.
    unsafe { Rf_shallow_duplicate(list) }
}

/// The index of the first element with this name in a named list. May jump.
pub fn index_of(list: SEXP, name: &str) -> Option<usize> {
    // SAFETY: the rules of `sexp`. There are as many names as elements, and each ends with NUL.
    unsafe {
        let names = ffi::Rf_getAttrib(list, ffi::R_NamesSymbol);
        if ffi::TYPEOF(names) != SEXPTYPE::STRSXP {
            return None;
        }
        let len = ffi::Rf_xlength(names);
        let mut indexes = 0..len;
        indexes
            .find(|index| {
                let known = ffi::R_CHAR(ffi::STRING_ELT(names, *index));
                CStr::from_ptr(known).to_bytes() == name.as_bytes()
            })
            .map(|index| index as usize)
    }
}

/// Sets an attribute; the value need not be protected. May jump.
pub fn set_attribute(object: SEXP, attribute: Attribute, value: SEXP) {
    protect(value);
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_setAttrib(object, attribute.symbol(), value) };
    unprotect(1);
}

/// Converts a vector to strings, as R formats them. May jump.
pub fn as_strings(vector: SEXP) -> SEXP {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_coerceVector(vector, SEXPTYPE::STRSXP) }
}

/// Calls an R function, given as source code, with one argument. May jump.
pub fn call(source: &CStr, argument: SEXP) -> SEXP {
    let call = protect(call_of(source, argument));
    // SAFETY: the rules of `sexp`.
    let value = unsafe { Rf_eval(call, ffi::R_BaseEnv) };
    unprotect(1);
    value
}

/// Creates the call of an R function with one argument. May jump.
pub fn call_of(source: &CStr, argument: SEXP) -> SEXP {
    protect(argument);
    // SAFETY: the rules of `sexp`. A call is a pairlist of the function and its arguments.
    let call = unsafe {
        let function = protect(R_ParseEvalString(source.as_ptr(), ffi::R_BaseEnv));
        let arguments = protect(ffi::Rf_cons(argument, ffi::R_NilValue));
        ffi::Rf_lcons(function, arguments)
    };
    unprotect(3);
    call
}

/// Calls an R function with a string, a numeric vector and another string, for its side effects.
/// May jump.
pub fn call_function(function: SEXP, name: &str, numbers: &[f64], text: &str) {
    let text = protect(new_text(text));
    let numbers = protect(new_doubles(numbers));
    let name = protect(new_text(name));
    // SAFETY: the rules of `sexp`. A call is a pairlist of the function and its arguments.
    unsafe {
        let arguments = protect(ffi::Rf_cons(text, ffi::R_NilValue));
        let arguments = protect(ffi::Rf_cons(numbers, arguments));
        let arguments = protect(ffi::Rf_cons(name, arguments));
        let call = protect(ffi::Rf_lcons(function, arguments));
        Rf_eval(call, ffi::R_BaseEnv);
    }
    unprotect(7);
}

/// The string at an index of a character vector. May jump.
pub fn string_at(vector: SEXP, index: usize) -> SEXP {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::STRING_ELT(vector, index as ffi::R_xlen_t) }
}
