//! The part of R's C API that the JSON conversions use.
//!
//! Two rules apply to every function here. It must be called on R's thread, with protected objects:
//! arguments of the call, their elements, and objects protected since. And a function that may jump
//! must only be called inside [`crate::toplevel::at_toplevel`].

pub mod make;
pub mod read;

use std::ffi::CStr;

use extendr_ffi::{self as ffi, SEXP};

/// The symbols of attributes.
#[derive(Debug, Clone, Copy)]
pub enum Attribute {
    Names,
    Class,
    Dim,
    DimNames,
    RowNames,
    Levels,
    /// An attribute that R itself does not define. Creating its symbol may jump.
    Other(&'static CStr),
}

impl Attribute {
    fn symbol(self) -> SEXP {
        // SAFETY: R initialises the constants before it loads packages; the name ends with NUL.
        unsafe {
            match self {
                Attribute::Names => ffi::R_NamesSymbol,
                Attribute::Class => ffi::R_ClassSymbol,
                Attribute::Dim => ffi::R_DimSymbol,
                Attribute::DimNames => ffi::R_DimNamesSymbol,
                Attribute::RowNames => ffi::R_RowNamesSymbol,
                Attribute::Levels => ffi::R_LevelsSymbol,
                Attribute::Other(name) => ffi::Rf_install(name.as_ptr()),
            }
        }
    }
}

/// `NULL`.
pub fn nil() -> SEXP {
    // SAFETY: as for symbols.
    unsafe { ffi::R_NilValue }
}
