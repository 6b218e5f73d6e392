//! `[health]`, or `health = false`.

use probetop_core::setting::{Finding, Selector};
use probetop_engine::judge::health::{HealthSettings, Scoring};
use toml::Spanned;
use toml::de::DeValue;

use super::document::{Document, Table};
use super::entries::shown_label;
use super::file::{Contents, PlacedSelector};

/// Reads what the score is made of.
pub(super) fn read_health(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let Some(value) = value else { return };
    let span = value.span();
    contents.health = match value.into_inner() {
        DeValue::Boolean(false) => Scoring::Off,
        DeValue::Boolean(true) => Scoring::default(),
        DeValue::Table(table) => {
            let table = Spanned::new(span, table);
            read_groups(document, &table, contents)
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            document.problem(
                span.start,
                "health is neither groups nor false; write [health] or health = false",
            );
            Scoring::default()
        }
    };
}

fn read_groups(document: &mut Document<'_>, table: &Table<'_>, contents: &mut Contents) -> Scoring {
    let mut settings = document
        .read_as::<HealthSettings>(table, "health: ", &[])
        .unwrap_or_default();
    for (index, group) in settings.groups.iter_mut().enumerate() {
        for label in group.name.iter_mut().chain(&mut group.on) {
            *label = shown_label(document, label);
        }
        let place = |at| {
            Finding::new("on", "")
                .item(at)
                .under(&index.to_string())
                .under("groups")
        };
        let placed = |(at, text): (usize, &String)| PlacedSelector {
            subject: format!("health: group {:?}: ", group.name.as_deref().unwrap_or_default()),
            selector: Selector::parse(text),
            place: document.place(document.locate(table, &place(at))),
        };
        contents.selectors.extend(group.on.iter().enumerate().map(placed));
    }
    settings.resolve().unwrap_or_else(|findings| {
        for finding in findings {
            document.finding(table, "health: ", &finding);
        }
        Scoring::default()
    })
}
