//! Screens as snapshots hold them: the text, which stretches of it have a style, and what the styles are.

use std::fmt::Write;

use probetop_screen::ui::theme::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use crate::support::fixture_snapshot;
use crate::support::screen::{TICK, ask, press, render, view};

/// The screen after `keys`, with the answer to what the view asks for.
pub fn draw(count: usize, size: (u16, u16), keys: &str, theme: &Theme) -> Buffer {
    let mut view = view(size);
    let before = fixture_snapshot::with_targets(count, TICK);
    view.observe(&before);
    press(&mut view, &before, keys);
    let snapshot = fixture_snapshot::answer(count, TICK, &ask(&view, &before));
    view.observe(&snapshot);
    render(&snapshot, &view, theme)
}

/// The cells as lines, then for each line the stretches that have a style, then what the styles are.
pub fn picture(buf: &Buffer) -> String {
    let mut layer = String::new();
    let mut styles: Vec<String> = Vec::new();
    for (y, cells) in rows(buf).enumerate() {
        write!(layer, "{y:02}").unwrap();
        let mut x = 0;
        for run in cells.chunk_by(|a, b| style(a) == style(b)) {
            if run.iter().any(is_styled) {
                let number = number_of(&mut styles, &run[0]);
                write!(layer, " {}:{x}+{}", letter(number), run.len()).unwrap();
            }
            x += run.len();
        }
        layer.push('\n');
    }
    for (number, style) in styles.iter().enumerate() {
        writeln!(layer, "{} = {style}", letter(number)).unwrap();
    }
    format!("{}\n--- styles\n{layer}", lines(buf).join("\n"))
}

/// What `other` shows that the picture of `full` does not say: the lines that read otherwise, and what has become of each style.
pub fn difference(full: &Buffer, other: &Buffer) -> String {
    let mut out = String::new();
    for (y, (line, before)) in lines(other).iter().zip(lines(full)).enumerate() {
        if *line != before {
            writeln!(out, "{y:02} {line}").unwrap();
        }
    }
    let mut styles = Vec::new();
    let mut became: Vec<Vec<String>> = Vec::new();
    for (before, after) in full.content.iter().zip(&other.content) {
        if !is_styled(before) {
            continue;
        }
        let number = number_of(&mut styles, before);
        became.resize(styles.len(), Vec::new());
        let after = match style(after) {
            plain if plain.is_empty() => "plain".to_owned(),
            style => style,
        };
        if !became[number].contains(&after) {
            became[number].push(after);
        }
    }
    let became = became.iter().enumerate();
    let became: Vec<_> = became
        .map(|(number, became)| format!("{} = {}", letter(number), became.join(" | ")))
        .collect();
    for line in became.chunks(STYLES_IN_A_LINE) {
        writeln!(out, "{}", line.join(", ")).unwrap();
    }
    out
}

const STYLES_IN_A_LINE: usize = 8;

/// The cells as text, without what only fills a line up.
pub fn lines(buf: &Buffer) -> Vec<String> {
    let line = |cells: &[Cell]| {
        let mut line = String::new();
        let mut hidden = 0;
        for cell in cells {
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        line.trim_end().to_owned()
    };
    rows(buf).map(line).collect()
}

fn rows(buf: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buf.content.chunks(usize::from(buf.area.width))
}

/// The number of a cell's style, counted in the order in which they come.
fn number_of(styles: &mut Vec<String>, cell: &Cell) -> usize {
    let style = style(cell);
    styles.iter().position(|known| *known == style).unwrap_or_else(|| {
        styles.push(style);
        styles.len() - 1
    })
}

/// `a` to `z`, then `aa` to `az` and so on.
fn letter(number: usize) -> String {
    let last = char::from(b'a' + (number % 26) as u8);
    match number / 26 {
        0 => last.to_string(),
        times => format!("{}{last}", letter(times - 1)),
    }
}

/// Whether the style of a cell can be seen.
fn is_styled(cell: &Cell) -> bool {
    let style = style(cell);
    let shows = cell.symbol() != " " || style.contains("on ") || style.contains("REVERSED");
    !style.is_empty() && shows
}

fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg));
    }
    if !cell.modifier.is_empty() {
        words.push(format!("{:?}", cell.modifier));
    }
    words.join(" ")
}
