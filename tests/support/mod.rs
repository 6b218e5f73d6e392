//! Servers that the tests of real protocols talk to. Each test crate uses its part.
#![allow(dead_code, reason = "each test crate uses its part")]

pub mod certificates;
pub mod dnsmasq;
pub mod messages;
pub mod nginx;
pub mod postgres;
pub mod raw_server;
pub mod redis;
pub mod silence;
pub mod smtp;
pub mod waiting;
