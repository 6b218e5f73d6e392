#![no_main]
#![allow(dead_code, reason = "each target calls its own")]

#[path = "../entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::journal(data));
