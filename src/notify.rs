//! Tells the world of alerts: announcements in, messages to channels out, and how each channel does.
//!
//! Runs on a thread of its own. Nothing here is ever waited for: what cannot be taken is dropped and counted.

pub mod message;
pub mod channel;
pub mod audience;
pub mod settings;
pub mod kind;
pub mod document;
pub mod template;
pub mod backoff;
pub mod allowance;
pub mod outbox;
pub mod lane;
pub mod dispatcher;
pub mod tls;
pub mod http;
pub mod webhook;
pub mod slack;
pub mod alertmanager;
pub mod pagerduty;
pub mod words;
pub mod email;
pub mod command;
pub mod terminal;
