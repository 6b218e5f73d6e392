//! Shapes that know numbers and styles, and nothing of what is measured.

pub mod area;
pub mod bands;
pub mod chart;
pub mod digits;
pub mod gauge;
pub mod heat;
pub mod plot;
pub mod scale;
pub mod scroll;
pub mod segments;
pub mod sparkline;
pub mod text;
pub mod timeline;
