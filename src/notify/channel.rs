//! What every channel can do, and what may come of it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use probetop_core::sample::Text;

use super::message::Message;

/// A way to tell somebody.
pub trait Channel: Send + Sync {
    /// Makes one try. It is ended from outside when it takes longer than the channel's time limit.
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a>;

    /// How often it must be told again of what still fires, because its receiver forgets; `None`: once is enough.
    fn renewal(&self) -> Option<Duration> {
        None
    }
}

/// One try, going on.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

/// Why a try came to nothing. Messages hold no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Worth another try, at the earliest after `wait` where the receiver said so.
    Passing { message: Text, wait: Option<Duration> },
    /// The same message will be refused again.
    Lasting { message: Text },
}
