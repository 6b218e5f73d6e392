//! HTTP and HTTPS over hyper's client connection, so that every phase is the one of the connection that was used.

mod settings;

pub use settings::{Connection, Settings};
