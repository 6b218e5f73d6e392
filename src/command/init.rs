//! `probetop init`: a first configuration.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::InitArgs;
use crate::config::starter::{self, Existing};

pub fn run(args: &InitArgs) -> Result<ExitCode, Failure> {
    let existing = if args.force { Existing::Replaced } else { Existing::Kept };
    starter::write(&args.path, existing).map_err(|error| Failure::Run(error.to_string()))?;
    let path = args.path.display();
    let option = if args.path.as_os_str() == crate::config::FILE_NAME {
        String::new()
    } else {
        format!(" -c {path}")
    };
    let next = format!(
        "wrote {path}\n\
         next: put your own targets in it, then\n\
         \x20 probetop config check{option}    every problem at once\n\
         \x20 probetop{option}                 watch\n"
    );
    print(next.as_bytes())
}
