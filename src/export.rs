//! A snapshot as bytes for others to read.

pub mod baseline;
pub mod csv;
pub mod json;
pub mod load;
pub mod table;
