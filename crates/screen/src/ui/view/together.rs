//! Targets that are drawn in one chart. Each keeps its number, and so its colour, for as long as it is one of them.

use probetop_core::sample::{Severity, TargetId, Text};
use probetop_core::snapshot::{Snapshot, TargetSnapshot};

use super::View;
use crate::ui::page::About;

/// By number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Together([Option<TargetId>; Together::MOST]);

impl Together {
    /// More lines are not told apart.
    pub const MOST: usize = 4;

    /// The number of a target, from 0.
    pub fn number(&self, target: TargetId) -> Option<usize> {
        self.0.iter().position(|other| *other == Some(target))
    }

    /// By number.
    pub fn ids(&self) -> impl Iterator<Item = (usize, TargetId)> {
        let numbered = self.0.into_iter().enumerate();
        numbered.filter_map(|(number, target)| Some((number, target?)))
    }

    /// Adds a target, or takes it away. `false`: there is no number left.
    fn toggle(&mut self, target: TargetId) -> bool {
        let of = |wanted: Option<TargetId>| self.0.iter().position(|other| *other == wanted);
        match (of(Some(target)), of(None)) {
            (Some(number), _) => self.0[number] = None,
            (None, Some(number)) => self.0[number] = Some(target),
            (None, None) => return false,
        }
        true
    }
}

impl View {
    /// The chosen target is drawn together with others from now on, or no more.
    pub(super) fn toggle_together(&mut self, snapshot: &Snapshot) {
        let is_meant = self.pages.shown.page().about == About::Targets;
        let Some(target) = self.target(snapshot).filter(|_| is_meant) else {
            return self.tell(Severity::Info, "choose a target in the overview first".into());
        };
        let (id, name) = (target.info.id, target.info.name.clone());
        let words = match self.targets.together.toggle(id) {
            false => format!(
                "{} targets are drawn together already; take one out first",
                Together::MOST
            ),
            true => match self.targets.together.number(id) {
                Some(number) => format!("{name} is line {} of the chart, beside the chosen target", number + 1),
                None => format!("{name} is drawn alone again"),
            },
        };
        self.tell(Severity::Info, Text::clean(&words));
    }

    /// What one chart draws: the marked ones with their numbers, then the chosen one; nothing while none is marked.
    pub fn drawn_together<'a>(&self, snapshot: &'a Snapshot) -> Vec<(Option<usize>, &'a TargetSnapshot)> {
        let marked = self.targets.together.ids();
        let mut drawn: Vec<_> = marked
            .filter_map(|(number, id)| Some((Some(number), snapshot.target(id)?)))
            .collect();
        let is_new = |target: &&TargetSnapshot| self.targets.together.number(target.info.id).is_none();
        if !drawn.is_empty() {
            drawn.extend(self.target(snapshot).filter(is_new).map(|target| (None, target)));
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_keeps_its_number_while_others_come_and_go() {
        let mut together = Together::default();
        for id in 0..4 {
            assert!(together.toggle(TargetId(id)));
        }
        assert!(!together.toggle(TargetId(9)), "there is no number left");
        assert!(together.toggle(TargetId(1)));
        assert_eq!(together.number(TargetId(3)), Some(3));
        assert!(together.toggle(TargetId(9)));
        let ids: Vec<_> = together.ids().map(|(number, id)| (number, id.0)).collect();
        assert_eq!(ids, [(0, 0), (1, 9), (2, 2), (3, 3)]);
    }
}
