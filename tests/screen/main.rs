//! What is on the screen, drawn into memory: pages, sizes, themes, and the bytes they become.

#[path = "../support/mod.rs"]
mod support;

mod pages;
mod screen_limits;
mod themes;
mod terminfo;
mod line_cost;
mod one_truth;
