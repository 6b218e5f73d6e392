//! A line of parts that gives up its least important ones when it gets narrow.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;

/// A part of a line. Its spans stand together or are left out together.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    spans: Vec<(String, Style)>,
    side: Side,
    /// 0 stays longest.
    rank: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

impl Segment {
    pub fn left(rank: u8) -> Self {
        Self {
            spans: Vec::new(),
            side: Side::Left,
            rank,
        }
    }

    pub fn right(rank: u8) -> Self {
        Self {
            spans: Vec::new(),
            side: Side::Right,
            rank,
        }
    }

    pub fn span(mut self, text: impl Into<String>, style: Style) -> Self {
        self.spans.push((text.into(), style));
        self
    }

    pub fn width(&self) -> usize {
        self.spans.iter().map(|(text, _)| text::width(text)).sum()
    }
}

/// Columns between two parts.
pub const SPACE: usize = 2;

/// What fits on the first row of the area, those at the left from the left and those at the right up to the right edge.
pub struct Segments<'a>(pub &'a [Segment]);

impl Widget for Segments<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let starts = place(usize::from(area.width), self.0);
        for (segment, start) in self.0.iter().zip(starts) {
            let Some(mut x) = start else { continue };
            for (text, style) in &segment.spans {
                x = text::put(buf, area, x, 0, text, *style);
            }
        }
    }
}

/// Where each part begins in a line of so many columns. The most important part stays even when it is cut.
pub fn place(columns: usize, segments: &[Segment]) -> Vec<Option<usize>> {
    let mut kept: Vec<usize> = (0..segments.len()).collect();
    while kept.len() > 1 && needed(segments, &kept) > columns {
        let Some(least) = (0..kept.len()).max_by_key(|position| segments[kept[*position]].rank) else {
            break;
        };
        kept.remove(least);
    }
    let mut starts = vec![None; segments.len()];
    let mut left = 0;
    let mut right = columns;
    for index in kept.iter().filter(|index| segments[**index].side == Side::Left) {
        starts[*index] = Some(left);
        left += segments[*index].width() + SPACE;
    }
    for index in kept.iter().rev().filter(|index| segments[**index].side == Side::Right) {
        right = right.saturating_sub(segments[*index].width());
        starts[*index] = Some(right);
        right = right.saturating_sub(SPACE);
    }
    starts
}

fn needed(segments: &[Segment], kept: &[usize]) -> usize {
    let widths: usize = kept.iter().map(|index| segments[*index].width()).sum();
    widths + SPACE * kept.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_parts_go_first() {
        let part = |segment: Segment, text: &str| segment.span(text, Style::default());
        let segments = [
            part(Segment::left(0), "probetop"),
            part(Segment::left(2), "config"),
            part(Segment::right(1), "LIVE"),
        ];
        let check = |columns, expected: [Option<usize>; 3]| assert_eq!(place(columns, &segments), expected);
        check(30, [Some(0), Some(10), Some(26)]);
        check(22, [Some(0), Some(10), Some(18)]);
        check(21, [Some(0), None, Some(17)]);
        check(13, [Some(0), None, None]);
        check(3, [Some(0), None, None]);
    }
}
