//! The functions that R calls, which take and return plain R values.
//!
//! Each returns `list(ok = <value>)`, `list(error = <record>)` or `list(interrupted = TRUE)`. None
//! raises an R error or panics, because R's errors jump over Rust's frames.

mod base64;
mod batch;
mod call_record;
mod collector;
mod embeddings;
mod file_lock;
mod interrupts;
mod journal_file;
mod json;
mod json_from_r;
mod json_to_r;
mod key;
mod media;
mod notify;
mod outcome;
mod owned;
mod parallel;
mod progress;
mod registry_file;
mod request;
mod results;
mod results_file;
mod rows;
mod runtime;
mod send;
mod server;
mod sexp;
mod signals;
mod stream;
mod template;
mod toplevel;
mod unique_names;
mod usage;
mod values;
mod wait;
mod webhook;

use extendr_api::prelude::*;

extendr_module! {
    mod openaistream;
    use base64;
    use batch;
    use call_record;
    use collector;
    use json;
    use key;
    use media;
    use parallel;
    use registry_file;
    use request;
    use results;
    use rows;
    use runtime;
    use send;
    use server;
    use stream;
    use usage;
    use webhook;
}
