//! Everything a key can do, in one table: name, default keys, help. Bindings, footer, help pane and the table in docs/keys.md
//! all read it.

/// What the user wants done; in the order of [`COMMANDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Overview,
    Target,
    Machine,
    Alerts,
    Objectives,
    Health,
    Analysis,
    Compare,
    Timeline,
    Heat,
    Help,
    NextPane,
    PreviousPane,
    Open,
    Back,
    Palette,
    Expand,
    FocusNext,
    Preset,
    Discover,
    Signal,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    PreviousTarget,
    NextTarget,
    Filter,
    SortNext,
    SortPrevious,
    SortReverse,
    Columns,
    SavedFilter,
    FollowWorst,
    Together,
    Copy,
    Acknowledge,
    Silence,
    Note,
    WindowNext,
    ZoomIn,
    ZoomOut,
    Freeze,
    Baseline,
    Span,
    OtherSpan,
    AroundMark,
    Scope,
    Chart,
    Scale,
    SameScale,
    Motion,
    StepBack,
    StepForward,
    LeapBack,
    LeapForward,
    Oldest,
    Live,
    PreviousMark,
    NextMark,
    GoToTime,
    GoThere,
    Mark,
    Export,
    Theme,
    Line,
    Reload,
    Repaint,
    Suspend,
    Quit,
    QuitKeepingFrame,
}

/// Under which heading help lists an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Panes,
    Move,
    Table,
    Alerts,
    Time,
    Past,
    Program,
}

impl Group {
    pub const ALL: [Self; 7] = [
        Self::Panes,
        Self::Move,
        Self::Table,
        Self::Alerts,
        Self::Time,
        Self::Past,
        Self::Program,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Panes => "Panes",
            Self::Move => "Moving",
            Self::Table => "Table",
            Self::Alerts => "Alerts",
            Self::Time => "Time",
            Self::Past => "Looking back (keys in brackets hold only then)",
            Self::Program => "Program",
        }
    }
}

/// What has to be so for an action to do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// An alert fires, or is listed.
    Alert,
    /// An earlier second is shown.
    Past,
    /// There is a mark.
    Mark,
    /// There is a mark that somebody set.
    MarkSet,
    /// Something is compared.
    Compared,
    /// The page has rows that are sorted.
    Sorted,
    /// The page has rows that lead somewhere.
    Leads,
    /// There is something to go back from.
    Away,
    /// The page has something to copy.
    Copied,
    /// Signals may be sent, and the page has processes.
    Signals,
    /// What the keys act on began at some second.
    Began,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub action: Action,
    /// As the configuration names it.
    pub name: &'static str,
    /// Default keys, the one to show first.
    pub keys: &'static [&'static str],
    /// More keys that hold only while an earlier second is shown, where they go before the ordinary ones.
    pub past_keys: &'static [&'static str],
    /// For the footer.
    pub label: &'static str,
    /// For help and the docs.
    pub help: &'static str,
    pub group: Group,
    /// When it does anything.
    pub when: When,
}

const fn command(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    label: &'static str,
    help: &'static str,
    group: Group,
) -> Command {
    Command {
        action,
        name,
        keys,
        past_keys: &[],
        label,
        help,
        group,
        when: When::Always,
    }
}

impl Command {
    const fn or_in_the_past(self, past_keys: &'static [&'static str]) -> Self {
        Self { past_keys, ..self }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

/// Every action once, in the order help shows them.
#[rustfmt::skip]
pub const COMMANDS: [Command; 73] = [
    command(Action::Overview, "overview", &["1"], "overview", "all targets, alerts and this machine", Group::Panes),
    command(Action::Target, "target", &["2"], "target", "one target in every detail", Group::Panes),
    command(Action::Machine, "machine", &["3"], "machine", "this machine and its largest processes", Group::Panes),
    command(Action::Alerts, "alerts", &["4"], "alerts", "alerts, what happened to each, and who was told", Group::Panes),
    command(Action::Objectives, "objectives", &["5"], "objectives", "objectives, their budgets and burn rates, and Apdex", Group::Panes),
    command(Action::Health, "health", &["6"], "health", "the health score and its arithmetic", Group::Panes),
    command(Action::Analysis, "analysis", &["7"], "analysis", "bottlenecks, anomalies, trends and correlations", Group::Panes),
    command(Action::Compare, "compare", &["8"], "compare", "A against B: the baseline against the time after it, or any two spans", Group::Panes),
    command(Action::Timeline, "timeline", &["9"], "timeline", "latency, errors, load and this machine over the same seconds", Group::Panes),
    command(Action::Heat, "heat", &["0"], "heat map", "how latencies are spread, second by second", Group::Panes),
    command(Action::Help, "help", &["?", "f1"], "help", "every key", Group::Panes),
    command(Action::NextPane, "next-pane", &["tab"], "pane", "next pane", Group::Panes),
    command(Action::PreviousPane, "previous-pane", &["shift-tab"], "pane", "previous pane", Group::Panes),
    command(Action::Open, "open", &["enter", "i"], "open", "open the target, or what the chosen row is about", Group::Panes).when(When::Leads),
    command(Action::Back, "back", &["esc", "backspace"], "back", "leave full screen, filter, span, the second of `g`, the page, and from the overview the past", Group::Panes).when(When::Away),
    command(Action::Palette, "palette", &[":"], "palette", "every action by name", Group::Panes),
    command(Action::Expand, "expand", &["f"], "full screen", "the block that has the focus on the whole screen, and back", Group::Panes),
    command(Action::FocusNext, "focus-next", &["F"], "focus", "the next block of the pane gets the focus", Group::Panes),
    command(Action::Preset, "preset", &["O"], "preset", "what the overview is made of", Group::Panes),
    command(Action::Discover, "discover", &["d"], "discover", "what listens on this machine, to be watched until the end of this run", Group::Panes),
    command(Action::Signal, "signal", &["K"], "signal", "send a signal to a process, after asking; only with --allow-signals", Group::Panes).when(When::Signals),

    command(Action::Up, "up", &["up", "k"], "up", "one row up", Group::Move),
    command(Action::Down, "down", &["down", "j"], "down", "one row down", Group::Move),
    command(Action::PageUp, "page-up", &["pageup", "ctrl-b"], "page", "one page up", Group::Move),
    command(Action::PageDown, "page-down", &["pagedown", "ctrl-f"], "page", "one page down", Group::Move),
    command(Action::First, "first", &["home"], "first", "first row", Group::Move),
    command(Action::Last, "last", &["end", "G"], "last", "last row", Group::Move),
    command(Action::PreviousTarget, "previous-target", &["left", "h", "p"], "previous", "the target before; in a list, scroll the details up", Group::Move),
    command(Action::NextTarget, "next-target", &["right", "l", "n"], "next", "the next target; in a list, scroll the details down", Group::Move),

    command(Action::Filter, "filter", &["/"], "filter", "show only rows with every word typed; of targets also = and a condition", Group::Table),
    command(Action::SortNext, "sort", &["s", ">"], "sort", "sort by the next column", Group::Table).when(When::Sorted),
    command(Action::SortPrevious, "sort-previous", &["<"], "sort back", "sort by the column before", Group::Table).when(When::Sorted),
    command(Action::SortReverse, "sort-reverse", &["S"], "reverse", "reverse the order", Group::Table).when(When::Sorted),
    command(Action::Columns, "columns", &["c"], "columns", "which columns the table has", Group::Table),
    command(Action::SavedFilter, "saved-filter", &["@"], "filters", "a filter of the configuration", Group::Table),
    command(Action::FollowWorst, "follow-worst", &["W"], "follow worst", "the target that does worst is always the chosen one", Group::Table),
    command(Action::Together, "together", &["*", "insert"], "together", "draw the target in one chart with others and the chosen one, or no more", Group::Table),
    command(Action::Copy, "copy", &["y"], "copy", "the name of the chosen row to the clipboard of the terminal", Group::Table).when(When::Copied),

    command(Action::Acknowledge, "acknowledge", &["a"], "ack", "acknowledge the alert, or undo", Group::Alerts).when(When::Alert),
    command(Action::Silence, "silence", &["z"], "silence", "silence the alert for 5m, 15m, 1h, 4h, or end the silence", Group::Alerts).when(When::Alert),
    command(Action::Note, "note", &["N"], "note", "write a line into the alert's timeline", Group::Alerts).when(When::Alert),

    command(Action::WindowNext, "window", &["w"], "window", "window of the figures: 10s, 1m, 2m, 5m, 15m, run", Group::Time),
    command(Action::ZoomIn, "zoom-in", &["+", "="], "zoom in", "shorter time axis", Group::Time),
    command(Action::ZoomOut, "zoom-out", &["-"], "zoom out", "longer time axis: 1m, 2m, 5m, 15m, 1h", Group::Time),
    command(Action::Freeze, "freeze", &["space"], "freeze", "hold the screen still, or follow again; measuring goes on", Group::Time),
    command(Action::Baseline, "baseline", &["b"], "baseline", "take the span, else the window that ends now, as the baseline, or drop it", Group::Time),
    command(Action::Span, "span", &["v"], "span", "begin a span of time at the second shown, or end it", Group::Time),
    command(Action::OtherSpan, "other-span", &["B"], "against", "what the baseline is compared with: the span, else the window that ends now", Group::Time).when(When::Compared),
    command(Action::AroundMark, "around-mark", &["M"], "around mark", "compare the time before the nearest mark that somebody set with the time after it", Group::Time).when(When::MarkSet),
    command(Action::Scope, "scope", &["o"], "one or all", "timeline and heat map of the chosen target, or of all", Group::Time),
    command(Action::Chart, "chart", &["H"], "chart", "the course of a target as lines or as heat map", Group::Time),
    command(Action::Scale, "scale", &["A"], "scale", "vertical axis: logarithmic, fixed, or without the rarest spikes", Group::Time),
    command(Action::SameScale, "same-scale", &["E"], "same scale", "the same vertical axis on every chart", Group::Time),
    command(Action::Motion, "motion", &["x"], "sweep", "charts scrolling, or swept in place", Group::Time),

    command(Action::StepBack, "step-back", &["["], "earlier", "the second before, by one step of the time axis", Group::Past).or_in_the_past(&["left"]),
    command(Action::StepForward, "step-forward", &["]"], "later", "the second after; beyond the newest it is live again", Group::Past).or_in_the_past(&["right"]).when(When::Past),
    command(Action::LeapBack, "leap-back", &["{"], "leap back", "ten steps back", Group::Past).or_in_the_past(&["pageup"]),
    command(Action::LeapForward, "leap-forward", &["}"], "leap forward", "ten steps forward", Group::Past).or_in_the_past(&["pagedown"]).when(When::Past),
    command(Action::Oldest, "oldest", &[], "oldest", "as far back as there is anything to show", Group::Past).or_in_the_past(&["home"]),
    command(Action::Live, "live", &[], "live", "back to now", Group::Past).or_in_the_past(&["end"]).when(When::Past),
    command(Action::PreviousMark, "previous-mark", &["("], "mark before", "to the mark before: set by hand, by a script, by an alert that fired", Group::Past).when(When::Mark),
    command(Action::NextMark, "next-mark", &[")"], "mark after", "to the mark after", Group::Past).when(When::Past),
    command(Action::GoToTime, "go-to-time", &["T"], "time", "to a time that is typed: 12:03, 12:03:44, -5m", Group::Past),
    command(Action::GoThere, "go-there", &["g"], "go there", "to the second at which the alert, anomaly, bottleneck or mark began, on the timeline", Group::Past).when(When::Began),
    command(Action::Mark, "mark", &["m"], "mark", "mark the second that is shown, with a label", Group::Past),

    command(Action::Export, "export", &["e"], "export", "write a file: snapshot, series, baseline, or the screen as text or picture", Group::Program),
    command(Action::Theme, "theme", &["t"], "theme", "another theme, shown while it is chosen", Group::Program),
    command(Action::Line, "line", &["%"], "line", "what the screen costs: bytes a second and time of a frame", Group::Program),
    command(Action::Reload, "reload", &["r"], "reload", "read the configuration again", Group::Program),
    command(Action::Repaint, "repaint", &["ctrl-l"], "repaint", "draw the whole screen again", Group::Program),
    command(Action::Suspend, "suspend", &["ctrl-z"], "suspend", "stop, and continue with `fg`", Group::Program),
    command(Action::Quit, "quit", &["q", "ctrl-c"], "quit", "quit", Group::Program),
    command(Action::QuitKeepingFrame, "quit-keep-frame", &["Q"], "quit", "quit and leave the last frame on the terminal", Group::Program),
];

/// Every action has its line, and in its place.
const _: () = {
    let mut index = 0;
    while index < COMMANDS.len() {
        assert!(COMMANDS[index].action as usize == index);
        index += 1;
    }
    assert!(COMMANDS.len() == Action::QuitKeepingFrame as usize + 1);
};

impl Action {
    /// The action's line in the table.
    pub fn command(self) -> &'static Command {
        &COMMANDS[self as usize]
    }

    pub fn from_name(name: &str) -> Option<Self> {
        COMMANDS
            .iter()
            .find(|command| command.name == name)
            .map(|command| command.action)
    }
}
