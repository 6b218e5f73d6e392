//! Alerts, from a condition to whoever is told of it.

#[path = "../support/mod.rs"]
mod support;

mod alerts;
mod alert_properties;
mod attention;
mod attention_properties;
mod notify;
mod notify_command;
mod notify_mail;
mod notify_test;
