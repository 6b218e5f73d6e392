//! Every kind of probe against servers: those that play a script, and real ones
//! (`cargo test --test probe -- --include-ignored`).

#[path = "../support/mod.rs"]
mod support;

mod compliance;
#[cfg(target_os = "linux")]
mod discovery;
mod exec;
mod flow;
mod fuzz_seeds;
mod generators;
mod grpc;
mod http;
mod net;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(target_os = "linux")]
mod process;
mod prometheus;
#[cfg(feature = "redis")]
mod redis;
mod tcp;
mod tls;
mod websocket;
mod zone;
