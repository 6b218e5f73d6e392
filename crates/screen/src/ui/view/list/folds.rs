//! Alerts that ended, those of one name about one subject folded into one row: an alert that comes and goes is one trouble, and
//! not fifteen.

use std::collections::HashMap;

use probetop_core::sample::Text;
use probetop_core::snapshot::{AlertSnapshot, Snapshot};

/// What a fold is known by: the name and the subject of its alerts.
pub(crate) type FoldKey = (Text, Text);

/// The ended alerts that are folded, as indices into the history, newest first; the folds in the order of their newest.
pub(crate) fn folds(snapshot: &Snapshot) -> Vec<Vec<usize>> {
    let mut folds: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, alert) in snapshot.alerts.history.iter().enumerate() {
        let key = (alert.name.as_str(), alert.subject.as_str());
        let place = *places.entry(key).or_insert_with(|| {
            folds.push(Vec::new());
            folds.len() - 1
        });
        folds[place].push(index);
    }
    folds
}

/// What the fold is known by whose newest alert has that index.
pub(crate) fn key(index: usize, snapshot: &Snapshot) -> Option<FoldKey> {
    let alert = snapshot.alerts.history.get(index)?;
    Some((alert.name.clone(), alert.subject.clone()))
}

/// The alerts that ended of the name and subject of this one, newest first.
pub(crate) fn turns<'a>(alert: &'a AlertSnapshot, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a AlertSnapshot> {
    let history = snapshot.alerts.history.iter();
    history.filter(move |other| other.name == alert.name && other.subject == alert.subject)
}
