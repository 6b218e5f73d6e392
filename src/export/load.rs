//! What a load run came to, as bytes: the report that people read, and the document `probetop.load/v1`.

pub mod figure;
pub mod json;
pub mod search;
pub mod text;
