//! Flows: several HTTP requests in order, of which later ones use what earlier ones gave.
//!
//! One probe makes all the steps and reports each beside the whole. The step that fails names itself; those after it
//! are skipped, which is not a failure of theirs.

mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phase, Phases};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use template::Template;
use url::Url;

use super::attempt::{Fault, rounded};
use super::http::{Captures, Cookies, Filled, Http, Session};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::zone::{self, Zone};
use super::{Attempt, Probe, Step, http};

/// Steps of one flow at most: each is a row of its own, and all of them share one timeout.
pub const STEP_LIMIT: usize = 32;

/// Not in the registry: flows have a list of their own, and no scheme picks them.
pub static KIND: Kind = Kind {
    name: "flow",
    about: "HTTP requests in order, of which later ones use what earlier ones gave",
    example: "https://shop.example/login",
    phases: &Phase::HTTP,
    ..Kind::of::<Settings>()
};

/// What a flow does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub cookies: bool,
    pub steps: Vec<StepSettings>,
}

/// One request of a flow.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSettings {
    pub name: String,
    /// With its placeholders, and with its secrets.
    pub url: String,
    /// Where values for later steps come from, by their names.
    pub capture: BTreeMap<String, String>,
    pub request: http::Settings,
}

impl fmt::Debug for StepSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepSettings")
            .field("name", &self.name)
            .field("capture", &self.capture.keys().collect::<Vec<_>>())
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl StepSettings {
    /// What is wrong with what it captures, and with its placeholders; `captured` are the names that earlier steps give
    /// values to.
    pub fn findings(&self, captured: &[&str]) -> Vec<Finding> {
        let template = Template::of(&self.url, &self.request);
        let mut findings = template.map_or_else(Vec::new, |template| template.findings(captured));
        findings.extend(template::in_authority(&self.url).map(|offset| {
            let message = "a placeholder cannot be used in the host; use it in path, query, headers or body";
            Finding::new("url", message).at(offset)
        }));
        for (name, source) in &self.capture {
            if !template::is_name(name) {
                let message = format!("{name:?} is not a name for a placeholder; use letters, digits and _");
                findings.push(Finding::new(name, message).under("capture"));
            }
            let one = BTreeMap::from([(name.clone(), source.clone())]);
            if let Err((name, error)) = Captures::try_new(&one) {
                findings.push(Finding::new(&name, error.message).at(error.offset).under("capture"));
            }
        }
        findings
    }
}

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    /// Steps are checked one by one, where their places are known.
    fn check(&self, _url: &Url) -> Vec<Finding> {
        Vec::new()
    }

    fn probe(&self, _url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Flow::try_new(context.clock.clone(), self, context.in_flight)?))
    }
}

/// Makes the steps of one flow, one after the other.
pub struct Flow {
    clock: Clock,
    cookies: Cookies,
    steps: Vec<FlowStep>,
}

struct FlowStep {
    name: String,
    http: Http,
    /// Through which interface its address is reached.
    zone: Option<Zone>,
    captures: Captures,
    template: Option<Template>,
}

impl Flow {
    /// `in_flight` runs of the flow may go on at once.
    ///
    /// # Errors
    /// Names the step that cannot be made, and says why.
    pub fn try_new(clock: Clock, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let mut steps: Vec<FlowStep> = Vec::with_capacity(settings.steps.len());
        // A run may leave a connection at each of its steps.
        let at_once = in_flight.saturating_mul(u16::try_from(settings.steps.len()).unwrap_or(u16::MAX));
        for (index, step) in settings.steps.iter().enumerate() {
            let wrong = |why: String| format!("step {:?}: {why}", step.name);
            let (text, zone) = Zone::cut(&step.url).map_err(wrong)?;
            let url = Url::parse(&text).map_err(|error| wrong(format!("the URL is none: {error}")))?;
            let captures =
                Captures::try_new(&step.capture).map_err(|(name, error)| wrong(format!("capture {name}: {error}")))?;
            let http = Http::try_new(clock.clone(), &url, &step.request, at_once).map_err(wrong)?;
            let mut http = http.capturing(&captures);
            let earlier = settings.steps.iter().zip(&steps).take(index);
            // The same address behind another interface is another machine.
            if let Some((_, like)) = earlier
                .into_iter()
                .find(|(earlier, made)| earlier.request.connects_like(&step.request) && made.zone == zone)
            {
                http = http.sharing(&like.http);
            }
            steps.push(FlowStep {
                name: step.name.clone(),
                http,
                zone,
                captures,
                template: Template::of(&text, &step.request),
            });
        }
        Ok(Self {
            clock,
            cookies: if settings.cookies {
                Cookies::Returned
            } else {
                Cookies::Kept
            },
            steps,
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let started = self.clock.now();
        let mut session = Session::new(self.cookies);
        let mut whole = Whole {
            latency: Micros(0),
            held: Duration::ZERO,
            phases: Phases::default(),
            failure: None,
            steps: Vec::with_capacity(self.steps.len()),
        };
        for (index, step) in self.steps.iter().enumerate() {
            if whole.failure.is_some() {
                whole.steps.push(Step::Skipped);
                continue;
            }
            let after = self.clock.now().since(started);
            let mut attempt = step.attempt(&mut session, deadline).await;
            if index > 0 {
                tell_limit(&mut attempt, deadline.since(started));
            }
            whole.add(&attempt, &step.name);
            whole.steps.push(Step::Made { after, attempt });
        }
        whole.finish()
    }
}

impl FlowStep {
    async fn attempt(&self, session: &mut Session, deadline: Timestamp) -> Attempt {
        let filled: Result<Option<Filled>, String> = self
            .template
            .as_ref()
            .map(|template| template.fill(&session.values))
            .transpose();
        let asked = match filled {
            Ok(filled) => {
                let asked = self.http.ask(filled.as_ref(), &self.captures, session, deadline);
                zone::within(self.zone.as_ref(), asked).await
            }
            Err(why) => Err(Fault::new(FailureKind::Expect, format!("not sent: {why}"))),
        };
        asked.unwrap_or_else(unsent)
    }
}

/// A step that made no request.
fn unsent(why: Fault) -> Attempt {
    Attempt {
        latency: Micros(0),
        outcome: Outcome::Failed(Box::new(why.after_all_phases())),
        held: Duration::ZERO,
        phases: Phases::default(),
        answer: None,
        steps: Vec::new(),
    }
}

/// A step that ran out of time had only what those before it left.
fn tell_limit(attempt: &mut Attempt, limit: Duration) {
    if let Outcome::Failed(failure) = &mut attempt.outcome
        && failure.kind == FailureKind::Timeout
    {
        let limit = humantime::format_duration(rounded(limit));
        failure.message = format!("{}, which was left of {limit}", failure.message).into();
    }
}

/// What the steps come to so far.
struct Whole {
    latency: Micros,
    held: Duration,
    phases: Phases,
    failure: Option<Box<Failure>>,
    steps: Vec<Step>,
}

impl Whole {
    fn add(&mut self, attempt: &Attempt, name: &str) {
        self.latency = Micros(self.latency.0.saturating_add(attempt.latency.0));
        self.held += attempt.held;
        for (phase, took) in attempt.phases.iter() {
            self.phases.add(phase, took);
        }
        self.failure = attempt.outcome.failure().map(|failure| {
            Box::new(Failure {
                message: format!("step {name}: {}", failure.message).into(),
                ..failure.clone()
            })
        });
    }

    fn finish(self) -> Attempt {
        Attempt {
            latency: self.latency,
            outcome: self.failure.map_or(Outcome::Ok, Outcome::Failed),
            held: self.held,
            phases: self.phases,
            answer: None,
            steps: self.steps,
        }
    }
}

impl Probe for Flow {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
