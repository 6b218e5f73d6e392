//! One target in every detail.
//!
//! A service has its latencies in the middle, what only tells figures has these large, and what does not answer since when
//! and what was tried (`target/places.rs`). Narrower than [`MEDIUM`] all blocks stand one below the other. What does not fit
//! is scrolled to.

mod answer;
mod distribution;
mod down;
mod failures;
mod gauges;
mod phases;
mod places;
mod vitals;
mod waterfall;
mod windows;

use probetop_core::sample::Level;
use probetop_core::snapshot::{Detail, Snapshot, TargetSnapshot, WindowDetail};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::objectives;
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Need, Page, Past, Rows};
use crate::ui::pane::Scene;
use crate::ui::standing::Standing;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Block, TargetPart, View};
use crate::ui::widget::text;

const WIDE: usize = 116;
const MEDIUM: usize = 72;

/// Rows of the blocks.
const TITLE: usize = 2;
const CHART: usize = 7;
const BOTTOM: usize = 12;
/// A chart higher than this says no more.
const CHART_LIMIT: usize = 26;

pub const PAGE: Page = Page {
    title: "Target",
    short_title: "Target",
    action: Action::Target,
    keys: &[
        Action::Help,
        Action::Back,
        Action::PreviousTarget,
        Action::NextTarget,
        Action::GoThere,
        Action::WindowNext,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Freeze,
        Action::Export,
    ],
    about: About::Targets,
    rows: Rows::Lines,
    alert: AlertOf::Target,
    past: Past::Shown,
    needs: &[Need::Detail, Need::Map],
    axis: None,
    form: Form::Sheet,
    measure: height,
    parts: parts_of_page,
    render,
};

fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let target = view.target(snapshot);
    target.map_or(0, |target| places::height(width, target, snapshot))
}

fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let Some(target) = view.target(snapshot) else {
        let lines = ["No target to show.", "Choose one in the overview and press enter."];
        return super::empty(area, buf, &lines, theme);
    };
    let inner = text::inset(area);
    title(inner, buf, target, scene);
    for (block, area) in places::parts(area, target, snapshot) {
        match (block, down::of(target)) {
            (Block::Chart, Some(failing)) => down::render(area, buf, target, failing, snapshot, theme),
            (block, _) => super::block::draw(block, area, buf, scene),
        }
    }
}

fn parts_of_page(area: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let target = view.target(snapshot);
    target.map_or_else(Placed::default, |target| places::parts(area, target, snapshot).into())
}

/// One part of what is known of a target.
pub fn part(part: TargetPart, area: Rect, buf: &mut Buffer, target: &TargetSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let empty = Detail::default();
    let detail = target.detail.as_deref().unwrap_or(&empty);
    match part {
        TargetPart::Windows => windows::render(area, buf, detail, snapshot, theme),
        TargetPart::Phases => phases::of_target(area, buf, target, window_of(detail, snapshot), snapshot, theme),
        TargetPart::Answer => answer::render(area, buf, target, snapshot, theme),
        TargetPart::Values => values(area, buf, target, snapshot, view, theme),
        TargetPart::Distribution => distribution::render(area, buf, target, detail, snapshot, theme),
        TargetPart::Failures => failures::render(area, buf, target, detail, snapshot, theme),
    }
}

/// Rows of one part, its heading among them; 0 for one that has nothing to say.
pub fn height_of(part: TargetPart, width: usize, target: &TargetSnapshot, snapshot: &Snapshot) -> usize {
    match part {
        TargetPart::Windows => windows::HEIGHT,
        TargetPart::Phases => phases::height(target, snapshot),
        TargetPart::Answer => answer::height(target, snapshot),
        TargetPart::Values => places::values_height(width, target),
        TargetPart::Distribution | TargetPart::Failures => BOTTOM,
    }
}

/// What it tells of itself: what matters most of its kind large, and below it the rest as a list.
fn values(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let list = gauges::height(width, target);
    if places::values_height(width, target) == 0 {
        super::heading(area, buf, "figures", theme);
        let below = text::rows(area, 1, height);
        return super::empty(below, buf, &["It has reported no figures yet."], theme);
    }
    vitals::render(
        text::rows(area, 0, height.saturating_sub(list)),
        buf,
        target,
        snapshot,
        view,
        theme,
    );
    let list = text::rows(area, height.saturating_sub(list), height);
    gauges::render(list, buf, target, snapshot, view, theme);
}

fn title(area: Rect, buf: &mut Buffer, target: &TargetSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let now = snapshot.taken;
    let info = &target.info;
    let width = usize::from(area.width);
    let standing = Standing::of(target);
    let level = standing.words_at(now, &theme.glyphs);
    let room = width.saturating_sub(text::width(&level) + 2);
    let mut x = text::put(
        buf,
        area,
        0,
        0,
        &text::cut_middle(info.name.as_str(), room),
        theme.style(Role::Accent),
    );
    let url = text::cut_middle(info.url.as_str(), room.saturating_sub(x + 2));
    x = text::put(buf, area, x + 2, 0, &url, theme.style(Role::Text));
    let group = info.group.as_ref().map(|group| format!("group {group}"));
    let every = format!(
        "every {}, timeout {}",
        format::interval(info.interval),
        format::interval(info.timeout)
    );
    for part in [Some(info.kind.to_string()), group, Some(every)].into_iter().flatten() {
        if x + 2 + text::width(&part) <= room {
            x = text::put(buf, area, x + 2, 0, &part, theme.style(Role::Dim));
        }
    }
    text::put_right(buf, area, 0, &level, theme.style(standing.role()));
    let apdex = target.apdex.map(objectives::apdex::words).into_iter().flatten();
    let apdex: Vec<_> = apdex.collect();
    let apdex_width: usize = apdex.iter().map(|(words, _)| text::width(words)).sum();
    let mut x = width.saturating_sub(apdex_width);
    for (words, role) in &apdex {
        x = text::put(buf, area, x, 1, words, theme.style(*role));
    }
    let reason = target.reason.as_ref().filter(|_| target.level != Level::Ok);
    let reason = reason.map(|reason| (reason.to_string(), standing.role()));
    let lacking = || Some((windows::lacking(target, snapshot, view)?, Role::Dim));
    if let Some((words, role)) = reason.or_else(lacking) {
        let words = text::cut_end(&words, width.saturating_sub(apdex_width + 2));
        text::put(buf, area, 0, 1, &words, theme.style(role));
    }
}

/// The detail of the window that is shown.
fn window_of<'a>(detail: &'a Detail, snapshot: &Snapshot) -> Option<&'a WindowDetail> {
    let found = detail.windows.iter().find(|(window, _)| *window == snapshot.window);
    found.map(|(_, detail)| detail)
}
