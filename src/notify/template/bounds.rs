//! What a template may be made of: whoever reads, compiles and renders it recurses, and must not run out of stack or memory.

use super::TemplateError;

/// Words and signs in one tag: each may nest the next, as in `a.a.a` or `not not a`.
const TAG_TOKEN_LIMIT: usize = 128;

/// Blocks within blocks; an `elif` is one more.
const BLOCK_LIMIT: usize = 24;

/// Digits of a number in a tag: a width, a repetition or a range of more writes more than is ever sent.
const DIGITS_LIMIT: usize = 6;

/// Opens a block that an `end…` closes, or makes one deeper.
const OPENING: [&str; 10] = [
    "for",
    "if",
    "elif",
    "macro",
    "block",
    "call",
    "filter",
    "with",
    "autoescape",
    "raw",
];

/// # Errors
/// Says where `source` asks for more than a notification needs.
pub(super) fn check(source: &str) -> Result<(), TemplateError> {
    let refuse = |offset, message: String| Err(TemplateError { offset, message });
    let mut depths: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(start) = source[at..].find('{').map(|start| at + start) {
        let closing = match source.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let inner = &source[start + 2..];
        let inner = &inner[..inner.find(closing).unwrap_or(inner.len())];
        at = start + 2 + inner.len();
        if tokens(inner) > TAG_TOKEN_LIMIT {
            return refuse(start, format!("a tag has more than {TAG_TOKEN_LIMIT} words and signs"));
        }
        if longest_number(inner) > DIGITS_LIMIT {
            return refuse(start, format!("a number in a tag has more than {DIGITS_LIMIT} digits"));
        }
        if closing == "%}" {
            nest(inner, &mut depths);
            if depths.iter().sum::<usize>() > BLOCK_LIMIT {
                return refuse(start, format!("more than {BLOCK_LIMIT} blocks lie within each other"));
            }
        }
    }
    Ok(())
}

/// Follows a block's tag: each open block with how deep it goes.
fn nest(tag: &str, depths: &mut Vec<usize>) {
    let word = tag
        .trim_start_matches(['-', '+'])
        .split_whitespace()
        .next()
        .unwrap_or_default();
    if word == "elif" {
        if let Some(depth) = depths.last_mut() {
            *depth += 1;
        }
    } else if word.starts_with("end") {
        depths.pop();
    } else if OPENING.contains(&word) || (word == "set" && !tag.contains('=')) {
        depths.push(1);
    }
}

/// Words and signs, those in quotes included.
fn tokens(tag: &str) -> usize {
    let mut count = 0;
    let mut in_word = false;
    for c in tag.chars() {
        let is_word = c.is_alphanumeric() || c == '_';
        count += usize::from(!(c.is_whitespace() || is_word && in_word));
        in_word = is_word;
    }
    count
}

fn longest_number(tag: &str) -> usize {
    tag.split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::notify::template::Template;

    #[test]
    fn what_costs_more_than_a_notification_needs_is_refused_before_it_is_compiled() {
        for hostile in [
            format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
            format!("{{{{ {}a }}}}", "not ".repeat(10_000)),
            format!("{{{{ {}a }}}}", "-".repeat(10_000)),
            format!("{{{{ a{} }}}}", ".a".repeat(10_000)),
            format!("{{{{ a{} }}}}", "|upper".repeat(5_000)),
            format!("{{{{ {}a }}}}", "a ~ ".repeat(10_000)),
            "{% if a %}".repeat(5_000),
            format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(5_000)),
            "{% for a in b %}{%- if c %}".repeat(2_000),
            "{{ '%999999999d'|format(1) }}".to_owned(),
            "{{ 'x' * 1000000000 }}".to_owned(),
        ] {
            assert!(Template::compile(&hostile).is_err(), "{}", &hostile[..20]);
        }
    }

    #[test]
    fn what_people_write_is_not() {
        for fine in [
            "{{ title }} {% for alert in alerts %}{% if alert.name %}{{ alert.name|upper }}{% else %}-{% endif %}{% endfor %}",
            &"{% if title %}x{% endif %}".repeat(200),
            "{ \"json\": {{ title|tojson }} }",
        ] {
            assert!(Template::compile(fine).is_ok(), "{fine}");
        }
    }
}
