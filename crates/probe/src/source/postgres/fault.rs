//! The server's error messages in the vocabulary of all protocols.

use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::ErrorResponseBody;
use probetop_core::sample::{Failure, FailureKind};

use super::inbox::no_message;
use crate::source::attempt::Fault;

/// An error as the server tells it: its words and its SQLSTATE, `password authentication failed for user "x" (28P01)`.
pub(super) fn of(body: &ErrorResponseBody) -> Fault {
    let mut fields = body.fields();
    let (mut code, mut message) = (String::new(), String::new());
    loop {
        match fields.next() {
            Ok(Some(field)) => {
                let value = || String::from_utf8_lossy(field.value_bytes()).into_owned();
                match field.type_() {
                    b'C' => code = value(),
                    b'M' => message = value(),
                    _other => {}
                }
            }
            Ok(None) => return Fault::new(kind(&code), format!("{message} ({code})")),
            Err(error) => return no_message(&error),
        }
    }
}

/// Whether the server lets nobody in over such a connection: it has no line in pg_hba.conf for one with, or without, TLS.
pub(super) fn is_of_access(failure: &Failure) -> bool {
    failure.kind == FailureKind::Auth && failure.message.as_str().ends_with("(28000)")
}

/// PostgreSQL's documentation, appendix A: class 28 is invalid authorization; 42501 is insufficient privilege.
fn kind(code: &str) -> FailureKind {
    if code.starts_with("28") || code == "42501" {
        FailureKind::Auth
    } else {
        FailureKind::Status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_credentials_are_told_from_other_errors() {
        let check = |code, expected| assert_eq!(kind(code), expected, "{code}");
        check("28P01", FailureKind::Auth);
        check("28000", FailureKind::Auth);
        check("42501", FailureKind::Auth);
        check("53300", FailureKind::Status);
        check("57014", FailureKind::Status);
        check("", FailureKind::Status);
    }
}
