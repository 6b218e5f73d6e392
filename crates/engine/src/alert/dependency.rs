//! What stands behind what: the targets that a target depends on, found from their selectors.
//!
//! One hop is enough: whether a parent is down is judged by the parent itself, whatever stands behind it in turn.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use probetop_core::sample::Text;
use probetop_core::setting::Selector;

/// Nothing stands behind more than this; each is looked at while the target is in trouble.
pub const PARENTS_LIMIT: usize = 100;

/// A target, as far as this is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub group: Option<&'a Text>,
    pub depends_on: &'a [Selector],
}

/// What a target depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parent {
    Host,
    /// By its place in the list.
    Target(usize),
}

/// A selector that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Place of the target in the list, and of the selector in its list.
    pub target: usize,
    pub selector: usize,
    pub fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It matches nothing.
    Unknown,
    /// Names from a target back to itself.
    Cycle(Vec<String>),
    /// How many parents there are, more than the limit.
    TooMany(usize),
}

/// What each target depends on, in the order of `nodes`. A pattern that takes in the target itself means the others.
///
/// # Errors
/// Everything that cannot be meant; of cycles, one at a time.
pub fn parents(nodes: &[Node<'_>]) -> Result<Vec<Arc<[Parent]>>, Vec<Wrong>> {
    let names: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.name, at)).collect();
    let mut found = Finder {
        nodes,
        names,
        patterns: HashMap::new(),
    };
    let mut wrong = Vec::new();
    let mut all = Vec::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let mut parents: Vec<Parent> = Vec::new();
        for (selector, selected) in node.depends_on.iter().enumerate() {
            let fault = match found.matching(selected) {
                [] => Fault::Unknown,
                [Parent::Target(own)] if *own == at => Fault::Cycle(vec![node.name.to_owned(), node.name.to_owned()]),
                many => {
                    parents.extend(many.iter().filter(|parent| **parent != Parent::Target(at)));
                    continue;
                }
            };
            wrong.push(Wrong {
                target: at,
                selector,
                fault,
            });
        }
        let mut seen = HashSet::new();
        parents.retain(|parent| seen.insert(*parent));
        if parents.len() > PARENTS_LIMIT {
            wrong.push(Wrong {
                target: at,
                selector: 0,
                fault: Fault::TooMany(parents.len()),
            });
            parents.clear();
        }
        all.push(Arc::from(parents));
    }
    if wrong.is_empty() {
        wrong.extend(cycle(nodes, &all));
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

/// Names are looked up; what a pattern matches is found once for all who use it.
struct Finder<'a> {
    nodes: &'a [Node<'a>],
    names: HashMap<&'a str, usize>,
    patterns: HashMap<String, Vec<Parent>>,
}

impl Finder<'_> {
    fn matching(&mut self, selector: &Selector) -> &[Parent] {
        let (nodes, names) = (self.nodes, &self.names);
        self.patterns.entry(selector.to_string()).or_insert_with_key(|text| {
            match (selector, names.get(text.as_str())) {
                (Selector::Host, _) => vec![Parent::Host],
                (Selector::Name(_), Some(at)) => vec![Parent::Target(*at)],
                (Selector::Name(_) | Selector::Group(_) | Selector::Kind(_), _) => {
                    let matches =
                        |node: &Node<'_>| selector.matches(node.name, node.kind, node.group.map(Text::as_str));
                    let matching = nodes.iter().enumerate().filter(|(_, node)| matches(node));
                    matching.map(|(at, _)| Parent::Target(at)).collect()
                }
            }
        })
    }
}

/// The first way from a target back to itself: a walk in depth that remembers the way it came.
fn cycle(nodes: &[Node<'_>], parents: &[Arc<[Parent]>]) -> Option<Wrong> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnTheWay,
        Done,
    }
    let mut marks = vec![Mark::New; nodes.len()];
    for start in 0..nodes.len() {
        // Each step of the way: the target, and which of its parents comes next.
        let mut way = vec![(start, 0)];
        while let Some((at, next)) = way.last_mut() {
            let at = *at;
            marks[at] = if marks[at] == Mark::Done {
                Mark::Done
            } else {
                Mark::OnTheWay
            };
            let parent = parents[at].get(*next).filter(|_| marks[at] == Mark::OnTheWay);
            *next += 1;
            match parent {
                None => {
                    marks[at] = Mark::Done;
                    way.pop();
                }
                Some(Parent::Host) => {}
                Some(Parent::Target(parent)) => match marks[*parent] {
                    Mark::New => way.push((*parent, 0)),
                    Mark::Done => {}
                    Mark::OnTheWay => {
                        let from = way.iter().position(|(step, _)| step == parent).unwrap_or_default();
                        let name = |at: usize| nodes[at].name.to_owned();
                        let mut round: Vec<_> = way[from..].iter().map(|(step, _)| name(*step)).collect();
                        round.push(name(*parent));
                        return Some(Wrong {
                            target: *parent,
                            selector: 0,
                            fault: Fault::Cycle(round),
                        });
                    }
                },
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `child: parent parent`, one a line; groups are what stands before a dot of the name.
    fn found(text: &str) -> Result<Vec<Vec<String>>, Vec<String>> {
        let lines: Vec<(&str, Vec<Selector>, Option<Text>)> = text
            .lines()
            .map(|line| {
                let (name, on) = line.trim().split_once(':').unwrap();
                let group = name.split_once('.').map(|(group, _)| group.into());
                (name, on.split_whitespace().map(Selector::parse).collect(), group)
            })
            .collect();
        let nodes: Vec<_> = lines
            .iter()
            .map(|(name, depends_on, group)| Node {
                name,
                kind: "http",
                group: group.as_ref(),
                depends_on,
            })
            .collect();
        let name = |parent: &Parent| match parent {
            Parent::Host => "host".to_owned(),
            Parent::Target(at) => nodes[*at].name.to_owned(),
        };
        let wrong = |wrong: Wrong| match wrong.fault {
            Fault::Unknown => format!("{}: {} is unknown", nodes[wrong.target].name, wrong.selector),
            Fault::Cycle(round) => round.join(" > "),
            Fault::TooMany(count) => format!("{}: {count}", nodes[wrong.target].name),
        };
        parents(&nodes)
            .map(|all| all.iter().map(|parents| parents.iter().map(name).collect()).collect())
            .map_err(|all| all.into_iter().map(wrong).collect())
    }

    #[test]
    fn parents_are_found_by_name_group_and_pattern() {
        let expected: Vec<Vec<String>> = [&["api.b", "host"][..], &["api.a"], &[], &["api.a", "api.b"]]
            .iter()
            .map(|names| names.iter().map(|name| (*name).to_owned()).collect())
            .collect();
        assert_eq!(
            found("x:api.b host api.b\napi.b:api.a\napi.a:\ny:group:api"),
            Ok([
                &expected[0],
                &expected[1],
                &expected[2],
                &vec!["api.b".into(), "api.a".into()]
            ]
            .map(Clone::clone)
            .to_vec())
        );
    }

    #[test]
    fn a_name_that_nothing_has_and_a_way_back_are_wrong() {
        let check = |text, expected: &[&str]| {
            let expected: Vec<_> = expected.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(found(text), Err(expected), "{text}");
        };
        check("a:b c\nc:group:x", &["a: 0 is unknown", "c: 0 is unknown"]);
        check("a:a", &["a > a"]);
        check("a:b\nb:c\nc:a", &["a > b > c > a"]);
        check("x:a\na:b\nb:c\nc:b", &["b > c > b"]);
        check("g.a:group:g\ng.b:group:g", &["g.a > g.b > g.a"]);
        let many: String = (0..=PARENTS_LIMIT).map(|n| format!("\np{n}:")).collect();
        check(&format!("a:p*{many}"), &["a: 101"]);
    }

    #[test]
    fn many_ways_to_one_target_are_no_cycle_and_take_no_time() {
        let line = |n: u32| format!("t{n}:t{} t{}\n", n + 1, n + 2);
        let text: String = (0..10_000).map(line).collect();
        assert!(found(&format!("{text}t10000:\nt10001:")).is_ok());
    }
}
