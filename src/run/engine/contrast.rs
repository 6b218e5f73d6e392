//! A against B for those who ask for it: finds both sides in what is measured, in the past or in a file, and keeps what was
//! found, because neither side of a finished span changes any more.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Severity;
use probetop_core::snapshot::{Comparison, ComparisonQuery, Feed, Query, Rows, Span, Stretch};
use probetop_engine::monitor::{Comparing, Monitor, WholeSteps};

use super::Running;
use crate::config::Config;

/// So many targets are compared in a tick, and more of them in as many ticks as that takes. What one costs depends on its
/// steps and probes: `cargo bench --bench compare` says how much.
const EACH_TICK: usize = 200;

/// What was compared last.
#[derive(Debug, Default)]
pub(super) struct Contrast {
    /// The baseline of the configuration.
    loaded: Option<Arc<Stretch>>,
    /// The one that was pinned; `None` where that span cannot be shown any more.
    pinned: Option<(Span, Option<Arc<Stretch>>)>,
    last: Option<Last>,
    /// What comes after it.
    next: Option<Next>,
}

#[derive(Debug)]
struct Next {
    versus: ComparisonQuery,
    after: WholeSteps,
    comparing: Comparing,
}

#[derive(Debug)]
struct Last {
    versus: ComparisonQuery,
    after: WholeSteps,
    comparison: Arc<Comparison>,
}

impl Contrast {
    pub(super) fn of(config: &Config) -> Self {
        let mut contrast = Self::default();
        contrast.follow(config);
        contrast
    }

    /// The pinned baseline, if that is the span.
    pub(super) fn known(&self, span: Span) -> Option<Arc<Stretch>> {
        let pinned = self.pinned.as_ref().filter(|(of, _)| *of == span);
        pinned.and_then(|(_, stretch)| stretch.clone())
    }

    /// Compares with the baseline of `config` from now on.
    pub(super) fn follow(&mut self, config: &Config) {
        let baseline = config.baseline.as_ref();
        self.loaded = baseline.map(|baseline| Arc::clone(&baseline.stretch));
        (self.last, self.next) = (None, None);
    }
}

impl Running<'_> {
    /// What the query wants compared, as of the tick at `taken`. `None` while there is nothing on a side.
    pub(super) fn contrast(
        &mut self,
        contrast: &mut Contrast,
        query: &Query,
        taken: Timestamp,
    ) -> Option<Arc<Comparison>> {
        let versus = query.comparison.as_ref()?;
        let before = match versus.before {
            Some(span) => self.pinned(contrast, span)?,
            None => contrast.loaded.clone()?,
        };
        let after = self.after(versus, query, taken)?;
        // A long span is kept in long steps, and says nothing new until the next of them has ended.
        let steps = WholeSteps::of(after);
        let last = contrast.last.as_ref().filter(|last| last.versus == *versus);
        let shown = last.map(|last| Arc::clone(&last.comparison));
        if last.is_some_and(|last| last.after == steps) {
            return shown;
        }
        // What is shown stays while the next is made in parts. Where nothing is shown yet, somebody waits for all of it.
        let part = if shown.is_some() { EACH_TICK } else { usize::MAX };
        let under_way = contrast.next.take().filter(|next| next.versus == *versus);
        let mut next = match under_way {
            Some(next) => next,
            None => Next {
                versus: versus.clone(),
                after: steps,
                comparing: Comparing::new(before, self.measured(after, &versus.targets)?),
            },
        };
        let Some(comparison) = next.comparing.step(part) else {
            contrast.next = Some(next);
            return shown;
        };
        let comparison = Arc::new(comparison);
        contrast.last = Some(Last {
            versus: next.versus,
            after: next.after,
            comparison: Arc::clone(&comparison),
        });
        Some(comparison)
    }

    /// B, as far as it has been lived through.
    fn after(&self, versus: &ComparisonQuery, query: &Query, taken: Timestamp) -> Option<Span> {
        let count = match &versus.targets {
            Rows::All => self.monitor.targets().len(),
            Rows::Only(ids) => ids.len(),
            Rows::None => 0,
        };
        // The next is begun once this one can be done.
        let every = count.div_ceil(EACH_TICK).max(1) as u64;
        let until = |now: Timestamp| Timestamp::from_secs(now.second() / every * every);
        let span = match (versus.after, versus.before) {
            (Some(chosen), _) => Span {
                to: chosen.to.min(until(self.monitor.now()).max(chosen.from)),
                ..chosen
            },
            (None, Some(before)) => {
                let to = until(taken);
                let from = before.to.max(to - before.length());
                Span { from, to: to.max(from) }
            }
            (None, None) => Span {
                from: until(taken) - query.window.length().unwrap_or(Duration::MAX),
                to: until(taken),
            },
        };
        (!span.length().is_zero()).then_some(span)
    }

    /// A, found once. Says so where it cannot be found.
    fn pinned(&mut self, contrast: &mut Contrast, span: Span) -> Option<Arc<Stretch>> {
        if let Some((_, known)) = contrast.pinned.as_ref().filter(|(of, _)| *of == span) {
            return known.clone();
        }
        let found = self.measured(span, &Rows::All).map(Arc::new);
        if found.is_none() {
            let words = "the baseline lies farther back than the past is kept; choose another one";
            self.notify(Severity::Warning, words.to_owned());
        }
        contrast.pinned = Some((span, found.clone()));
        (contrast.last, contrast.next) = (None, None);
        found
    }

    /// What was measured in a span. `None`: it is forgotten.
    pub(super) fn measured(&mut self, span: Span, wanted: &Rows) -> Option<Stretch> {
        self.at_end_of(span)?.stretch_of(span, wanted)
    }

    /// The state of the tick that lies in the second at which the span ends.
    fn at_end_of(&mut self, span: Span) -> Option<&mut Monitor> {
        if span.to.second() >= self.monitor.now().second() {
            return Some(&mut self.monitor);
        }
        let last_moment = Timestamp::from_secs(span.to.second()) + Duration::from_nanos(999_999_999);
        self.as_of(Feed::At(last_moment))
    }
}
