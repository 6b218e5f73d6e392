//! What a whole is made of, side by side in one row: of the processors' time and of the memory.

use probetop_core::sample::{CpuReading, MemoryReading};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::{gauge, text};

/// A part of a whole; what is left is nobody's.
pub(super) struct Part {
    /// What is drawn: a fill that tells it apart without colour, and its colour.
    fill: usize,
    role: Role,
    share: f64,
    words: String,
}

/// The parts and the whole's rest, all of them shares.
pub(super) type Split = Vec<Part>;

/// `None` where the system does not tell what the time was spent on.
pub(super) fn processors(cpu: &CpuReading) -> Option<Split> {
    let part = |fill, role, name: &str, ratio: Option<f64>| {
        let ratio = ratio?;
        Some(Part {
            fill,
            role,
            share: ratio,
            words: format!("{name} {}", format::percent(Some(ratio))),
        })
    };
    let user = part(4, Role::Bar, "user", cpu.user_ratio)?;
    let others = [
        part(2, Role::Series3, "system", cpu.system_ratio),
        part(1, Role::Series2, "iowait", cpu.iowait_ratio),
        part(0, Role::Failure, "steal", cpu.steal_ratio),
    ];
    Some(std::iter::once(user).chain(others.into_iter().flatten()).collect())
}

/// `None` where it is not known how much of what is available is free, and where there is no memory at all.
pub(super) fn memory(memory: &MemoryReading) -> Option<Split> {
    let free = memory.free_bytes?;
    if memory.total_bytes == 0 {
        return None;
    }
    // What is available and not free is what caches would give back.
    let cached = memory.available_bytes.saturating_sub(free);
    let part = |fill, role, name: &str, bytes: u64| Part {
        fill,
        role,
        share: bytes as f64 / memory.total_bytes as f64,
        words: format!("{name} {}", format::bytes(bytes as f64)),
    };
    let mut cache = part(0, Role::Series2, "cached", cached);
    if let Some(arc) = memory.arc_bytes {
        cache.words = format!("{}, ARC {}", cache.words, format::bytes(arc as f64));
    }
    Some(vec![part(4, Role::Bar, "used", memory.used_bytes), cache])
}

/// The parts as far as they go, and the trough behind them.
pub(super) fn bar(area: Rect, buf: &mut Buffer, parts: &[Part], theme: &Theme) {
    let columns = usize::from(area.width);
    let taken: f64 = parts.iter().map(|part| part.share).sum();
    let shares = parts.iter().map(|part| part.share).chain([(1.0 - taken).max(0.0)]);
    let widths = gauge::split(&shares.collect::<Vec<_>>(), columns);
    let mut x = 0;
    for (part, width) in parts.iter().zip(&widths) {
        let fill = theme.glyphs.fills[part.fill].repeat(*width);
        x = text::put(buf, area, x, 0, &fill, theme.style(part.role));
    }
    let trough = theme.glyphs.trough.repeat(columns.saturating_sub(x));
    text::put(buf, area, x, 0, &trough, theme.style(Role::Rule));
}

/// `user 31%, system 7%`, each in its colour, as many as there is room for, and `rest` behind them.
pub(super) fn words(area: Rect, buf: &mut Buffer, parts: &[Part], rest: &str, theme: &Theme) {
    let room = usize::from(area.width);
    let mut x = 0;
    // What is next to nothing is told, and does not call.
    let role = |part: &Part| if part.share < 0.005 { Role::Dim } else { part.role };
    let words = parts.iter().map(|part| (part.words.as_str(), role(part)));
    for (words, role) in words.chain([(rest, Role::Dim)]) {
        let gap = if x > 0 { 2 } else { 0 };
        if words.is_empty() || x + gap + text::width(words) > room {
            continue;
        }
        x = text::put(buf, area, x + gap, 0, words, theme.style(role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    #[test]
    fn memory_is_used_given_back_and_free() {
        let reading = MemoryReading {
            total_bytes: 100 << 30,
            used_bytes: 50 << 30,
            available_bytes: 50 << 30,
            free_bytes: Some(20 << 30),
            ..MemoryReading::default()
        };
        let parts = memory(&reading).unwrap();
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 1));
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        bar(buf.area, &mut buf, &parts, &theme);
        let line: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(line, "█████░░░··");
        assert_eq!(parts[1].words, "cached 30G");
    }

    #[test]
    fn what_the_system_does_not_tell_is_no_part() {
        assert!(processors(&CpuReading::default()).is_none());
        let told = CpuReading {
            user_ratio: Some(0.3),
            steal_ratio: Some(0.1),
            ..CpuReading::default()
        };
        let words: Vec<String> = processors(&told).unwrap().into_iter().map(|part| part.words).collect();
        assert_eq!(words, ["user 30%", "steal 10%"]);
        assert!(memory(&MemoryReading::default()).is_none());
    }
}
