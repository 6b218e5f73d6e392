//! What a condition may cost to parse: parser, interpreter and destructor recurse, and must not run out of stack.

use super::check::at;
use super::{CompileError, LENGTH_LIMIT};

/// Brackets and prefix operators may nest this deep: parser and interpreter recurse once for each.
const NESTING_LIMIT: usize = 16;

/// Words and signs in one condition, those in quotes included: the parser recurses along chains such as `a.a.a`.
const TOKEN_LIMIT: usize = 400;

/// Conditions with no more words and signs than this are parsed on the caller's stack.
const SHORT_TOKENS: usize = 40;

/// How much stack the parser may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Short,
    Long,
}

/// Refuses texts that would cost the parser more than a condition is worth.
pub(super) fn size(source: &str) -> Result<Size, CompileError> {
    if source.trim().is_empty() {
        return Err(at(0, "the condition is empty; write for example status == 200"));
    }
    if source.len() > LENGTH_LIMIT {
        return Err(at(
            0,
            format!(
                "the condition is {} bytes long; use at most {LENGTH_LIMIT}",
                source.len()
            ),
        ));
    }
    let tokens = count_tokens(source);
    if tokens > TOKEN_LIMIT {
        return Err(too_complex());
    }
    let (mut depth, mut prefixes) = (0_usize, 0_usize);
    for (offset, c) in source.char_indices() {
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        prefixes = match c {
            '!' | '-' => prefixes + 1,
            c if c.is_whitespace() => prefixes,
            _ => 0,
        };
        if depth.max(prefixes) > NESTING_LIMIT {
            return Err(at(
                offset,
                format!("nested too deeply; use at most {NESTING_LIMIT} levels"),
            ));
        }
    }
    Ok(if tokens > SHORT_TOKENS { Size::Long } else { Size::Short })
}

/// The refusal of a text that nobody could read either.
pub(super) fn too_complex() -> CompileError {
    at(
        0,
        format!("more than {TOKEN_LIMIT} words and signs; split the condition"),
    )
}

fn count_tokens(source: &str) -> usize {
    let mut in_word = false;
    source
        .chars()
        .filter(|c| {
            let continues = in_word && c.is_alphanumeric();
            in_word = c.is_alphanumeric();
            !continues && !c.is_whitespace()
        })
        .count()
}
