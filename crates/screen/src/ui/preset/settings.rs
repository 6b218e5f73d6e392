//! A preset as the configuration writes it: `rows = [["targets"], ["chart", "machine"]]`, and what is wrong with it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use probetop_core::setting::Finding;
use probetop_core::suggest;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Cell, Preset, Presets, Row, Share};
use crate::ui::view::Block;

/// More rows, cells or blocks in one list than this nobody can read at once.
pub(super) const COMPOSITION_LIMIT: usize = 8;
/// Weights are small numbers that are compared with each other.
pub(super) const WEIGHT_LIMIT: u16 = 1000;

/// A composition of the overview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LayoutSettings {
    /// Rows of blocks, from above: `[["targets"], ["chart", "machine"]]`; a list in place of a block is several on top of
    /// each other. What stands first is left out last when there is no room for all.
    pub rows: Vec<Vec<CellSettings>>,
    /// How high each row is in relation to the others, for example `[2, 1]`; 0: as high as it needs to be, before the
    /// others. All alike when left out. No row gets more than it can use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heights: Vec<u16>,
    /// How wide the blocks of each row are in relation to each other: `[[1], [2, 1]]`. All alike when left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub widths: Vec<Vec<u16>>,
}

/// A block, or several from above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CellSettings {
    One(String),
    Stack(Vec<String>),
}

impl<'de> Deserialize<'de> for CellSettings {
    /// By hand, because an untagged enum tells nothing of what is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = CellSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a block or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<CellSettings, E> {
                Ok(CellSettings::One(name.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut names: A) -> Result<CellSettings, A::Error> {
                let mut stack = Vec::new();
                while let Some(name) = names.next_element()? {
                    stack.push(name);
                }
                Ok(CellSettings::Stack(stack))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl CellSettings {
    /// Each name with the path to it inside the cell.
    fn names(&self) -> Vec<(&str, Option<usize>)> {
        match self {
            Self::One(name) => vec![(name.as_str(), None)],
            Self::Stack(names) => names
                .iter()
                .enumerate()
                .map(|(index, name)| (name.as_str(), Some(index)))
                .collect(),
        }
    }
}

/// The built-in presets and those of `layouts`, the one called `chosen` chosen.
///
/// # Errors
/// Every problem, under `layout` and `layouts`.
pub fn resolve(chosen: &str, layouts: &BTreeMap<String, LayoutSettings>) -> Result<Presets, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut own = Vec::new();
    for (name, layout) in layouts {
        match layout.resolve(name) {
            Ok(preset) => own.push(preset),
            Err(problems) => findings.extend(problems.into_iter().map(|it| it.under(name).under("layouts"))),
        }
    }
    let presets = Presets::new(own);
    // A composition with a problem is none of those that resolved, and yet it was meant.
    if !layouts.contains_key(chosen)
        && let Err(problem) = check_chosen(chosen, &presets)
    {
        findings.push(problem);
    }
    match presets.choose(chosen) {
        Some(presets) if findings.is_empty() => Ok(presets),
        Some(_) | None => Err(findings),
    }
}

fn check_chosen(chosen: &str, presets: &Presets) -> Result<(), Finding> {
    let names: Vec<_> = presets.all().iter().map(|preset| preset.name.as_str()).collect();
    if names.contains(&chosen) {
        return Ok(());
    }
    let hint = match suggest::closest(chosen, names.iter().copied()) {
        hint if hint.is_empty() => format!("; use one of {}, or write [layouts.{chosen}]", names.join(", ")),
        hint => hint,
    };
    Err(Finding::new("layout", format!("there is no layout {chosen:?}{hint}")))
}

impl LayoutSettings {
    fn resolve(&self, name: &str) -> Result<Preset, Vec<Finding>> {
        let mut findings = self.counts();
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        for (y, row) in self.rows.iter().enumerate() {
            let mut cells = Vec::new();
            for (x, cell) in row.iter().enumerate() {
                let mut blocks = Vec::new();
                for (name, place) in cell.names() {
                    let path = |finding: Finding| {
                        let finding = finding.item(y).item(x);
                        place.map_or(finding.clone(), |place| finding.item(place))
                    };
                    match block(name, &mut seen) {
                        Ok(block) => blocks.push((block, Share::Weight(1))),
                        Err(message) => findings.push(path(Finding::new("rows", message))),
                    }
                }
                let width = self.widths.get(y).and_then(|widths| widths.get(x));
                cells.push(Cell {
                    width: width.copied().unwrap_or(1),
                    blocks,
                });
            }
            let height = match self.heights.get(y) {
                Some(0) => Share::Need,
                Some(weight) => Share::Weight(*weight),
                None => Share::Weight(1),
            };
            rows.push(Row { height, cells });
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Preset {
            name: name.to_owned(),
            about: self.about(),
            rows,
        })
    }

    /// Lists that are empty, too long, or do not fit to each other, and weights that are none.
    fn counts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut note = |finding: Finding| findings.push(finding);
        let too_many = format!("; use at most {COMPOSITION_LIMIT}");
        let count = |what: &str, count: usize| match count {
            0 => Some(format!("{what} is empty; name at least one block")),
            1..=COMPOSITION_LIMIT => None,
            _ => Some(format!("{what} has {count} parts{too_many}")),
        };
        if let Some(message) = count("rows", self.rows.len()) {
            note(Finding::new("rows", message));
        }
        for (y, row) in self.rows.iter().enumerate() {
            if let Some(message) = count("the row", row.len()) {
                note(Finding::new("rows", message).item(y));
            }
            for (x, cell) in row.iter().enumerate() {
                if let Some(message) = count("the list", cell.names().len()) {
                    note(Finding::new("rows", message).item(y).item(x));
                }
            }
        }
        let (rows, heights) = (self.rows.len(), self.heights.len());
        if ![0, rows].contains(&heights) {
            note(Finding::new(
                "heights",
                format!("heights are {heights}; write {rows}, one a row"),
            ));
        }
        if let Some(y) = self.heights.iter().position(|height| *height > WEIGHT_LIMIT) {
            note(Finding::new("heights", format!("use at most {WEIGHT_LIMIT}")).item(y));
        }
        let widths = self.widths.len();
        if ![0, rows].contains(&widths) {
            note(Finding::new(
                "widths",
                format!("lists of widths are {widths}; write {rows}, one a row"),
            ));
        }
        for (y, (widths, row)) in self.widths.iter().zip(&self.rows).enumerate() {
            if widths.len() != row.len() {
                let message = format!("widths are {}; write {}, one a block", widths.len(), row.len());
                note(Finding::new("widths", message).item(y));
            }
            if let Some(x) = widths.iter().position(|width| !(1..=WEIGHT_LIMIT).contains(width)) {
                note(
                    Finding::new("widths", format!("use 1 to {WEIGHT_LIMIT}"))
                        .item(y)
                        .item(x),
                );
            }
        }
        findings
    }

    /// The names, for the list to choose from.
    fn about(&self) -> String {
        let row = |row: &Vec<CellSettings>| {
            let names = row.iter().flat_map(CellSettings::names).map(|(name, _)| name);
            names.collect::<Vec<_>>().join(", ")
        };
        self.rows.iter().map(row).collect::<Vec<_>>().join("; ")
    }
}

fn block(name: &str, seen: &mut HashSet<Block>) -> Result<Block, String> {
    let Some(block) = Block::from_name(name) else {
        let names = || Block::NAMED.into_iter().map(|(_, name)| name);
        let hint = match suggest::closest(name, names()) {
            hint if hint.is_empty() => format!("; use one of {}", names().collect::<Vec<_>>().join(", ")),
            hint => hint,
        };
        return Err(format!("there is no block {name:?}{hint}"));
    };
    if !seen.insert(block) {
        return Err(format!("{name} is listed twice; name every block once"));
    }
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with `layouts.mine`, as `path: message`.
    fn check(toml: &str, expected: &[&str]) {
        let layout: LayoutSettings = toml::from_str(toml).unwrap();
        let found = resolve("mine", &BTreeMap::from([("mine".to_owned(), layout)]));
        let found = found.err().unwrap_or_default();
        let found: Vec<_> = found
            .iter()
            .map(|finding| format!("{}: {}", finding.path.join("."), finding.message))
            .collect();
        assert_eq!(found, expected, "{toml}");
    }

    #[test]
    fn every_problem_of_a_composition_is_found_where_it_is() {
        check(r#"rows = [["targets"], ["chart", "machine"]]"#, &[]);
        check(
            r#"rows = [[["targets", "chart"], "machine"]]
               heights = [0]
               widths = [[3, 1]]"#,
            &[],
        );
        check(
            r#"rows = [["targts"], [["chart", "chart"]]]"#,
            &[
                r#"layouts.mine.rows.0.0: there is no block "targts"; did you mean "targets"?"#,
                "layouts.mine.rows.1.0.1: chart is listed twice; name every block once",
            ],
        );
        check("", &["layouts.mine.rows: rows is empty; name at least one block"]);
        check(
            "rows = [[]]",
            &["layouts.mine.rows.0: the row is empty; name at least one block"],
        );
        check(
            r#"rows = [["targets"]]
               heights = [1, 2]
               widths = [[0, 1]]"#,
            &[
                "layouts.mine.heights: heights are 2; write 1, one a row",
                "layouts.mine.widths.0: widths are 2; write 1, one a block",
                "layouts.mine.widths.0.0: use 1 to 1000",
            ],
        );
    }

    #[test]
    fn a_name_that_is_none_is_told_with_those_there_are() {
        let check = |chosen: &str, expected: Option<&str>| {
            let found = resolve(chosen, &BTreeMap::new());
            let message = found.err().map(|findings| findings[0].message.clone());
            assert_eq!(message.as_deref(), expected, "{chosen}");
        };
        check("standard", None);
        check("wall", None);
        check(
            "latncy",
            Some(r#"there is no layout "latncy"; did you mean "latency"?"#),
        );
        check(
            "mine",
            Some(
                "there is no layout \"mine\"; use one of standard, latency, machine, incident, wall, or write [layouts.mine]",
            ),
        );
    }

    #[test]
    fn a_composition_of_ones_own_takes_the_place_of_a_built_in_one() {
        let layout: LayoutSettings = toml::from_str(r#"rows = [["heat"]]"#).unwrap();
        let presets = resolve("wall", &BTreeMap::from([("wall".to_owned(), layout)])).unwrap();
        assert_eq!(presets.all().len(), Presets::default().all().len());
        assert_eq!(presets.get(None).rows[0].cells[0].blocks[0].0, Block::Heat);
    }
}
