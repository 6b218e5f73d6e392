//! Signals, as events.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGTSTP: step back from the terminal.
    Suspend,
    /// SIGCONT: take it again.
    Resume,
    /// SIGWINCH: the terminal has another size.
    Resize,
    /// SIGUSR1.
    Reload,
}

impl Signal {
    /// The exit code of a program that ends because of it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Suspend | Self::Resume | Self::Resize | Self::Reload => 0,
        }
    }
}

/// Which signals are caught; the others do what they always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signals {
    /// A program without a screen stops and continues like any other.
    Headless,
    /// A screen gives the terminal back before it stops.
    Screen,
}

/// The signals that are waited for.
pub struct Listener {
    streams: Vec<(Signal, Stream)>,
}

impl Listener {
    /// Needs a runtime with its I/O driver on.
    pub fn try_new(signals: Signals) -> io::Result<Self> {
        let mut wanted = vec![
            (Signal::Interrupt, SignalKind::interrupt()),
            (Signal::Terminate, SignalKind::terminate()),
            (Signal::Hangup, SignalKind::hangup()),
            (Signal::Reload, SignalKind::user_defined1()),
        ];
        if signals == Signals::Screen {
            let kind = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
            wanted.push((Signal::Suspend, kind(rustix::process::Signal::TSTP)));
            wanted.push((Signal::Resume, kind(rustix::process::Signal::CONT)));
            wanted.push((Signal::Resize, SignalKind::window_change()));
        }
        let streams = wanted.into_iter().map(|(name, kind)| Ok((name, signal(kind)?)));
        Ok(Self {
            streams: streams.collect::<io::Result<_>>()?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (name, stream) in &mut self.streams {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}
