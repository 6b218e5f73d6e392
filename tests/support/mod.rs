//! What the programs of tests share: servers of real protocols and of scripts, the binary with and without a terminal,
//! scenes, recordings and snapshots to draw. Each program uses its part.
#![allow(dead_code, reason = "each program of tests uses its part")]

pub mod attempt;
pub mod certificates;
pub mod course;
pub mod dnsmasq;
// By its path, as benchmarks have it, so that its parts are found beside it.
#[path = "fixture_snapshot.rs"]
pub mod fixture_snapshot;
pub mod fixture_load;
pub mod inputs;
pub mod messages;
pub mod nginx;
pub mod past;
pub mod postgres;
pub mod program;
pub mod pty;
pub mod random;
pub mod raw_server;
pub mod receiver;
pub mod recording;
pub mod redis;
pub mod scene;
pub mod screen;
pub mod secret;
pub mod server;
pub mod silence;
pub mod smtp;
pub mod sockets;
pub mod waiting;
pub mod web;
