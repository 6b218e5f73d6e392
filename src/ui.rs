//! The screen: events in, frames out.
pub mod action;
pub mod format;
pub mod keys;
pub mod layout;
pub mod pane;
pub mod theme;
pub mod view;
pub mod widget;
