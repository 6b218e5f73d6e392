//! What follows from the definition of the command line: completion scripts and the manual page.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Cli, Shell};

/// The completion script for `shell`.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "probetop", &mut script);
    script
}

/// The manual page: the program, then each subcommand with its options.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn manual() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut examples = Vec::new();
    man.render_extra_section(&mut examples)?;
    page.extend(retitled(&examples, "SH"));
    for subcommand in command
        .get_subcommands()
        .filter(|subcommand| subcommand.get_name() != "help")
    {
        manual_of(subcommand, &mut page)?;
        for inner in subcommand.get_subcommands().filter(|inner| inner.get_name() != "help") {
            manual_of(inner, &mut page)?;
        }
    }
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// One subcommand as a section, with what are sections of its own page as subsections.
fn manual_of(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let title = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    page.extend(format!(".SH \"{title}\"\n").into_bytes());
    let man = Man::new(command.clone());
    let mut sections = Vec::new();
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    if command.get_after_help().is_some() {
        man.render_extra_section(&mut sections)?;
    }
    page.extend(retitled(&sections, "SS"));
    Ok(())
}

/// The sections of a rendered page at another level (`SH` or `SS`), and with examples under their name.
fn retitled(sections: &[u8], level: &str) -> Vec<u8> {
    String::from_utf8_lossy(sections)
        .replace(".SH EXTRA", ".SH EXAMPLES")
        .replace(".SH ", &format!(".{level} "))
        .into_bytes()
}
