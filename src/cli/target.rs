//! A target as it is typed: any text but what stands in its place by mistake, which would otherwise be a host without a
//! scheme.

use clap::CommandFactory as _;
use probetop_core::suggest;
use probetop_screen::ui::action::Action;
use probetop_screen::ui::page::Pane;

use super::Cli;

/// # Errors
/// A subcommand, misspelt or behind options; the name of a page of the screen; a file of ours.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let command = Cli::command();
    let subcommands: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
    if subcommands.contains(&text) {
        let target = match text {
            "demo" => {
                "; as a target it is demo://, or one endpoint such as demo://checkout: probetop demo --help lists them"
            }
            _ => "",
        };
        return Err(format!(
            "a command comes before its options; write probetop {text} …{target}"
        ));
    }
    if let Some(refusal) = file(text).or_else(|| page(text)) {
        return Err(refusal);
    }
    if !text.chars().all(|c| c.is_ascii_alphabetic()) {
        return Ok(text.to_owned());
    }
    match suggest::closest(text, subcommands) {
        hint if hint.is_empty() => Ok(text.to_owned()),
        hint => Err(format!("neither a URL nor a command{hint}")),
    }
}

/// What to write where `text` names a file and no service.
fn file(text: &str) -> Option<String> {
    if text.contains("://") || text.contains('=') {
        return None;
    }
    let option = match text.rsplit_once('.')?.1 {
        "toml" => "-c",
        "json" => "--baseline",
        _ => return None,
    };
    Some(format!("that is a file and not a target; write {option} {text}"))
}

/// What to press where `text` names a page.
fn page(text: &str) -> Option<String> {
    let action = Action::from_name(text)?;
    Pane::shown_by(action)?;
    let key = action.command().keys.first()?;
    Some(format!(
        "that is a page of the screen; start probetop without it and press {key}"
    ))
}
