//! `probetop run` and `probetop check` as scripts see them: the real binary against a local server.

#![allow(
    clippy::duplicate_mod,
    reason = "receiver and web each bring the server they stand on"
)]

#[path = "../support/program.rs"]
#[allow(dead_code, reason = "each test crate uses its part")]
mod program;
#[path = "../notify/receiver.rs"]
#[allow(dead_code, reason = "each test crate uses its part")]
mod receiver;
#[path = "../support/web.rs"]
mod web;
#[path = "../support/secret.rs"]
mod secret;

mod output;
mod ending;
mod check;
mod trouble;
mod log;
mod baseline;
mod marks;
mod state_file;
mod told;
mod secrets;

use program::{PATIENCE, Place, target};
use serde_json::Value;
use web::Web;

/// A place with a configuration whose target `a` asks the server for `path` every 100 ms.
fn place(web: &Web, path: &str, more: &str) -> Place {
    let place = Place::new();
    let url = web.url(path);
    place.write(
        "probetop.toml",
        &format!("interval = \"100ms\"\n[[target]]\nname = \"a\"\nurl = \"{url}\"\n{more}"),
    );
    place
}

fn run_window(document: &Value) -> &Value {
    &target(document, "a")["windows"]["run"]
}
