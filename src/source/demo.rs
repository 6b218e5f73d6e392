//! `demo://`: a built-in service with something to see.

mod settings;

pub use settings::Settings;
