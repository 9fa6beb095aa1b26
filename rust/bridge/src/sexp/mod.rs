//! R's C API as the JSON conversions use it.
//!
//! Two rules stand for every function here. It runs on R's thread, with objects that R protects:
//! arguments of the call, what they hold, and what was protected since. And a function that says
//! that it may jump runs below [`crate::toplevel::at_toplevel`] alone.

pub mod make;
pub mod read;

use extendr_ffi::{self as ffi, SEXP};

/// Attributes that R has a symbol for.
#[derive(Debug, Clone, Copy)]
pub enum Attribute {
    Names,
    Class,
    Dim,
    RowNames,
    Levels,
}

impl Attribute {
    fn symbol(self) -> SEXP {
        // SAFETY: R sets the constants before it loads a package.
        unsafe {
            match self {
                Attribute::Names => ffi::R_NamesSymbol,
                Attribute::Class => ffi::R_ClassSymbol,
                Attribute::Dim => ffi::R_DimSymbol,
                Attribute::RowNames => ffi::R_RowNamesSymbol,
                Attribute::Levels => ffi::R_LevelsSymbol,
            }
        }
    }
}

/// `NULL`.
pub fn nil() -> SEXP {
    // SAFETY: as for symbols.
    unsafe { ffi::R_NilValue }
}
