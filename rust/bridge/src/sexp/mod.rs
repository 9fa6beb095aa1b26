//! R's C API as the JSON conversions use it.
//!
//! Two rules stand for every function here. It runs on R's thread, with objects that R protects:
//! arguments of the call, what they hold, and what was protected since. And a function that says
//! that it may jump runs below [`crate::toplevel::at_toplevel`] alone.

pub mod make;
pub mod read;

use std::ffi::CStr;

use extendr_ffi::{self as ffi, SEXP};

/// Attributes by their symbols.
#[derive(Debug, Clone, Copy)]
pub enum Attribute {
    Names,
    Class,
    Dim,
    DimNames,
    RowNames,
    Levels,
    /// One that R itself does not know. R may have to make its symbol, and may jump then.
    Other(&'static CStr),
}

impl Attribute {
    fn symbol(self) -> SEXP {
        // SAFETY: R sets the constants before it loads a package; the name ends in NUL.
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
