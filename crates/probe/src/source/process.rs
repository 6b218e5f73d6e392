//! A process of this machine, alone or as what stands behind another target: whether it runs, and what it uses.
//!
//! Linux tells by `/proc`; the files are read on a thread that may block, never on the one that times probes.

#[cfg(target_os = "linux")]
pub(super) mod find;
#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod watcher;
#[cfg(not(target_os = "linux"))]
#[path = "process/no_watcher.rs"]
mod watcher;
mod probe;

use std::path::PathBuf;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use probe::{Alone, Beside, Reader};
use probetop_core::clock::Clock;
use probetop_core::sample::{Phase, Purpose};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Probe;
use super::kind::{Kind, KindGauge, KindSettings, Levels, ProbeContext};

/// Which process is meant. Of several candidates it is the oldest, which is the parent of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The program's name, as `ps -o comm` shows it; of a `process://` target the host of its URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// A file that holds the process' number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_file: Option<PathBuf>,
    /// The TCP port that the process listens on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// All processes of a control group: its path, its name (`nginx.service`), or how a container's id begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<String>,
    /// Whether the processes it started count with it.
    pub children: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            program: None,
            pid_file: None,
            port: None,
            cgroup: None,
            children: true,
        }
    }
}

pub static KIND: Kind = Kind {
    name: "process",
    schemes: &["process"],
    about: "a process or container of this machine",
    example: "process://nginx",
    purpose: Purpose::Figures,
    phases: &[Phase::Query],
    gauges: GAUGES,
    ..Kind::of::<Settings>()
};

static GAUGES: &[KindGauge] = &[
    KindGauge::told("cpu_ratio", "processor time over wall time; 1 is one core"),
    KindGauge::told(
        "rss_bytes",
        "resident memory; what several of its processes share counts for each",
    ),
    KindGauge::told(
        "pss_bytes",
        "memory, of which shared pages count once, by their parts; read every 5 s, where all its processes can be asked",
    ),
    KindGauge::told("threads", "threads"),
    KindGauge::told("processes", "processes that are counted together"),
    KindGauge::told("open_files", "open descriptors, sockets among them"),
    KindGauge::judged(
        "open_files_ratio",
        "open descriptors over the limit, of the process closest to it",
        Levels::new(0.8, 0.95),
    ),
    KindGauge::told("read_bytes_per_s", "read from disks"),
    KindGauge::told("write_bytes_per_s", "written to disks"),
    KindGauge::told("restarts", "times it was another process than before, since the start"),
    KindGauge::told(
        "cpu_limit_ratio",
        "processor time used of what its control group allows",
    ),
    KindGauge::judged(
        "cpu_throttled_ratio",
        "scheduling periods in which its control group was held back",
        Levels::new(0.25, 0.5),
    ),
    KindGauge::judged(
        "memory_limit_ratio",
        "memory used of what its control group allows",
        Levels::new(0.85, 0.95),
    ),
];

/// The one way to find a process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems refuse to look"))]
enum Selection {
    Program(String),
    PidFile(PathBuf),
    Port(u16),
    Cgroup(String),
}

impl Settings {
    /// Every way that is named.
    fn selections(&self) -> Vec<Selection> {
        let all = [
            self.program.clone().map(Selection::Program),
            self.pid_file.clone().map(Selection::PidFile),
            self.port.map(Selection::Port),
            self.cgroup.clone().map(Selection::Cgroup),
        ];
        all.into_iter().flatten().collect()
    }

    /// What is wrong with the keys, apart from naming none.
    fn findings(&self) -> Vec<Finding> {
        let named = |key: &str, text: Option<&str>| {
            let empty = text.is_some_and(str::is_empty);
            empty.then(|| Finding::new(key, format!("{key} is empty; leave it out or fill it in")))
        };
        let pid_file = self.pid_file.as_ref().map(|path| path.to_string_lossy());
        let mut findings: Vec<_> = [
            named("program", self.program.as_deref()),
            named("pid_file", pid_file.as_deref()),
            named("cgroup", self.cgroup.as_deref()),
            (self.port == Some(0)).then(|| Finding::new("port", "nobody listens on port 0; use 1 to 65535")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.selections().len() > 1 {
            let message = "more than one of program, pid_file, port and cgroup is given; keep one";
            findings.push(Finding::new("", message));
        }
        findings
    }

    /// What is wrong with these settings as the process behind a target of `kind`.
    pub fn check_beside(&self, kind: &Kind) -> Vec<Finding> {
        let mut findings = self.findings();
        if std::ptr::eq(kind, &raw const KIND) {
            findings.push(Finding::new(
                "",
                "a process:// target is a process already; leave process out",
            ));
        } else if self.selections().is_empty() {
            let message = "process does not say which; add program, pid_file, port or cgroup";
            findings.push(Finding::new("", message));
        }
        findings
    }

    /// `probe`, with what the process uses told in every answer.
    ///
    /// # Errors
    /// No process is named, or this system does not tell of single processes.
    pub fn beside(&self, probe: Arc<dyn Probe>, clock: &Clock) -> Result<Arc<dyn Probe>, String> {
        let selection = self.selections().pop().ok_or("process does not say which")?;
        let reader = Reader::try_new(clock.clone(), selection, self.children)?;
        Ok(Arc::new(Beside::new(probe, reader)))
    }
}

/// A name as it is, which a URL may only hold encoded: `my%20app`.
fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings = self.findings();
        if !matches!(url.path(), "" | "/") || url.port().is_some() {
            let message = "a process has no path and no port; write process://PROGRAM";
            findings.push(Finding::new("url", message));
        }
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        let by_url = || url.host_str().map(|host| Selection::Program(decoded(host)));
        let selection = self.selections().pop().or_else(by_url);
        let selection = selection.ok_or("the URL names no program; write process://PROGRAM")?;
        let reader = Reader::try_new(context.clock.clone(), selection, self.children)?;
        Ok(Arc::new(Alone::new(context.clock.clone(), reader)))
    }
}
