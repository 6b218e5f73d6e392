//! What is refused before a condition is ever judged: bad syntax, unknown names, what is not a condition.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::{ParseErrors, Program};
use regex::RegexBuilder;

use super::operand::Path;
use super::{CompileError, Purpose};

/// Nodes below each other in the tree, for the stack of whoever judges; each link of a chain such as `a + a + a` is one.
const DEPTH_LIMIT: usize = 64;

/// What a pattern may take when it is compiled, which is done each time it is used.
const PATTERN_LIMIT_BYTES: usize = 512 * 1024;

/// The library of CEL, so that a misspelt function is found before the first probe.
const FUNCTIONS: [&str; 35] = [
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "hasValue",
    "int",
    "map",
    "matches",
    "or",
    "orValue",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
    "value",
];

/// Functions whose result is a figure, a text or a time: a condition cannot end in one.
const NOT_CONDITIONS: [&str; 10] = [
    "bytes",
    "double",
    "duration",
    "int",
    "size",
    "string",
    "timestamp",
    "type",
    "uint",
    operators::NEGATE,
];

/// What a condition names.
#[derive(Default)]
pub(super) struct Findings {
    pub references: Vec<String>,
    pub operands: Vec<Path>,
    /// Variables that are searched as texts, with the nodes that name them.
    searched: Vec<(String, u64)>,
}

/// What only texts have.
const SEARCHES: [&str; 4] = ["contains", "endsWith", "matches", "startsWith"];

/// The first thing that the parser stumbled over.
pub(super) fn syntax(source: &str, errors: &ParseErrors) -> CompileError {
    let Some(first) = errors.errors.iter().min_by_key(|error| error.pos) else {
        return at(0, "not a CEL expression");
    };
    let line_index = usize::try_from(first.pos.0).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(first.pos.1).unwrap_or(1).saturating_sub(1);
    let before: usize = source.split_inclusive('\n').take(line_index).map(str::len).sum();
    let within = source.get(before..).unwrap_or_default();
    let offset = within
        .char_indices()
        .nth(column)
        .map_or(within.len(), |(offset, _)| offset);
    let message = first.msg.lines().next().unwrap_or_default();
    at(before + offset, plain_syntax_message(message))
}

/// The parser's message without its list of all tokens that could have come.
fn plain_syntax_message(message: &str) -> String {
    let message = message.trim_start_matches("Syntax error: ");
    if message.starts_with("token recognition error at: '= ") || message == "token recognition error at: '='" {
        return "'=' does not compare; write ==".to_owned();
    }
    let message = message.split(" expecting ").next().unwrap_or(message);
    match message
        .strip_prefix("mismatched input ")
        .or_else(|| message.strip_prefix("extraneous input "))
    {
        Some("'<EOF>'") => "the condition ends too early".to_owned(),
        Some(token) => format!("{token} is not expected here"),
        None => match message.strip_prefix("token recognition error at: ") {
            Some(token) => format!("{token} does not belong here"),
            None => message.to_owned(),
        },
    }
}

/// Checks every name of the program and collects what a verdict will show.
pub(super) fn names(
    program: &Program,
    known_variables: Option<&[&str]>,
    purpose: Purpose,
) -> Result<Findings, CompileError> {
    let mut walk = Walk {
        program,
        known: known_variables,
        scope: Vec::new(),
        findings: Findings::default(),
    };
    if purpose == Purpose::Condition {
        Walk::condition(program.expression())?;
    }
    walk.visit(program.expression(), 0)?;
    Ok(walk.findings)
}

/// Where a condition searches the variable `document`: offsets of its name.
pub(super) fn searches(program: &Program, document: &str) -> Vec<usize> {
    let mut walk = Walk {
        program,
        known: None,
        scope: Vec::new(),
        findings: Findings::default(),
    };
    // It was visited before, and nothing was found wrong with it.
    let _ = walk.visit(program.expression(), 0);
    let searched = walk.findings.searched.into_iter();
    let offset = |(name, id)| {
        (name == document)
            .then(|| program.source_info().offset_for(id))
            .flatten()
    };
    searched.filter_map(offset).map(|(start, _)| start as usize).collect()
}

/// `source` with another name at those places; `None`: one of them is not there.
pub(super) fn replaced(source: &str, mut places: Vec<usize>, (name, by): (&str, &str)) -> Option<String> {
    places.sort_unstable();
    places.dedup();
    let mut replaced = source.to_owned();
    for place in places.into_iter().rev() {
        let range = place..place + name.len();
        if source.get(range.clone()) != Some(name) {
            return None;
        }
        replaced.replace_range(range, by);
    }
    Some(replaced)
}

struct Walk<'a> {
    program: &'a Program,
    known: Option<&'a [&'a str]>,
    /// Names bound by `all`, `exists`, `map` and `filter` around the current node.
    scope: Vec<&'a str>,
    findings: Findings,
}

impl<'a> Walk<'a> {
    /// Refuses what can never be true or false.
    fn condition(root: &IdedExpr) -> Result<(), CompileError> {
        let gives = match &root.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => return Ok(()),
            Expr::Literal(_) | Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => "a constant",
            Expr::Call(call) if NOT_CONDITIONS.contains(&call.func_name.as_str()) => "a value",
            Expr::Call(call) if is_arithmetic(&call.func_name) => "a value",
            _ => return Ok(()),
        };
        let message = format!("gives {gives}, not true or false; compare it with something");
        Err(at(0, message))
    }

    fn visit(&mut self, node: &'a IdedExpr, depth: usize) -> Result<(), CompileError> {
        if depth > DEPTH_LIMIT {
            return Err(self.refuse(
                node,
                format!("too many steps in one condition; use at most {DEPTH_LIMIT}"),
            ));
        }
        self.note_operand(node);
        let below = depth + 1;
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => self.visit(&select.operand, below),
            Expr::Call(call) => self.call(node, call, below),
            Expr::List(list) => list.elements.iter().try_for_each(|element| self.visit(element, below)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| self.entry(&entry.expr, below)),
            Expr::Struct(object) => object
                .entries
                .iter()
                .try_for_each(|entry| self.entry(&entry.expr, below)),
            Expr::Comprehension(fold) => {
                self.visit(&fold.iter_range, below)?;
                self.visit(&fold.accu_init, below)?;
                let outer = self.scope.len();
                self.scope.push(&fold.iter_var);
                self.scope.push(&fold.accu_var);
                self.scope.extend(fold.iter_var2.as_deref());
                self.visit(&fold.loop_cond, below)?;
                self.visit(&fold.loop_step, below)?;
                self.visit(&fold.result, below)?;
                self.scope.truncate(outer);
                Ok(())
            }
        }
    }

    fn entry(&mut self, entry: &'a EntryExpr, depth: usize) -> Result<(), CompileError> {
        match entry {
            EntryExpr::StructField(field) => self.visit(&field.value, depth),
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key, depth)?;
                self.visit(&entry.value, depth)
            }
        }
    }

    fn call(&mut self, node: &'a IdedExpr, call: &'a CallExpr, depth: usize) -> Result<(), CompileError> {
        let name = call.func_name.as_str();
        let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_word && !FUNCTIONS.contains(&name) {
            let hint = crate::suggest::closest(name, FUNCTIONS);
            return Err(self.refuse(node, format!("there is no function {name:?}{hint}")));
        }
        if name == "matches" {
            self.pattern(node, call)?;
        }
        if let Some(target) = &call.target {
            if let Expr::Ident(variable) = &target.expr
                && SEARCHES.contains(&name)
                && !self.scope.contains(&variable.as_str())
            {
                self.findings.searched.push((variable.clone(), target.id));
            }
            self.visit(target, depth)?;
        }
        call.args.iter().try_for_each(|argument| self.visit(argument, depth))
    }

    /// A pattern is written, not chosen by a server, and small enough to be used again and again.
    fn pattern(&self, node: &IdedExpr, call: &CallExpr) -> Result<(), CompileError> {
        let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|last| &last.expr) else {
            let message = "matches takes its pattern as a text in quotes".to_owned();
            return Err(self.refuse(node, message));
        };
        let built = RegexBuilder::new(pattern.inner())
            .size_limit(PATTERN_LIMIT_BYTES)
            .build();
        built.map(drop).map_err(|error| {
            let words = error.to_string();
            let why = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            self.refuse(node, format!("{:?} is not a pattern: {why}", pattern.inner()))
        })
    }

    fn variable(&mut self, node: &IdedExpr, name: &str) -> Result<(), CompileError> {
        if self.scope.contains(&name) || name.starts_with('@') {
            return Ok(());
        }
        if let Some(known) = self.known
            && !known.contains(&name)
        {
            let hint = match crate::suggest::closest(name, known.iter().copied()) {
                hint if hint.is_empty() => format!("; known are {}", known.join(", ")),
                hint => hint,
            };
            return Err(self.refuse(node, format!("there is no {name:?} here{hint}")));
        }
        if !self.findings.references.iter().any(|reference| reference == name) {
            self.findings.references.push(name.to_owned());
        }
        Ok(())
    }

    /// Keeps the longest path: of `body.status` neither `body` nor a repetition.
    fn note_operand(&mut self, node: &IdedExpr) {
        let Some(path) = Path::of(node) else { return };
        let bound = self.scope.contains(&path.root()) || path.root().starts_with('@');
        let covered = self.findings.operands.iter().any(|longer| longer.covers(&path));
        if !bound && !covered {
            self.findings.operands.push(path);
        }
    }

    fn refuse(&self, node: &IdedExpr, message: impl Into<String>) -> CompileError {
        let info = self.program.source_info();
        let offset = info.offset_for(node.id).map_or(0, |(start, _)| start as usize);
        at(offset, message)
    }
}

fn is_arithmetic(function: &str) -> bool {
    matches!(
        function,
        operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO
    )
}

pub(super) fn at(offset: usize, message: impl Into<String>) -> CompileError {
    CompileError {
        message: message.into(),
        offset,
    }
}
