//! What is on the screen, drawn into memory: pages, sizes, themes, and the bytes they become.

#[path = "../support/mod.rs"]
mod support;

mod drawn;
mod every_page;
mod pages;
mod clicks;
mod screen_limits;
mod themes;
mod terminfo;
mod line_cost;
mod one_truth;
