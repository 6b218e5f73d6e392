//! Takes out of a failure's message what the peer or the system repeats of our secrets: a server may echo a header in
//! its reason, a resolver names the host it was asked for.

use crate::config::secret::Secrets;
use crate::sample::{Outcome, Text};

/// Masks what came from the environment.
pub fn redact(outcome: &mut Outcome, secrets: &Secrets) {
    let Outcome::Failed(failure) = outcome else { return };
    if let Some(message) = secrets.redacted(failure.message.as_str()) {
        failure.message = Text::from(message);
    }
}
