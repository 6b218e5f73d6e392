//! What a target with a page of metrics may say about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use probetop_core::sample::GaugeName;
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::source::AddressFamily;
use crate::source::idle::Connection;
use crate::source::page::{PAGE_LIMIT_BYTES, PageSettings};

/// Series that one target may choose: a histogram becomes four gauges, and 64 gauges of a target are remembered.
pub const SERIES_LIMIT: usize = 32;

/// Prefers the text format to those in which a page may also be had.
const ACCEPT: &str = "text/plain;version=0.0.4, application/openmetrics-text;q=0.5, */*;q=0.1";

/// The keys of a `prometheus://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What of the page becomes figures; the process's CPU time, memory and descriptors when left out.
    pub series: Vec<SeriesSettings>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
    /// A page that is longer than this many bytes is refused.
    pub body_limit_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            series: Vec::new(),
            headers: BTreeMap::new(),
            connection: Connection::default(),
            ip: AddressFamily::default(),
            body_limit_bytes: PAGE_LIMIT_BYTES,
        }
    }
}

/// One of a target's `series` as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesSettings {
    /// Name of the metric: of a histogram or summary without `_bucket`, `_count` or `_sum`.
    pub name: String,
    /// Labels that a series must have. Those that match are added up: counters and histograms by what each grew.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What the figure is called; from the name when left out.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
}

impl SeriesSettings {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn finding(&self) -> Option<Finding> {
        // Prometheus 3 has names of any characters; these are slips of the pen.
        let is_slip = |c: char| c.is_whitespace() || c.is_control() || "{}=\"".contains(c);
        if self.name.is_empty() || self.name.contains(is_slip) {
            let message = format!(
                "{:?} is not a metric name; labels belong in labels = {{ … }}",
                self.name
            );
            return Some(Finding::new("name", message));
        }
        if self.name.ends_with("_bucket") {
            let family = self.name.trim_end_matches("_bucket");
            let message = format!("{} is part of a histogram; write {family}", self.name);
            return Some(Finding::new("name", message));
        }
        let called = self.called.as_ref()?;
        let clean = GaugeName::clean(called);
        let message = format!("no gauge can be called {called:?}; names have letters, digits and _, as in {clean}");
        (clean.as_str() != called).then(|| Finding::new("as", message))
    }
}

impl Settings {
    /// What is wrong with the values, and what to write instead.
    pub fn findings(&self, url: &Url) -> Vec<Finding> {
        // Those of the HTTP source are about keys that read the same here.
        let mut findings = self.page_settings().check(url);
        if self.series.len() > SERIES_LIMIT {
            let message = format!("series has {} entries; use at most {SERIES_LIMIT}", self.series.len());
            findings.push(Finding::new("series", message));
        }
        let mut called = BTreeSet::new();
        for (index, series) in self.series.iter().enumerate() {
            let place = |finding: Finding| finding.under(&index.to_string()).under("series");
            let name = series.called.as_ref().unwrap_or(&series.name);
            let word = GaugeName::clean(name);
            if let Some(finding) = series.finding() {
                findings.push(place(finding));
            } else if !called.insert(word) {
                let message = format!("two series are called {name}; add as = \"…\" to tell them apart");
                findings.push(place(Finding::new("name", message)));
            }
        }
        findings
    }

    pub fn page_settings(&self) -> PageSettings<'_> {
        PageSettings {
            headers: &self.headers,
            accept: ACCEPT,
            connection: self.connection,
            ip: self.ip,
            body_limit_bytes: self.body_limit_bytes,
            redirects: super::super::http::REDIRECT_LIMIT,
        }
    }

    /// What was chosen, or what every client library tells of its process.
    pub fn chosen(&self) -> Vec<SeriesSettings> {
        if !self.series.is_empty() {
            return self.series.clone();
        }
        let standard = [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_open_fds",
        ];
        standard.map(SeriesSettings::named).to_vec()
    }
}

impl fmt::Debug for Settings {
    /// Headers carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("series", &self.series)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("ip", &self.ip)
            .field("body_limit_bytes", &self.body_limit_bytes)
            .finish()
    }
}
