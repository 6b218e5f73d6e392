//! Options that were typed before a command are put behind it, where they belong: `--ascii demo` is `demo --ascii`.

use std::ffi::OsString;

use clap::Command;

/// The words with what stands before the command, if all of that is options, behind it. The first is the program's name.
pub(super) fn command_first(words: Vec<OsString>, root: &Command) -> Vec<OsString> {
    let Some(at) = command_behind_options(&words, root) else {
        return words;
    };
    let mut end = at;
    let mut command = root;
    while let Some(next) = words.get(end).and_then(|word| command.find_subcommand(word)) {
        (command, end) = (next, end + 1);
    }
    let (options, rest) = words.split_at(at);
    let (program, options) = options.split_at(1);
    let (commands, rest) = rest.split_at(end - at);
    [program, commands, options, rest].concat()
}

/// Where a command stands that has nothing but options before it.
fn command_behind_options(words: &[OsString], root: &Command) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.to_str()?;
        if !text.starts_with('-') || text == "-" || text == "--" {
            let is_command = root.find_subcommand(word).is_some();
            return (is_command && at > 1).then_some(at);
        }
        at += 1 + usize::from(takes_next(text, root));
    }
    None
}

/// Whether the word behind the option is its value.
fn takes_next(option: &str, root: &Command) -> bool {
    let takes_value = |argument: &clap::Arg| argument.get_action().takes_values();
    let mut arguments = root.get_arguments();
    if let Some(name) = option.strip_prefix("--") {
        return arguments.any(|argument| argument.get_long() == Some(name) && takes_value(argument));
    }
    // Of `-vi 1s` the last letter takes it; what follows a letter that takes one is its value already.
    let letters = option.trim_start_matches('-');
    let takes = |letter: char| {
        let mut arguments = root.get_arguments();
        arguments.any(|argument| argument.get_short() == Some(letter) && takes_value(argument))
    };
    letters.chars().position(takes) == letters.chars().count().checked_sub(1)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn check(typed: &str, expected: &str) {
        let words = typed.split(' ').map(OsString::from).collect();
        let found = command_first(words, &Cli::command());
        let found: Vec<_> = found.iter().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn options_stand_before_a_command_or_behind_it() {
        check("probetop --ascii demo", "probetop demo --ascii");
        check("probetop --theme light demo -i 1s", "probetop demo --theme light -i 1s");
        check(
            "probetop --theme=light -i 1s run x",
            "probetop run --theme=light -i 1s x",
        );
        check("probetop -vi 1s -vw1m demo", "probetop demo -vi 1s -vw1m");
        check("probetop -c a.toml config check", "probetop config check -c a.toml");
    }

    #[test]
    fn everything_else_stays_as_it_was_typed() {
        for typed in [
            "probetop",
            "probetop demo --ascii",
            "probetop --ascii",
            "probetop http://a demo",
            "probetop --theme demo",
            "probetop -- demo",
            "probetop --ascii http://a",
        ] {
            check(typed, typed);
        }
    }
}
