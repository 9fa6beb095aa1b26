//! Objects read. No function here jumps: where R could, it stops short and says so.

use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::slice;

use extendr_ffi::{self as ffi, SEXP, SEXPTYPE};

use super::make::{call_of, protect, unprotect};
use super::{nil, Attribute};
use crate::toplevel::at_toplevel;

// An object of R's is only ever passed on: that its type is not exhaustive does no harm.
#[allow(improper_ctypes)]
extern "C" {
    // Not bound by extendr-ffi.
    fn Rf_getCharCE(string: SEXP) -> c_int;
    fn Rf_translateCharUTF8(string: SEXP) -> *const c_char;
    #[cfg(unix)]
    fn Rf_translateChar(string: SEXP) -> *const c_char;
    fn vmaxget() -> *mut c_void;
    fn vmaxset(mark: *const c_void);
}

/// R raised an error, which says nothing that a caller could use.
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

/// Whether the object has a class of its own.
pub fn is_object(object: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_isObject(object) != ffi::Rboolean::FALSE }
}

pub fn is_s4(object: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::Rf_isS4(object) != ffi::Rboolean::FALSE }
}

/// An attribute of a vector, `NULL` if it has none.
pub fn attribute(vector: SEXP, attribute: Attribute) -> Result<SEXP, Raised> {
    let symbol = attribute.symbol();
    match attribute {
        // R expands short row names, which takes memory.
        Attribute::RowNames => run(|| {
            // SAFETY: the rules of `sexp`.
            unsafe { ffi::Rf_getAttrib(vector, symbol) }
        }),
        // SAFETY: R only looks these up.
        _ => Ok(unsafe { ffi::Rf_getAttrib(vector, symbol) }),
    }
}

/// The element at a place of a list.
pub fn element(list: SEXP, place: usize) -> Result<SEXP, Raised> {
    let place = place as ffi::R_xlen_t;
    // SAFETY: the caller's place is within the list.
    let element = || unsafe { ffi::VECTOR_ELT(list, place) };
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

/// The elements of a numeric vector of package bit64, which keeps integers in them.
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
        // R's pointer to no elements is not aligned.
        return Ok(&[]);
    }
    let data = if is_altrep(vector) {
        run(data)?
    } else {
        data()
    };
    // SAFETY: R's data of that many elements, which live as long as the vector.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// Whether R makes the elements when it is asked for them.
fn is_altrep(vector: SEXP) -> bool {
    // SAFETY: the rules of `sexp`.
    unsafe { ffi::ALTREP(vector) != 0 }
}

/// Why a string of R's is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText;

/// The text of a string in UTF-8, None for `NA`.
pub fn text<'a>(string: SEXP) -> Result<Option<Cow<'a, str>>, NotText> {
    const BYTES: c_int = ffi::cetype_t::CE_BYTES as c_int;
    const UTF8: c_int = ffi::cetype_t::CE_UTF8 as c_int;
    const NATIVE: c_int = ffi::cetype_t::CE_NATIVE as c_int;
    // SAFETY: the rules of `sexp`; a string is its length of bytes and a NUL.
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

/// Whether text of the session's own encoding is UTF-8 or no text: R's own translation would make
/// `<e9>` of a byte that is none. So it is, too, where that encoding is ASCII, as in the locale C,
/// which is that of many containers: what is read there from a script or a file is UTF-8 nearly
/// always.
#[cfg(unix)]
fn native_is_utf8() -> bool {
    // SAFETY: the system's string is copied before another call could change it.
    let name = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    matches!(
        name.to_bytes(),
        b"UTF-8" | b"utf8" | b"ANSI_X3.4-1968" | b"US-ASCII" | b"ASCII" | b"646" | b""
    )
}

/// Windows has code pages, of which that of UTF-8 has the number 65001
/// (<https://learn.microsoft.com/windows/win32/intl/code-page-identifiers>).
#[cfg(not(unix))]
fn native_is_utf8() -> bool {
    extern "system" {
        fn GetACP() -> u32;
    }
    // SAFETY: the function takes nothing and only reads a setting of the process.
    unsafe { GetACP() == 65001 }
}

/// The text of a string in another encoding than UTF-8.
fn translated(string: SEXP) -> Result<String, NotText> {
    let bytes = translated_by(Rf_translateCharUTF8, string)?;
    String::from_utf8(bytes).map_err(|_| NotText)
}

/// The bytes of a string in the session's own encoding, with which files are named.
#[cfg(unix)]
pub fn native_bytes(string: SEXP) -> Result<Vec<u8>, NotText> {
    translated_by(Rf_translateChar, string)
}

fn translated_by(
    translate: unsafe extern "C" fn(SEXP) -> *const c_char,
    string: SEXP,
) -> Result<Vec<u8>, NotText> {
    // SAFETY: R's memory up to the mark is given back once the text is copied from it.
    unsafe {
        let mark = vmaxget();
        let text = run(|| translate(string));
        let bytes = text.map(|text| CStr::from_ptr(text).to_bytes().to_vec());
        vmaxset(mark);
        bytes.map_err(|_| NotText)
    }
}

/// Runs what may jump for a pointer to R's memory.
fn run<T: Copy>(mut function: impl FnMut() -> T) -> Result<T, Raised> {
    let mut value = None;
    at_toplevel(|| value = Some(function()));
    value.ok_or(Raised)
}

/// An object that is protected as long as this lives.
#[derive(Debug)]
pub struct Kept(SEXP);

impl Kept {
    pub fn object(&self) -> SEXP {
        self.0
    }

    /// Keeps what a function that may jump makes.
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
        // SAFETY: it was preserved once, when it was made.
        unsafe { ffi::R_ReleaseObject(self.0) };
    }
}

/// What an R function makes of one argument; `source` is its R code.
pub fn called(source: &CStr, argument: SEXP) -> Result<Kept, Raised> {
    let mut failed = 0;
    let kept = Kept::made(|| {
        let call = protect(call_of(source, argument));
        // SAFETY: the rules of `sexp`. Unlike a plain evaluation it prints no error.
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

/// The same elements in a list that is a vector.
pub fn vector_of_pairs(pairs: SEXP) -> Result<Kept, Raised> {
    // SAFETY: the rules of `sexp`.
    Kept::made(|| unsafe { ffi::Rf_PairToVectorList(pairs) })
}

/// The strings of an attribute; none if it is not there or no character vector.
pub fn attribute_strings<'a>(vector: SEXP, name: Attribute) -> Result<Option<&'a [SEXP]>, Raised> {
    let value = attribute(vector, name)?;
    if value == nil() || kind(value) != SEXPTYPE::STRSXP {
        return Ok(None);
    }
    strings(value).map(Some)
}
