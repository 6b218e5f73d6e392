//! Files that are named in settings and options: read whole and with a limit, written whole or not at all.
//!
//! Only regular files are read, since whatever else may never end, or wait for a writer. What is not regular is written
//! through, so that a device stays a device and a link a link.

mod lock;
mod read;
mod write;

pub use lock::{Keeping, Lock, lock};
pub use read::{Given, Nature, read, read_given, read_text};
pub use write::{Access, append, check_writable, create, create_numbered, replace, replace_with};
