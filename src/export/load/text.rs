//! The report of a load run for people, in the order in which they know it from other load generators: thresholds,
//! totals, HTTP, execution, network; then stages, and the verdict last.

use probetop_core::profile::{Model, Pause, Profile, StagePurpose};
use probetop_core::setting::Period;
use probetop_core::snapshot::load::{Completeness, LoadFigures, LoadReport, LoadStage, ThresholdOutcome, Verdict};

use super::figure::{FIGURE_WIDTH, bytes, counted, percent, reading, rounded, spread, thousands};

/// Width of the names on the left.
const NAME_WIDTH: usize = 20;

/// Failures that are named, commonest first.
const FAILURES_SHOWN: usize = 5;

/// The whole report, each line with its end.
pub fn report(report: &LoadReport) -> String {
    let mut out = Page::default();
    out.line(&format!("{}  {}", report.request, words(&report.profile)));
    if report.completeness == Completeness::Partial {
        let (elapsed, length) = (rounded(report.elapsed), rounded(report.profile.length()));
        out.line(&format!("PARTIAL: stopped after {elapsed} of {length}"));
    }
    out.thresholds(report);
    out.totals(&report.whole);
    out.http(&report.whole);
    out.execution(report);
    out.network(&report.whole);
    out.stages(report);
    out.generator(report);
    out.verdict(report);
    out.0
}

/// One line while it runs: how far it is, what is sent, what comes of it.
pub fn progress(report: &LoadReport, last: &Now) -> String {
    let (elapsed, length) = (rounded(report.elapsed), rounded(report.profile.length()));
    let figures = &report.whole;
    if report.elapsed >= report.profile.length() && last.offered == 0 {
        return format!("{length} are over, waiting for what is on its way");
    }
    let level = match report.profile.model {
        Model::Open => format!("{}/s due", last.offered),
        Model::Closed(_) => format!("{} users", last.users),
    };
    let errors = figures.error_ratio().map_or_else(|| "-".to_owned(), percent);
    let banner = match &report.generator.limits[..] {
        [] => "",
        [..] => "  ! probetop is the limit",
    };
    format!(
        "{elapsed} of {length}  {level}  {}/s done  response p50 {} p95 {}  service p95 {}  errors {errors}{banner}",
        last.done,
        reading(figures.response.p50),
        reading(figures.response.p95),
        reading(figures.service.p95),
    )
}

/// The newest second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    pub users: u32,
    pub offered: u64,
    pub done: u64,
}

/// What a profile asks for: `10 users for 30s`.
pub fn words(profile: &Profile) -> String {
    let unit = unit(profile);
    let warm_up = |purpose| {
        if purpose == StagePurpose::WarmUp {
            " warm-up"
        } else {
            ""
        }
    };
    let stages = profile.stages.iter().map(|stage| {
        let length = Period::from(stage.length);
        let warm_up = warm_up(stage.purpose);
        if stage.is_ramp() {
            format!("{} to {}{unit} in {length}{warm_up}", stage.from, stage.to)
        } else {
            format!("{}{unit} for {length}{warm_up}", stage.to)
        }
    });
    let stages: Vec<_> = stages.collect();
    let pause = match profile.model {
        Model::Open | Model::Closed(Pause::None) => String::new(),
        Model::Closed(Pause::Think(time)) => format!(", thinking for {} between requests", Period::from(time)),
        Model::Closed(Pause::Pacing(period)) => format!(", each asking once in {}", Period::from(period)),
    };
    format!("{}{pause}", stages.join(", "))
}

/// What stands behind a level.
const fn unit(profile: &Profile) -> &'static str {
    match profile.model {
        Model::Open => "/s",
        Model::Closed(_) => " users",
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    fn head(&mut self, title: &str) {
        self.line("");
        self.line(title);
    }

    fn row(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<NAME_WIDTH$}{value}"));
    }

    fn thresholds(&mut self, report: &LoadReport) {
        if report.thresholds.is_empty() {
            return;
        }
        self.head("THRESHOLDS");
        for threshold in &report.thresholds {
            let (sign, word) = match threshold.outcome {
                ThresholdOutcome::Kept => ("+", "kept"),
                ThresholdOutcome::Broken => ("x", "BROKEN"),
                ThresholdOutcome::Unknown => ("?", "unknown"),
            };
            self.row(
                &format!("{sign} {}", threshold.condition),
                &format!(" {word:<8} {}", threshold.value),
            );
        }
    }

    fn totals(&mut self, whole: &LoadFigures) {
        self.head("TOTALS");
        self.row("requests", &counted(whole.requests, whole.achieved_per_s()));
        self.row("ok", &counted(whole.ok(), whole.per_s(whole.ok())));
        let share = whole.error_ratio().map(percent).unwrap_or_default();
        self.row("failed", &format!("{:>12}  {share}", thousands(whole.failed)));
        for failure in whole.failures.iter().take(FAILURES_SHOWN) {
            let count = thousands(failure.count);
            self.row(
                &format!("  {}", failure.words()),
                &format!("{count:>12}  {}", failure.message),
            );
        }
        if whole.failures.len() > FAILURES_SHOWN {
            let more = whole.failures.len() - FAILURES_SHOWN;
            self.row(&format!("  and {more} more kinds"), "");
        }
    }

    fn http(&mut self, whole: &LoadFigures) {
        self.head("HTTP");
        let names = ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"];
        let names: String = names.iter().map(|name| format!(" {name:>FIGURE_WIDTH$}")).collect();
        self.row("", &names);
        self.row("response", &spread(&whole.response));
        self.row("service", &spread(&whole.service));
        for (phase, figures) in &whole.phases {
            self.row(&format!("  {}", phase.label()), &spread(figures));
        }
        if whole.cold.count > 0 {
            self.row("  cold", &spread(&whole.cold));
        }
        for (status, count) in &whole.statuses {
            self.row(&format!("status {status}"), &format!("{:>12}", thousands(*count)));
        }
    }

    fn execution(&mut self, report: &LoadReport) {
        let whole = &report.whole;
        self.head("EXECUTION");
        if report.profile.model == Model::Open {
            self.row("offered", &counted(whole.offered, whole.offered_per_s()));
            let share = whole.requests as f64 / whole.offered.max(1) as f64;
            self.row(
                "achieved",
                &format!(
                    "{}  {}",
                    counted(whole.requests, whole.achieved_per_s()),
                    percent(share)
                ),
            );
            self.row("blocked", &format!("{:>12}", thousands(whole.blocked)));
        }
        if whole.not_made > 0 {
            self.row("not made", &format!("{:>12}", thousands(whole.not_made)));
        }
        if whole.cut_off > 0 {
            self.row("cut off", &format!("{:>12}", thousands(whole.cut_off)));
        }
        self.row("lag", &spread(&whole.lag));
        let generator = &report.generator;
        if let Some(in_flight) = generator.in_flight {
            let little = generator.little_deviation_ratio;
            let little = little.map(|deviation| format!("  (Little's law: {:+.1}%)", deviation * 100.0));
            self.row("in flight", &format!("{in_flight:>12.1}{}", little.unwrap_or_default()));
        }
        if let Some(busiest) = generator.busiest_ratio {
            let workers = report.workers;
            let plural = if workers == 1 { "worker" } else { "workers" };
            self.row(
                plural,
                &format!("{workers:>12}  the busiest up to {} of a core", percent(busiest)),
            );
        }
    }

    fn network(&mut self, whole: &LoadFigures) {
        self.head("NETWORK");
        self.row("connections", &format!("{:>12}", thousands(whole.connections)));
        let per_s = whole
            .per_s(whole.received_bytes)
            .map(|rate| format!("  {}/s", bytes(rate)));
        let received = bytes(whole.received_bytes as f64);
        self.row(
            "bodies received",
            &format!("{received:>12}{}", per_s.unwrap_or_default()),
        );
    }

    fn stages(&mut self, report: &LoadReport) {
        if report.stages.len() < 2 {
            return;
        }
        self.head("STAGES");
        self.line(&format!(
            "  {:<28}{:>10}{:>10}{:>8} {:>9} {:>9} {:>9}",
            "", "offered", "achieved", "errors", "resp p50", "resp p95", "serv p95"
        ));
        for stage in &report.stages {
            let figures = &stage.figures;
            let rate = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}/s"));
            self.line(&format!(
                "  {:<28}{:>10}{:>10}{:>8} {:>9} {:>9} {:>9}",
                stage_words(stage, unit(&report.profile)),
                rate(figures.offered_per_s()),
                rate(figures.achieved_per_s()),
                figures.error_ratio().map_or_else(|| "-".to_owned(), percent),
                reading(figures.response.p50),
                reading(figures.response.p95),
                reading(figures.service.p95),
            ));
        }
    }

    fn generator(&mut self, report: &LoadReport) {
        if report.generator.limits.is_empty() {
            return;
        }
        self.head("PROBETOP WAS THE LIMIT");
        for limit in &report.generator.limits {
            self.line(&format!("  ! {}", limit.words));
        }
    }

    fn verdict(&mut self, report: &LoadReport) {
        let words = match report.verdict {
            Verdict::None => return,
            Verdict::Passed => "passed",
            Verdict::Broken => "BROKEN",
            Verdict::Inconclusive if report.generator.limits.is_empty() => {
                "INCONCLUSIVE: too few requests for a threshold; run longer"
            }
            Verdict::Inconclusive => "INCONCLUSIVE: probetop was the limit, not the service",
            Verdict::Undecided => "UNDECIDED: the run was cut short, which decides nothing",
        };
        self.line("");
        self.line(&format!("verdict: {words}"));
    }
}

fn stage_words(stage: &LoadStage, unit: &str) -> String {
    let level = if stage.from == stage.to {
        format!("{}{unit}", stage.to)
    } else {
        format!("{}..{}{unit}", stage.from, stage.to)
    };
    let warm_up = if stage.purpose == StagePurpose::WarmUp {
        " warm-up"
    } else {
        ""
    };
    format!("{level} {}{warm_up}", rounded(stage.figures.length))
}
