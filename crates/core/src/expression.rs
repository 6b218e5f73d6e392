//! Conditions in CEL (the Common Expression Language), behind one small type.
//!
//! Takes the text of a condition and a way to look up its variables; gives a verdict that names the values it rests on.
//! Response assertions, alert rules and row filters share it, and nobody else knows the library.

mod budget;
mod check;
mod constants;
mod evaluation;
mod limits;
mod operand;
mod tree;
mod value;

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::thread;

use cel::common::ast::IdedExpr;
use cel::common::types::CelBool;
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program};

use crate::sample::Text;
use budget::Budget;
use constants::Constants;
use operand::Path;

pub use evaluation::{Evaluation, Operand, Values};
pub use value::Value;

/// Longer conditions are refused: nobody reads one, and the parser's work stays bounded.
pub const LENGTH_LIMIT: usize = 4096;

/// The parser recurses several times for each sign; this is ten times what the longest text within the limits takes.
const PARSER_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Functions and macros of CEL's standard library; building it costs more than an evaluation, so it is shared.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A compiled condition. Cheap to clone.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

struct Compiled {
    source: Arc<str>,
    program: Program,
    /// What is judged: the same, with names in place of its constants and a step before each turn of its loops.
    judged: IdedExpr,
    constants: Constants,
    has_loops: bool,
    /// Variables in the order they are first named.
    references: Vec<String>,
    /// What a verdict shows beside the condition.
    operands: Vec<Path>,
}

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// True or false.
    Condition,
    /// A text or a figure.
    Value,
}

/// Why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    pub message: String,
    /// Byte offset into the source.
    pub offset: usize,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}

impl Expression {
    /// Compiles `source`. With `known_variables`, any other name is an error.
    ///
    /// # Errors
    /// Says what is wrong and at which byte: syntax, an unknown name or function, something that is not a condition,
    /// or a text beyond the limits of length and nesting.
    pub fn compile(source: &str, known_variables: Option<&[&str]>) -> Result<Self, CompileError> {
        Self::compile_as(source, known_variables, Purpose::Condition)
    }

    /// Compiles `source` as something that gives a value, to be read by [`Expression::value`].
    ///
    /// # Errors
    /// As for [`Expression::compile`], but any type will do.
    pub fn compile_value(source: &str, known_variables: Option<&[&str]>) -> Result<Self, CompileError> {
        Self::compile_as(source, known_variables, Purpose::Value)
    }

    /// Compiles a condition in which searching `document`, which may be a map or a list, means its text under another
    /// name: `body.contains('x')` is `text.contains('x')`, where both are the `known` names of one thing.
    ///
    /// # Errors
    /// As for [`Expression::compile`].
    pub fn compile_searching(
        source: &str,
        known: &[&str],
        (document, text): (&str, &str),
    ) -> Result<Self, CompileError> {
        let written = Self::compile(source, Some(known))?;
        let searches = check::searches(&written.0.program, document);
        if searches.is_empty() {
            return Ok(written);
        }
        let Some(meant) = check::replaced(source, searches, (document, text)) else {
            return Ok(written);
        };
        let meant = Self::compile(&meant, Some(known))?;
        let meant = Arc::into_inner(meant.0).expect("nobody else has it yet");
        let source = source.into();
        Ok(Self(Arc::new(Compiled { source, ..meant })))
    }

    fn compile_as(source: &str, known: Option<&[&str]>, purpose: Purpose) -> Result<Self, CompileError> {
        match limits::size(source)? {
            limits::Size::Short => Self::compile_here(source, known, purpose),
            limits::Size::Long => thread::scope(|scope| {
                thread::Builder::new()
                    .stack_size(PARSER_STACK_BYTES)
                    .spawn_scoped(scope, || Self::compile_here(source, known, purpose))
                    .ok()
                    .and_then(|parser| parser.join().ok())
                    .unwrap_or_else(|| Err(limits::too_complex()))
            }),
        }
    }

    fn compile_here(source: &str, known: Option<&[&str]>, purpose: Purpose) -> Result<Self, CompileError> {
        let program = ENVIRONMENT
            .compile(source)
            .map_err(|errors| check::syntax(source, &errors))?;
        let findings = check::names(&program, known, purpose)?;
        let mut judged = program.expression().clone();
        let constants = Constants::taken_from(&mut judged, &ENVIRONMENT);
        Ok(Self(Arc::new(Compiled {
            source: source.into(),
            references: findings.references,
            operands: findings.operands,
            has_loops: budget::meter(&mut judged),
            judged,
            constants,
            program,
        })))
    }

    /// The text as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The variables the condition names, each once.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.0.references.iter().map(String::as_str)
    }

    /// Whether judging it may take longer than what it is given tells: it has loops, or compiles a pattern.
    pub fn takes_its_time(&self) -> bool {
        self.0.has_loops || self.0.source.contains("matches")
    }

    /// Judges the condition. `resolve` is asked once for each referenced variable; `None` means that it is not known
    /// yet. The verdict is then unknown unless the known operands of `&&` and `||` settle it alone.
    pub fn evaluate(&self, resolve: &dyn Fn(&str) -> Option<Value>) -> Evaluation {
        let variables = self.variables(resolve);
        let outcome = {
            let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
            context.set_variable_resolver(&variables);
            cel::Value::resolve(&self.0.judged, &context)
        };
        if let Some(message) = self.too_long(&variables) {
            return Evaluation::TooLong { message };
        }
        match (outcome, variables.missing()) {
            (Ok(cel::Value::Bool(true)), _) => Evaluation::Holds {
                values: self.values(&variables),
            },
            (Ok(cel::Value::Bool(false)), _) => Evaluation::Fails {
                values: self.values(&variables),
            },
            (_, Some(missing)) => Evaluation::Unknown {
                missing: Text::clean(missing),
            },
            (Ok(other), None) => Evaluation::Error {
                message: Text::clean(&format!(
                    "{} is {}, not a condition that is true or false",
                    self.source(),
                    value::kind(&other)
                )),
            },
            (Err(error), None) => Evaluation::Error {
                message: Text::clean(&format!("{}: {}", self.source(), value::describe_error(&error))),
            },
        }
    }

    /// What the expression gives, as a text: a text as it is, a number or truth as it is written.
    ///
    /// # Errors
    /// Says why there is no such value: a field is absent, a variable is not known, or it is a list, a map or null.
    pub fn value(&self, resolve: &dyn Fn(&str) -> Option<Value>) -> Result<String, Text> {
        let variables = self.variables(resolve);
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        context.set_variable_resolver(&variables);
        let outcome = cel::Value::resolve(&self.0.judged, &context);
        if let Some(message) = self.too_long(&variables) {
            return Err(message);
        }
        let why = match (outcome, variables.missing()) {
            (Ok(value), _) => match value::plain(&value) {
                Some(text) => return Ok(text),
                None => format!("is {}, neither a text nor a number", value::kind(&value)),
            },
            (Err(_), Some(missing)) => format!("needs {missing}, which is not known"),
            (Err(error), None) => value::describe_error(&error),
        };
        Err(Text::clean(&why))
    }

    fn variables(&self, resolve: &dyn Fn(&str) -> Option<Value>) -> Variables<'_> {
        let mut variables = Variables::look_up(&self.0, resolve);
        if self.0.has_loops {
            let known = variables.known.iter().filter_map(|variable| variable.value.as_ref());
            variables.budget = Some(Budget::over(known));
        }
        variables
    }

    /// What to say where the budget is used up.
    fn too_long(&self, variables: &Variables<'_>) -> Option<Text> {
        let budget = variables.budget.as_ref().filter(|budget| budget.is_used_up())?;
        let message = format!(
            "{}: takes more than {} steps over what it was given; loop over less, or not within another loop",
            self.source(),
            budget.steps
        );
        Some(Text::clean(&message))
    }

    fn values(&self, variables: &Variables<'_>) -> Values {
        let operands = self.0.operands.iter().filter_map(|path| {
            let value = path.follow(variables.get(path.root())?)?;
            Some(Operand {
                name: path.name(),
                value,
            })
        });
        Values::new(Arc::clone(&self.0.source), operands.collect())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

/// The referenced variables during one evaluation, each looked up and converted once: a macro over a list asks for
/// those around it again for every item.
struct Variables<'a> {
    known: Vec<Variable<'a>>,
    constants: &'a Constants,
    /// There for conditions with loops.
    budget: Option<Budget>,
}

struct Variable<'a> {
    name: &'a str,
    value: Option<Value>,
    converted: Option<Box<dyn Val>>,
}

impl<'a> Variables<'a> {
    fn look_up(compiled: &'a Compiled, resolve: &dyn Fn(&str) -> Option<Value>) -> Self {
        let look_up = |name: &'a String| {
            let value = resolve(name);
            let converted = value.as_ref().and_then(|value| cel::Value::from(value).try_into().ok());
            Variable { name, value, converted }
        };
        Self {
            known: compiled.references.iter().map(look_up).collect(),
            constants: &compiled.constants,
            budget: None,
        }
    }

    fn find(&self, name: &str) -> Option<&Variable<'a>> {
        self.known.iter().find(|variable| variable.name == name)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.find(name)?.value.as_ref()
    }

    fn missing(&self) -> Option<&str> {
        let missing = self.known.iter().find(|variable| variable.value.is_none())?;
        Some(missing.name)
    }
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(is_left) = self.budget.as_ref().and_then(|budget| budget.take(variable)) {
            return is_left.then(|| CowVal::owned(CelBool::from(true)));
        }
        match self.find(variable) {
            Some(variable) => Some(CowVal::Borrowed(variable.converted.as_deref()?)),
            None => self.constants.get(variable),
        }
    }
}

#[cfg(test)]
mod tests;
