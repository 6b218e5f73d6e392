//! What listens on this machine, to be watched from a list.

use probetop_core::sample::Text;
use probetop_core::snapshot::{Errand, Offer, Snapshot};

use super::picker::{Choice, Item, Menu};
use super::{Effect, Pane, View};

/// How far finding out is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Discovery {
    /// It was not asked for, or is not answered yet.
    #[default]
    UnderWay,
    Found(Vec<Offer>),
    /// It cannot be told here, and why.
    Refused(Text),
}

impl View {
    /// Opens the list and has it filled: what listened some time ago may be gone.
    pub(super) fn begin_discovery(&mut self) -> Option<Effect> {
        self.discovery = Discovery::UnderWay;
        self.begin_pick(Menu::Discovered);
        Some(Effect::Errand(Errand::Discover))
    }

    pub fn discovered(&mut self, found: Result<Vec<Offer>, Text>) {
        self.discovery = match found {
            Ok(offers) => Discovery::Found(offers),
            Err(why) => Discovery::Refused(why),
        };
    }

    /// What the list says while there is nothing in it to choose.
    pub fn nothing_to_pick(&self, menu: Menu) -> &str {
        match (&self.discovery, menu) {
            (Discovery::UnderWay, Menu::Discovered) => "asking what listens here, a second or two",
            (Discovery::Found(offers), Menu::Discovered) if offers.is_empty() => "nothing listens here",
            (Discovery::Refused(why), Menu::Discovered) => why.as_str(),
            _ => "nothing of that name",
        }
    }

    pub(super) fn discovered_items(&self, snapshot: &Snapshot) -> Vec<Item> {
        let Discovery::Found(offers) = &self.discovery else {
            return Vec::new();
        };
        let is_watched = |offer: &Offer| snapshot.targets.iter().any(|target| target.info.url == offer.url);
        let item = |(place, offer): (usize, &Offer)| Item {
            name: Text::clean(&format!("{} {}", mark(is_watched(offer)), offer.name)),
            about: offer.about.clone(),
            note: offer.url.clone(),
            choice: Choice::Watch(place),
        };
        offers.iter().enumerate().map(item).collect()
    }

    /// Has it watched, unless it is already; and shows the targets.
    pub(super) fn watch_offer(&mut self, place: usize, snapshot: &Snapshot) -> Option<Effect> {
        let Discovery::Found(offers) = &self.discovery else {
            return None;
        };
        let offer = offers.get(place)?.clone();
        self.show(Pane::Overview);
        let is_watched = snapshot.targets.iter().any(|target| target.info.url == offer.url);
        (!is_watched).then_some(Effect::Errand(Errand::Watch(offer)))
    }
}

fn mark(is_on: bool) -> &'static str {
    if is_on { "[x]" } else { "[ ]" }
}
