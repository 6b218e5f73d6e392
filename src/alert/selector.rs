//! Which targets a rule is about.

use super::rule::{Rule, Selector};
use crate::sample::TargetInfo;

impl Rule {
    pub fn is_about_host(&self) -> bool {
        self.on.contains(&Selector::Host)
    }

    /// A rule without selectors is about every target.
    pub fn is_about(&self, target: &TargetInfo) -> bool {
        self.on.is_empty() || self.on.iter().any(|selector| selector.matches(target))
    }
}

impl Selector {
    /// Whether the target is meant; [`Selector::Host`] means none.
    pub fn matches(&self, target: &TargetInfo) -> bool {
        match self {
            Self::Host => false,
            Self::Group(pattern) => target.group.as_ref().is_some_and(|group| glob(pattern, group.as_str())),
            Self::Kind(pattern) => glob(pattern, target.kind),
            Self::Name(pattern) => glob(pattern, target.name.as_str()),
        }
    }
}

/// `*` stands for any number of characters, `?` for one. Linear in time but for the last star.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                // Let the last star take one character more.
                let Some((star_p, star_t)) = star else { return false };
                star = Some((star_p, star_t + 1));
                p = star_p + 1;
                t = star_t + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_in_a_shell() {
        let check = |pattern, text, expected| assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        check("api", "api", true);
        check("api", "apis", false);
        check("api*", "apis", true);
        check("*", "", true);
        check("", "", true);
        check("", "a", false);
        check("*-eu-?", "shop-eu-1", true);
        check("*-eu-?", "shop-eu-12", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-b-b-d", false);
        check("日?語", "日本語", true);
    }
}
