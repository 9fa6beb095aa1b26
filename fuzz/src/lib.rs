//! The properties that the fuzz targets check: those of the random tests.

#[path = "../../rust/core/tests/properties/check/mod.rs"]
pub mod check;
