#![no_main]

libfuzzer_sys::fuzz_target!(|case: &[u8]| openaistream_fuzz::check::events::check(case));
