//! Kinds of terminals, by the name in `TERM`: what differs between them is what they understand.

/// What a terminal descends from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// xterm and everything made after it, screen and tmux among them.
    #[default]
    Xterm,
    /// The console of Linux: 8 colours, bold ones brighter, a font of 256 or 512 characters, one screen.
    Linux,
    /// DEC's terminals from the VT220 on, and those that say they are: no colours, one screen.
    Vt220,
    /// No cursor that can be hidden either: also whatever does not say what it is.
    Vt100,
    /// Takes lines of text alone.
    Dumb,
}

impl Family {
    /// By `TERM`. Names nobody has heard of are of emulators made after xterm.
    pub fn of(term: Option<&str>) -> Self {
        match term.unwrap_or_default() {
            "" | "unknown" | "ansi" => Self::Vt100,
            "dumb" => Self::Dumb,
            term if is_variant(term, "linux") => Self::Linux,
            term if term.starts_with("vt1") => Self::Vt100,
            term if ["vt2", "vt3", "vt4", "vt5"].iter().any(|start| term.starts_with(start)) => Self::Vt220,
            _ => Self::Xterm,
        }
    }
}

/// Whether `term` is `name` or `name-something`.
fn is_variant(term: &str, name: &str) -> bool {
    term.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_family() {
        let check = |terms: &[&str], expected| {
            for term in terms {
                assert_eq!(Family::of(Some(term)), expected, "{term}");
            }
        };
        check(
            &[
                "xterm",
                "xterm-256color",
                "screen",
                "screen-256color",
                "tmux-256color",
                "alacritty",
                "vte",
                "linuxvt",
            ],
            Family::Xterm,
        );
        check(&["linux", "linux-16color"], Family::Linux);
        check(&["vt220", "vt320-w", "vt420", "vt525"], Family::Vt220);
        check(&["vt100", "vt102", "vt100-am", "ansi", "unknown", ""], Family::Vt100);
        check(&["dumb"], Family::Dumb);
        assert_eq!(Family::of(None), Family::Vt100);
    }
}
