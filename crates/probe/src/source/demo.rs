//! `demo://`: a built-in service with something to see, for a first look, for screenshots and for tests.
//!
//! [`Service`] answers HTTP on a loopback port that the system picks; [`behaviour`] says how each [`Endpoint`] fares at
//! which time. The target `demo://checkout` is an HTTP probe of [`Service::base_url`] with the path `/checkout`.

mod shared;
mod scenario;
mod service;
mod settings;

pub use scenario::{Behaviour, CYCLE, Endpoint, Reply, behaviour};
pub use service::{LARGE_BODY_BYTES, Service};
pub use settings::{KIND, Settings};
pub use shared::SharedDemo;
