//! Filters of the target table that have a name: those of the configuration, and some that everybody needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use probetop_core::sample::Text;
use probetop_core::setting::Finding;

use super::{Filter, Grammar};

/// A filter to choose from a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    pub name: Text,
    /// As it would be typed.
    pub text: String,
}

/// Those that are there without configuration.
const BUILT_IN: [(&str, &str); 5] = [
    ("not ok", "= level != 'ok'"),
    ("critical", "= level == 'critical'"),
    ("failing", "= failed > 0"),
    ("slow", "= p95 > duration('200ms')"),
    ("no answer yet", "= level == 'unknown'"),
];

/// The filters of the configuration, then the built-in ones whose names they leave free.
pub fn filters(configured: &BTreeMap<String, String>) -> Arc<[SavedFilter]> {
    let built_in = BUILT_IN
        .iter()
        .copied()
        .filter(|(name, _)| !configured.contains_key(*name));
    let configured = configured.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let saved = |(name, text): (&str, &str)| SavedFilter {
        name: Text::clean(name),
        text: text.to_owned(),
    };
    configured.chain(built_in).map(saved).collect()
}

/// What is wrong with the filters of the configuration.
pub fn findings(configured: &BTreeMap<String, String>) -> Vec<Finding> {
    let finding = |(name, text): (&String, &String)| {
        let mut filter = Filter::new(Grammar::WordsOrCondition);
        filter.set(text.clone());
        let problem = filter.problem()?;
        let offset = text
            .char_indices()
            .nth(problem.place)
            .map_or(text.len(), |(offset, _)| offset);
        Some(Finding::new(name, format!("filter {name:?}: {}", problem.message)).at(offset))
    };
    configured.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_filter_is_understood() {
        let built_in = BUILT_IN.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(findings(&built_in.into()), []);
    }

    #[test]
    fn a_configured_filter_takes_the_place_of_a_built_in_one() {
        let configured = BTreeMap::from([("slow".to_owned(), "= p95 > duration('1s')".to_owned())]);
        let found = filters(&configured);
        assert_eq!(found[0].text, "= p95 > duration('1s')");
        assert_eq!(found.iter().filter(|filter| filter.name.as_str() == "slow").count(), 1);
        assert_eq!(found.len(), BUILT_IN.len());
    }
}
