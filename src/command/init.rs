//! `probetop init`: a first configuration, to be filled in or made of what listens on this machine.

use std::borrow::Cow;
use std::process::ExitCode;

use probetop_core::sample::printable;
use probetop_probe::source::discovery::{self, Discovered};

use super::{Failure, print, say};
use crate::cli::InitArgs;
use crate::config::discovered;
use crate::config::starter::{self, Existing};

pub(super) fn run(args: &InitArgs) -> Result<ExitCode, Failure> {
    let existing = if args.force { Existing::Replaced } else { Existing::Kept };
    let refused = |error: starter::WriteError| Failure::Run(error.to_string());
    starter::refuse_existing(&args.path, existing).map_err(refused)?;
    let (text, todo) = if args.discover {
        let found = discover()?;
        (discovered::text(&found).into(), "look through what was found, then")
    } else {
        let text = if args.full { starter::FULL } else { starter::TEXT };
        (Cow::Borrowed(text), "put your own targets in it, then")
    };
    starter::write(&args.path, &text, existing).map_err(refused)?;
    let path = printable(&args.path.display().to_string());
    let option = if args.path.as_os_str() == crate::config::FILE_NAME {
        String::new()
    } else {
        format!(" -c {path}")
    };
    let next = format!(
        "wrote {path}\n\
         next: {todo}\n\
         \x20 probetop config check{option}    every problem at once\n\
         \x20 probetop{option}                 watch\n"
    );
    print(next.as_bytes())
}

/// Asks whoever listens; says before how many that are.
fn discover() -> Result<Vec<Discovered>, Failure> {
    let listening = discovery::listening().map_err(Failure::Run)?;
    say(&format!(
        "asking {} listeners of this machine once each",
        listening.len()
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Run(format!("cannot ask the network: {error}")))?;
    Ok(runtime.block_on(discovery::discover(listening)))
}
