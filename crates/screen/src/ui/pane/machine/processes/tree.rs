//! Processes below those that started them.

use std::collections::{BTreeMap, HashMap, HashSet};

use probetop_core::sample::ProcessReading;

use crate::ui::view::Order;

/// `listed` and all that they descend from, as far as these are among `all`: each below its parent and one deeper, siblings
/// in the order of their numbers.
pub(super) fn rows<'a>(
    listed: &[&'a ProcessReading],
    all: &'a [ProcessReading],
    order: Order,
) -> Vec<(&'a ProcessReading, usize)> {
    let mut known: HashMap<u32, &ProcessReading> = all.iter().map(|process| (process.pid, process)).collect();
    known.extend(listed.iter().map(|process| (process.pid, *process)));
    let mut shown: BTreeMap<u32, &ProcessReading> = BTreeMap::new();
    for process in listed {
        let mut next = Some(*process);
        while let Some(process) = next {
            if shown.insert(process.pid, process).is_some() {
                break;
            }
            next = process.parent.and_then(|parent| known.get(&parent).copied());
        }
    }
    let parent = |process: &ProcessReading| {
        process
            .parent
            .filter(|parent| *parent != process.pid && shown.contains_key(parent))
    };
    let mut children: HashMap<Option<u32>, Vec<&ProcessReading>> = HashMap::new();
    for process in shown.values() {
        children.entry(parent(process)).or_default().push(process);
    }
    // What comes first is taken off the stack first.
    let mut below = |pid: Option<u32>| {
        let mut siblings = children.remove(&pid).unwrap_or_default();
        if order == Order::Ascending {
            siblings.reverse();
        }
        siblings
    };
    let mut waiting: Vec<_> = below(None).into_iter().map(|process| (process, 0)).collect();
    let mut rows = Vec::with_capacity(shown.len());
    let mut placed = HashSet::new();
    while let Some((process, depth)) = waiting.pop() {
        if placed.insert(process.pid) {
            rows.push((process, depth));
            waiting.extend(below(Some(process.pid)).into_iter().map(|child| (child, depth + 1)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32) -> ProcessReading {
        ProcessReading {
            pid,
            name: "x".into(),
            cpu_ratio: 0.0,
            rss_bytes: 0,
            pss_bytes: None,
            parent: Some(parent),
            user: None,
            command: None,
            started: None,
        }
    }

    #[track_caller]
    fn check(listed: &[u32], all: &[(u32, u32)], order: Order, expected: &[(u32, usize)]) {
        let all: Vec<_> = all.iter().map(|(pid, parent)| process(*pid, *parent)).collect();
        let listed: Vec<_> = all.iter().filter(|process| listed.contains(&process.pid)).collect();
        let rows: Vec<_> = rows(&listed, &all, order)
            .into_iter()
            .map(|(process, depth)| (process.pid, depth))
            .collect();
        assert_eq!(rows, expected);
    }

    const ALL: [(u32, u32); 6] = [(1, 0), (2, 0), (10, 1), (11, 1), (20, 10), (30, 2)];

    #[test]
    fn whom_one_descends_from_is_shown_and_nobody_else() {
        check(&[20, 11], &ALL, Order::Ascending, &[(1, 0), (10, 1), (20, 2), (11, 1)]);
        check(&[20, 11], &ALL, Order::Descending, &[(1, 0), (11, 1), (10, 1), (20, 2)]);
        check(&[1, 30], &ALL, Order::Ascending, &[(1, 0), (2, 0), (30, 1)]);
        check(&[], &ALL, Order::Ascending, &[]);
    }

    #[test]
    fn a_parent_that_is_not_known_makes_a_root() {
        check(&[20], &[(20, 10)], Order::Ascending, &[(20, 0)]);
    }

    #[test]
    fn numbers_that_go_round_in_a_circle_end() {
        check(&[5], &[(5, 5)], Order::Ascending, &[(5, 0)]);
        check(&[5, 9], &[(5, 6), (6, 5), (9, 0)], Order::Ascending, &[(9, 0)]);
    }
}
