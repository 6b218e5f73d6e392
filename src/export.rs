//! A snapshot as bytes for others to read.

pub mod json;
pub mod table;
