//! Reads R objects. No function here jumps: an R error becomes a value.

use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::slice;

use extendr_ffi::{self as ffi, SEXP, SEXPTYPE};

use super::make::{call_of, protect, unprotect};
use super::{nil, Attribute};
use crate::toplevel::at_toplevel;

// SEXPs are only passed on, so the warning about their incomplete type does not apply.
#[allow(improper_ctypes)]
extern "C" {
    // Not declared by extendr-ffi.
    fn Rf_getCharCE(string: SEXP) -> c_int;
    fn Rf_translateCharUTF8(string: SEXP) -> *const c_char;
    #[cfg(unix)]
    fn Rf_translateChar(string: SEXP) -> *const c_char;
    fn vmaxget() -> *mut c_void;
    fn vmaxset(mark: *const c_void);
}

/// R raised an error, whose message would not help the caller.
#[derive(Debug, Clone, Copy)]
pub struct Raised;

pub fn kind(object: SEXP) -> SEXPTYPE {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::TYPEOF(object) }
}

pub fn len(vector: SEXP) -> usize {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_xlength(vector) as usize }
}

/// Whether the object has a class attribute.
pub fn is_object(object: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_isObject(object) != ffi::Rboolean::FALSE }
}

pub fn is_s4(object: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_isS4(object) != ffi::Rboolean::FALSE }
}

/// An attribute of a vector; `NULL` if there is none.
pub fn attribute(vector: SEXP, attribute: Attribute) -> Result<SEXP, Raised> {
    let symbol = attribute.symbol();
    match attribute {
        // R expands compact row names, which allocates.
        Attribute::RowNames => run(|| {
            // SAFETY: the rules of `sexp`.
            unsafe { ffi::Rf_getAttrib(vector, symbol) }
        }),
        // SAFETY: R only looks these up.
        _ => Ok(unsafe { ffi::Rf_getAttrib(vector, symbol) }),
    }
}

/// The element at an index of a list.
pub fn element(list: SEXP, index: usize) -> Result<SEXP, Raised> {
    let index = index as ffi::R_xlen_t;
    // SAFETY: the index is within the list.
    let element = || unsafe { ffi::VECTOR_ELT(list, index) };
    if is_altrep(list) {
        run(element)
    } else {
        Ok(element())
    }
}

/// The elements of a logical vector.
pub fn logicals<'a>(vector: SEXP) -> Result<&'a [i32], Raised> {
    // SAFETY: the rules of `sexp`, and the caller knows the type.
    elements(vector, || unsafe { ffi::LOGICAL(vector) })
}

/// The elements of an integer vector.
pub fn integers<'a>(vector: SEXP) -> Result<&'a [i32], Raised> {
    // SAFETY: as for logicals.
    elements(vector, || unsafe { ffi::INTEGER(vector) })
}

/// The elements of a numeric vector.
pub fn doubles<'a>(vector: SEXP) -> Result<&'a [f64], Raised> {
    // SAFETY: as for logicals.
    elements(vector, || unsafe { ffi::REAL(vector) })
}

/// The integers in a numeric vector of package bit64.
pub fn integers_of_64_bits<'a>(vector: SEXP) -> Result<&'a [i64], Raised> {
    // SAFETY: as for logicals.
    elements(vector, || unsafe { ffi::REAL(vector).cast() })
}

/// The elements of a raw vector.
pub fn bytes<'a>(vector: SEXP) -> Result<&'a [u8], Raised> {
    // SAFETY: as for logicals.
    elements(vector, || unsafe { ffi::RAW(vector) })
}

/// The elements of a character vector.
pub fn strings<'a>(vector: SEXP) -> Result<&'a [SEXP], Raised> {
    // SAFETY: as for logicals.
    elements(vector, || unsafe { ffi::STRING_PTR_RO(vector) })
}

fn elements<'a, T>(vector: SEXP, data: impl Fn() -> *const T) -> Result<&'a [T], Raised> {
    let len = len(vector);
    if len == 0 {
        // R's pointer to an empty vector is not aligned.
        return Ok(&[]);
    }
    let data = if is_altrep(vector) {
        run(data)?
    } else {
        data()
    };
    // SAFETY: R's data has this length and lives as long as the vector.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// Whether R computes the elements on access.
fn is_altrep(vector: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::ALTREP(vector) != 0 }
}

/// A string is not valid text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText;

/// The text of a string in UTF-8; `None` for `NA`.
pub fn text<'a>(string: SEXP) -> Result<Option<Cow<'a, str>>, NotText> {
    const BYTES: c_int = ffi::cetype_t::CE_BYTES as c_int;
    const UTF8: c_int = ffi::cetype_t::CE_UTF8 as c_int;
    const NATIVE: c_int = ffi::cetype_t::CE_NATIVE as c_int;
    // SAFETY: the rules of `sexp`; a string has this number of bytes and ends with NUL.
    let (missing, bytes, encoding) = unsafe {
        let bytes = slice::from_raw_parts(ffi::R_CHAR(string).cast(), ffi::LENGTH(string) as usize);
        (string == ffi::R_NaString, bytes, Rf_getCharCE(string))
    };
    if missing {
        return Ok(None);
    }
    match encoding {
        _ if bytes.is_ascii() => {}
        BYTES => return Err(NotText),
        UTF8 => {}
        NATIVE if native_is_utf8() => {}
        _ => return translated(string).map(|text| Some(text.into())),
    }
    std::str::from_utf8(bytes)
        .map(|text| Some(text.into()))
        .map_err(|_| NotText)
}

/// Whether to treat text in the session's encoding as UTF-8 or invalid, because R's translation
/// would turn an invalid byte into `<e9>`. This includes ASCII, the encoding of the locale C in
/// many containers: text that is read there from a script or file is almost always UTF-8.
#[cfg(unix)]
fn native_is_utf8() -> bool {
    // SAFETY: the system's string is copied before another call could change it.
    let name = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    matches!(
        name.to_bytes(),
        b"UTF-8" | b"utf8" | b"ANSI_X3.4-1968" | b"US-ASCII" | b"ASCII" | b"646" | b""
    )
}

/// The code page of UTF-8 on Windows is 65001
/// (<https://learn.microsoft.com/windows/win32/intl/code-page-identifiers>).
#[cfg(not(unix))]
fn native_is_utf8() -> bool {
    extern "system" {
        fn GetACP() -> u32;
    }
    // SAFETY: the function only reads a setting of the process.
    unsafe { GetACP() == 65001 }
}

/// Translates a string in an encoding other than UTF-8.
fn translated(string: SEXP) -> Result<String, NotText> {
    let bytes = translated_by(Rf_translateCharUTF8, string)?;
    String::from_utf8(bytes).map_err(|_| NotText)
}

/// The bytes of a string in the session's encoding, which is used for file names.
#[cfg(unix)]
pub fn native_bytes(string: SEXP) -> Result<Vec<u8>, NotText> {
    translated_by(Rf_translateChar, string)
}

fn translated_by(
    translate: unsafe extern "C" fn(SEXP) -> *const c_char,
    string: SEXP,
) -> Result<Vec<u8>, NotText> {
    // SAFETY: R's temporary memory is released after the text has been copied.
    unsafe {
        let mark = vmaxget();
        let text = run(|| translate(string));
        let bytes = text.map(|text| CStr::from_ptr(text).to_bytes().to_vec());
        vmaxset(mark);
        bytes.map_err(|_| NotText)
    }
}

/// Runs a function that may jump and returns a pointer to R's memory.
fn run<T: Copy>(mut function: impl FnMut() -> T) -> Result<T, Raised> {
    let mut value = None;
    at_toplevel(|| value = Some(function()));
    value.ok_or(Raised)
}

/// An object that is protected until dropped.
#[derive(Debug)]
pub struct Kept(SEXP);

impl Kept {
    pub fn object(&self) -> SEXP {
        self.0
    }

    /// Protects the result of a function that may jump.
    fn made(mut function: impl FnMut() -> SEXP) -> Result<Kept, Raised> {
        let object = run(|| {
            let object = protect(function());
            // SAFETY: the rules of `sexp`.
            unsafe { ffi::R_PreserveObject(object) };
            unprotect(1);
            object
        })?;
        Ok(Kept(object))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // SAFETY: preserved once, when it was created.
        unsafe { ffi::R_ReleaseObject(self.0) };
    }
}

/// Calls an R function, given as source code, with one argument.
pub fn called(source: &CStr, argument: SEXP) -> Result<Kept, Raised> {
    let mut failed = 0;
    let kept = Kept::made(|| {
        let call = protect(call_of(source, argument));
        // SAFETY: the rules of `sexp`. Unlike a plain evaluation, it does not print errors.
        let value = unsafe { ffi::R_tryEvalSilent(call, ffi::R_BaseEnv, &mut failed) };
        unprotect(1);
        if failed == 0 {
            value
        } else {
            nil()
        }
    })?;
    if failed == 0 {
        Ok(kept)
    } else {
        Err(Raised)
    }
}

/// Converts a pairlist to a list.
pub fn vector_of_pairs(pairs: SEXP) -> Result<Kept, Raised> {
    // SAFETY: the rules of `sexp`.
    Kept::made(|| unsafe { ffi::Rf_PairToVectorList(pairs) })
}

/// The strings of an attribute; none if it is missing or not a character vector.
pub fn attribute_strings<'a>(vector: SEXP, name: Attribute) -> Result<Option<&'a [SEXP]>, Raised> {
    let value = attribute(vector, name)?;
    if value == nil() || kind(value) != SEXPTYPE::STRSXP {
        return Ok(None);
    }
    strings(value).map(Some)
}
