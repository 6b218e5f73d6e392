//! The row below a chart that says where probes failed, and how large a share of them.

use probetop_core::snapshot::Point;
use ratatui::buffer::Buffer;
use ratatui::widgets::Widget as _;

use super::frame::Frame;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::scale;
use crate::ui::widget::sparkline::{Mark, Sparkline};
use crate::ui::widget::text;

/// Draws the share on a square-root scale to all probes, so that one of many is seen; a cross only where all failed.
pub(super) fn render(frame: &Frame, buf: &mut Buffer, plot: Plot, points: &[Point], theme: &Theme) {
    text::put(buf, frame.failures, 0, 0, "failed", theme.style(Role::Dim));
    let sparkline = Sparkline {
        marks: (0..plot.width()).map(|cell| mark(plot.points(points, cell))),
        style: theme.style(Role::Failure),
        theme,
    };
    sparkline.render(frame.failures_plot(), buf);
}

fn mark(points: &[Point]) -> Mark {
    let count = |of: fn(&Point) -> u32| points.iter().map(|point| u64::from(of(point))).sum::<u64>();
    match (count(|point| point.failed), count(|point| point.attempts)) {
        (0, _) => Mark::Gap,
        (failed, attempts) if failed >= attempts => Mark::Failed,
        (failed, attempts) => Mark::Tinted(scale::root(failed as f64, attempts as f64), Role::Failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cross_is_drawn_only_where_all_failed() {
        let points = |failed: &[u32]| -> Vec<Point> {
            let point = |failed: &u32| Point {
                attempts: 4,
                failed: *failed,
                ..Point::default()
            };
            failed.iter().map(point).collect()
        };
        assert_eq!(mark(&points(&[])), Mark::Gap);
        assert_eq!(mark(&points(&[0, 0])), Mark::Gap);
        assert_eq!(mark(&points(&[4, 4])), Mark::Failed);
        assert_eq!(mark(&points(&[4, 0, 0, 0])), Mark::Tinted(0.5, Role::Failure));
    }
}
