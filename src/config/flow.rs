//! Flows: how `[[flow]]` is written, and the targets it means, one for the whole and one for each step.

use std::collections::BTreeMap;
use std::iter;

use probetop_core::sample::Purpose;
use probetop_core::setting::{Finding, Period};
use probetop_engine::judge::level::{ErrorSettings, LatencySettings, RateSettings};
use probetop_probe::source::flow::{STEP_LIMIT, Settings, StepSettings};
use probetop_probe::source::http;
use probetop_probe::source::kind::TargetKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;

use super::TARGET_LIMIT;
use super::document::Document;
use super::entries::{Entry, Names, entries, shown_label};
use super::file::Contents;
use super::outline::Outline;
use super::target::{TargetConfig, TargetDefaults, TargetSettings, check_name};
use super::url::TargetUrl;

/// The keys of a flow beside its steps, as they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlowSettings {
    /// What the screen and rules call it; a step is called NAME/STEP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Any tag, of the flow and its steps; alert rules can name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Time from the start of one run to the start of the next, 10ms to 1h; the file's `interval` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Period>,
    /// A run whose steps together take longer has failed, at most 2m; the file's `timeout` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// Runs that may go on at once, 1 to 64; timeout / interval and one more when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub in_flight: Option<u16>,
    /// Thresholds for the latency of all steps together; none when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencySettings>,
    /// Thresholds for the share of failed runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorSettings>,
    /// Floors under the runs per second; none when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateSettings>,
    /// What the flow and its steps stand behind, as with a target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Whether a run sends the cookies back that it was given; every run begins without any.
    pub cookies: bool,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self {
            name: None,
            group: None,
            interval: None,
            timeout: None,
            in_flight: None,
            latency: None,
            errors: None,
            rate: None,
            depends_on: Vec::new(),
            cookies: true,
        }
    }
}

/// The keys of a step beside those of its request, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StepKeys {
    /// What failures of the flow call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is asked, over HTTP; `{{NAME}}` in path, query, headers and body is what an earlier step captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What later steps need of the answer, each as a name and a CEL expression over what `expect` knows and
    /// `cookies`; never shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub capture: BTreeMap<String, String>,
    /// Latency thresholds of the step alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencySettings>,
    /// Thresholds for the share of failures among the times that the step was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorSettings>,
    /// Floors under how often the step is made, per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateSettings>,
}

impl StepKeys {
    /// The keys above; all others belong to the request.
    pub const KEYS: [&str; 6] = ["name", "url", "capture", "latency", "errors", "rate"];
}

/// A flow while its steps are read.
struct Draft<'a> {
    /// As the file has it, cleaned.
    name: String,
    subject: &'a str,
    defaults: TargetDefaults,
    captured: Vec<String>,
    /// What was understood of each step: what is asked, and the row it is shown as.
    steps: Vec<(StepSettings, TargetConfig)>,
}

/// Reads `[[flow]]`.
pub fn read_flows(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'_>>>,
    defaults: TargetDefaults,
    names: &mut Names,
    contents: &mut Contents,
) {
    for mut entry in entries(document, value, "flow", TARGET_LIMIT) {
        let steps = entry.table.get_mut().remove("step");
        let empty = steps
            .as_ref()
            .is_none_or(|steps| matches!(steps.get_ref(), DeValue::Array(items) if items.is_empty()));
        let steps = entries(document, steps, "flow.step", STEP_LIMIT);
        let mut broken = Outline::of_flow(document, &entry, &steps);
        if let Some((whole, steps)) = read_flow(document, &entry, steps, defaults, names) {
            let next = contents.targets.rows().len();
            for (at, target) in iter::once(&whole).chain(&steps).enumerate() {
                contents.references.depends(document, &entry.table, next + at, target);
                broken.retain(|outline| outline.name != target.name.as_str());
            }
            contents.targets.push_flow(whole, steps);
        }
        contents.broken.extend(broken);
        if empty {
            entry.report(document, [Finding::new("step", "has no steps; add [[flow.step]]")]);
        }
    }
}

/// The flow as a target, and its steps as far as they are understood. `None`: it is not, which has been reported.
fn read_flow(
    document: &mut Document<'_>,
    entry: &Entry<'_>,
    steps: Vec<Entry<'_>>,
    defaults: TargetDefaults,
    names: &mut Names,
) -> Option<(TargetConfig, Vec<TargetConfig>)> {
    let mut settings = document.read_as::<FlowSettings>(&entry.table, &entry.subject, &["step"])?;
    let labels = [&mut settings.name, &mut settings.group].into_iter().flatten();
    for label in labels.chain(&mut settings.depends_on) {
        *label = shown_label(document, label);
    }
    let name = settings.name.clone().unwrap_or_default();
    let wrong = match name.as_str() {
        "" => Some("has no name; add name = \"login\"".to_owned()),
        name => check_name(name).or_else(|| names.take(document, entry, name)),
    };
    entry.report(document, wrong.map(|message| Finding::new("name", message)));
    let mut draft = Draft {
        name,
        subject: &entry.subject,
        defaults: TargetDefaults {
            interval: settings.interval.map_or(defaults.interval, Period::duration),
            timeout: settings.timeout.map_or(defaults.timeout, Period::duration),
        },
        captured: Vec::new(),
        steps: Vec::new(),
    };
    for step in steps {
        draft.read(document, step, names);
    }
    targets(&settings, draft.steps, defaults).unwrap_or_else(|findings| {
        entry.report(document, findings);
        None
    })
}

impl Draft<'_> {
    /// Takes in the next step. What is wrong with it is noted, and the others are still read.
    fn read(&mut self, document: &mut Document<'_>, mut entry: Entry<'_>, names: &mut Names) {
        entry.subject = format!("{}{}", self.subject, entry.subject.trim_start_matches("flow."));
        let (keys, request) = entry.split(&StepKeys::KEYS);
        let keys = document.read_as::<StepKeys>(&keys, &entry.subject, &[]);
        let request = document.read_as::<http::Settings>(&request, &entry.subject, &StepKeys::KEYS);
        let (Some(keys), Some(request)) = (keys, request) else {
            return;
        };
        let name = shown_label(document, keys.name.as_deref().unwrap_or_default());
        let full_name = format!("{}/{name}", self.name);
        let wrong = if name.is_empty() {
            Some("has no name; add name = \"login\"".to_owned())
        } else {
            names.take(document, &entry, &full_name)
        };
        entry.report(document, wrong.map(|message| Finding::new("name", message)));
        let url = match step_url(keys.url.as_deref(), document) {
            Ok(url) => url,
            Err(message) => return entry.report(document, [Finding::new("url", message)]),
        };
        let step = StepSettings {
            name,
            url: keys.url.unwrap_or_default(),
            capture: keys.capture,
            request,
        };
        let captured: Vec<&str> = self.captured.iter().map(String::as_str).collect();
        entry.report(document, step.findings(&captured));
        self.captured.extend(step.capture.keys().cloned());
        let row = TargetSettings {
            name: Some(full_name),
            latency: keys.latency,
            errors: keys.errors,
            rate: keys.rate,
            ..TargetSettings::default()
        };
        match TargetConfig::resolve(&row, TargetKind::new(step.request.clone()), url, self.defaults) {
            Ok(row) => self.steps.push((step, row)),
            Err(findings) => entry.report(document, findings),
        }
    }
}

fn step_url(url: Option<&str>, document: &Document<'_>) -> Result<TargetUrl, String> {
    let url = url.ok_or("has no url; add url = \"https://…\"")?;
    let (url, kind) = TargetUrl::parse(url, &document.secrets)?;
    if kind.name != http::KIND.name {
        return Err("a step is an HTTP request; write http:// or https://".to_owned());
    }
    Ok(url)
}

/// The flow as a target, and its steps. Nothing without steps.
fn targets(
    settings: &FlowSettings,
    steps: Vec<(StepSettings, TargetConfig)>,
    defaults: TargetDefaults,
) -> Result<Option<(TargetConfig, Vec<TargetConfig>)>, Vec<Finding>> {
    let Some(url) = steps.first().map(|(_, row)| row.url.clone()) else {
        return Ok(None);
    };
    let (steps, rows): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let common = TargetSettings {
        process: None,
        name: settings.name.clone(),
        url: None,
        group: settings.group.clone(),
        interval: settings.interval,
        timeout: settings.timeout,
        in_flight: settings.in_flight,
        latency: settings.latency,
        errors: settings.errors,
        rate: settings.rate,
        gauges: BTreeMap::new(),
        depends_on: settings.depends_on.clone(),
    };
    let kind = TargetKind::new(Settings {
        cookies: settings.cookies,
        steps,
    });
    let whole = TargetConfig::resolve(&common, kind, url, defaults)?;
    let rows = rows.into_iter().map(|row| TargetConfig {
        group: whole.group.clone(),
        in_flight: whole.in_flight,
        depends_on: whole.depends_on.clone(),
        purpose: Purpose::Step,
        ..row
    });
    let rows = rows.collect();
    Ok(Some((whole, rows)))
}
