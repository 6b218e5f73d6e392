//! `probetop load`: what it sends, held against the timetable and the log of the server that got it
//! (`cargo test --test load -- --include-ignored`).

#[path = "../support/mod.rs"]
mod support;

mod server;
mod engine;
mod program;
mod search;
mod nginx;
