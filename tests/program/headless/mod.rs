//! `probetop run` and `probetop check` as scripts see them: the real binary against a local server.

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

use crate::support::program::{Place, target};
use crate::support::web::Web;
use serde_json::Value;

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
