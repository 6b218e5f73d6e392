//! Texts of notifications as people want them: Jinja templates over the keys of the notification document.

mod bounds;

use std::io::{self, Write};

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::document;
use super::message::Message;

/// Steps of one rendering: a hundred alerts take some thousand, a loop without end is cut off.
const FUEL: u64 = 200_000;

/// A longer template is a program.
const LENGTH_LIMIT_BYTES: usize = 64 * 1024;

/// Nobody reads a longer body.
const RENDERED_LIMIT_BYTES: usize = 1024 * 1024;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Byte offset into the template: the line it happened in.
    pub offset: usize,
    pub message: String,
}

const NAME: &str = "template";

impl Template {
    /// # Errors
    /// Says where it cannot be read, and why.
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        if source.len() > LENGTH_LIMIT_BYTES {
            return Err(TemplateError {
                offset: 0,
                message: format!("has {} bytes; use at most {LENGTH_LIMIT_BYTES}", source.len()),
            });
        }
        bounds::check(source)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| located(source, &error))?;
        Ok(Self { environment })
    }

    /// # Errors
    /// Says where it went wrong, and why: a key that is not there, or no end.
    pub fn render(&self, message: &Message) -> Result<String, TemplateError> {
        let template = self.environment.get_template(NAME).expect("it was added above");
        let mut page = Page::default();
        let outcome = template
            .render_captured_to(Serde(document::value(message)), &mut page)
            .map(drop);
        if page.is_full {
            return Err(TemplateError {
                offset: 0,
                message: format!("makes more than the {RENDERED_LIMIT_BYTES} bytes that are sent"),
            });
        }
        outcome.map_err(|error| located(template.source(), &error))?;
        Ok(String::from_utf8_lossy(&page.bytes).into_owned())
    }
}

/// Takes what a template writes, and no more than is sent.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Page {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + more.len() > RENDERED_LIMIT_BYTES {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn located(source: &str, error: &Error) -> TemplateError {
    let line = error.line().unwrap_or(1).max(1);
    let offset = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let kind = error.kind();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let remedy = remedy(kind);
    let message = format!("line {line}: {kind}{detail}{remedy}");
    TemplateError { offset, message }
}

/// What to write instead, where what is wrong does not say it.
fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UndefinedError => {
            "; at the top are machine, title, group, state, severity, left_out and alerts, of each alert headline, name, \
             subject, reason and more"
        }
        ErrorKind::SyntaxError => {
            "; write for example {{ title }} or {% for alert in alerts %}{{ alert.name }}{% endfor %}"
        }
        ErrorKind::UnknownFilter => "; filters are those of Jinja, such as tojson, upper and join",
        ErrorKind::OutOfFuel => "; leave out loops within loops",
        _ => "",
    }
}
