//! Targets, flows and steps that are not understood, as far as others refer to them and they to others: a mistake in one
//! must neither hide what is wrong elsewhere, nor make a mistake of what is right.

use std::iter;

use probetop_core::sample::Text;
use probetop_core::setting::Selector;
use probetop_engine::alert::dependency::Node;
use probetop_probe::source::{flow, http};
use toml::de::DeValue;

use super::document::Document;
use super::entries::{Entry, shown_label};
use super::problem::Place;
use super::url::TargetUrl;

/// What is left of one.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    pub name: String,
    /// `None`: its URL does not say.
    pub kind: Option<&'static str>,
    group: Option<Text>,
    depends_on: Vec<Selector>,
    /// Where each of `depends_on` stands.
    pub places: Vec<Place>,
}

impl Outline {
    /// Of a target, or of what flows have in common with one.
    pub fn of_target(document: &Document<'_>, entry: &Entry<'_>) -> Self {
        let value = |key: &str| entry.table.get_ref().get(key).map(|value| value.get_ref());
        let text = |key: &str| value(key).and_then(DeValue::as_str);
        let url = text("url").and_then(|url| TargetUrl::parse(url, &document.secrets).ok());
        let name = text("name").map(|name| shown_label(document, name));
        let items = value("depends_on").and_then(DeValue::as_array);
        let selector = |item: &toml::Spanned<DeValue<'_>>| {
            let selector = Selector::parse(&shown_label(document, item.get_ref().as_str()?));
            Some((selector, document.place(item.span().start)))
        };
        let (depends_on, places) = items
            .into_iter()
            .flat_map(|items| items.iter())
            .filter_map(selector)
            .unzip();
        Self {
            name: name.or_else(|| Some(url.as_ref()?.0.short())).unwrap_or_default(),
            kind: url.map(|(_, kind)| kind.name),
            group: text("group").map(|group| Text::clean(&shown_label(document, group))),
            depends_on,
            places,
        }
    }

    /// Of a flow and its steps. What the steps depend on is said of the flow.
    pub fn of_flow(document: &Document<'_>, entry: &Entry<'_>, steps: &[Entry<'_>]) -> Vec<Self> {
        let flow = Self {
            kind: Some(flow::KIND.name),
            ..Self::of_target(document, entry)
        };
        let step = |step: &Entry<'_>| Self {
            name: format!("{}/{}", flow.name, Self::of_target(document, step).name),
            kind: Some(http::KIND.name),
            group: flow.group.clone(),
            ..Self::default()
        };
        let steps: Vec<_> = steps.iter().map(step).collect();
        iter::once(flow).chain(steps).collect()
    }

    pub fn node(&self) -> Node<'_> {
        Node {
            name: &self.name,
            kind: self.kind.unwrap_or_default(),
            group: self.group.as_ref(),
            depends_on: &self.depends_on,
        }
    }
}
