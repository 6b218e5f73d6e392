//! `probetop check`: every target once, and a verdict.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{Config, TargetConfig};
use crate::export::table::pad;
use crate::judge::verdict::told_gauge;
use crate::run::redact;
use crate::sample::{Level, Micros};
use crate::source::demo::House;
use crate::source::kind::Means;
use crate::source::{Attempt, Probe};

/// Probes that run at once: enough to be quick, few enough not to disturb one another.
const AT_ONCE: usize = 64;

/// What one probe of one target found.
#[derive(Debug)]
pub struct Finding {
    pub name: String,
    pub level: Level,
    pub latency: Micros,
    /// The answer's status, or why it failed.
    pub what: String,
}

/// Probes every target once.
///
/// # Errors
/// A probe cannot be made, or the system has no descriptors to give.
pub fn check(config: &Config, clock: &Clock) -> io::Result<Vec<Finding>> {
    let demo = House::default();
    let probes: Vec<_> = config
        .targets
        .iter()
        .map(|target| probe(clock, &demo, target))
        .collect::<io::Result<_>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let attempts = runtime.block_on(attempts(probes, clock));
    runtime.shutdown_background();
    Ok(config
        .targets
        .iter()
        .zip(attempts)
        .map(|(target, mut attempt)| {
            if let Some(attempt) = &mut attempt {
                redact(&mut attempt.outcome, config.secrets());
            }
            judge(target, attempt)
        })
        .collect())
}

fn probe(clock: &Clock, demo: &House, target: &TargetConfig) -> io::Result<(Arc<dyn Probe>, Duration)> {
    let means = Means {
        clock,
        in_flight: target.in_flight,
        demo,
    };
    let probe = target
        .probe(means)
        .map_err(|message| io::Error::other(format!("target {:?}: {message}", target.name)))?;
    Ok((probe, target.timeout))
}

/// One attempt each, in the order of the probes.
async fn attempts(probes: Vec<(Arc<dyn Probe>, Duration)>, clock: &Clock) -> Vec<Option<Attempt>> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut found: Vec<_> = probes.iter().map(|_| None).collect();
    let mut running = JoinSet::new();
    for (at, (probe, timeout)) in probes.into_iter().enumerate() {
        let (permits, clock) = (Arc::clone(&permits), clock.clone());
        running.spawn(async move {
            let _permit = permits.acquire().await;
            let deadline = clock.now() + timeout;
            (at, probe.probe(deadline).await)
        });
    }
    while let Some(outcome) = running.join_next().await {
        if let Ok((at, attempt)) = outcome {
            found[at] = Some(attempt);
        }
    }
    found
}

/// How the target answered, or what it tells of itself if that is worse.
fn judge(target: &TargetConfig, attempt: Option<Attempt>) -> Finding {
    let answer = attempt.as_ref().and_then(|attempt| attempt.answer.as_deref());
    let told = answer.map(|answer| answer.gauges.clone()).unwrap_or_default();
    let mut finding = judge_attempt(target, attempt);
    for level in &target.gauges {
        let Some(gauge) = told.iter().find(|gauge| gauge.name == level.name) else {
            continue;
        };
        let verdict = told_gauge(level, Some(gauge.value), Level::Unknown);
        if verdict.level > finding.level {
            finding.level = verdict.level;
            let reason = verdict.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
            finding.what.push_str(&reason);
        }
    }
    finding
}

/// One sample has no quantiles: it is held against the thresholds itself.
fn judge_attempt(target: &TargetConfig, attempt: Option<Attempt>) -> Finding {
    let name = target.name.to_string();
    let Some(attempt) = attempt else {
        let what = "the probe ended in a defect of probetop itself".to_owned();
        return Finding {
            name,
            level: Level::Critical,
            latency: Micros::default(),
            what,
        };
    };
    let latency = attempt.latency;
    if let Some(failure) = attempt.outcome.failure() {
        let phase = failure
            .phase
            .map(|phase| format!(" in {}", phase.label()))
            .unwrap_or_default();
        let what = format!("{}{phase}: {}", failure.kind.name(), failure.message);
        return Finding {
            name,
            level: Level::Critical,
            latency,
            what,
        };
    }
    let status = attempt.answer.as_deref().and_then(|answer| answer.status);
    let status = status.map_or_else(|| "ok".to_owned(), |status| status.to_string());
    let over = |limit: Option<Duration>| limit.map(Micros::from).filter(|limit| latency > *limit);
    let limits = target
        .latency
        .map(|thresholds| (over(thresholds.critical), over(thresholds.warning)));
    let (level, limit) = match limits {
        Some((Some(limit), _)) => (Level::Critical, limit),
        Some((None, Some(limit))) => (Level::Warning, limit),
        Some((None, None)) | None => {
            return Finding {
                name,
                level: Level::Ok,
                latency,
                what: status,
            };
        }
    };
    Finding {
        name,
        level,
        latency,
        what: format!("{status}, slower than {limit}"),
    }
}

/// The worst of all; `Unknown` of none.
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or_default()
}

/// A line for each target.
pub fn table(findings: &[Finding]) -> String {
    let width = findings
        .iter()
        .map(|finding| unicode_width::UnicodeWidthStr::width(&*finding.name))
        .max();
    let width = width.unwrap_or(0).max("TARGET".len());
    let mut text = format!("{}  {:<8}  {:>7}  RESULT\n", pad("TARGET", width), "LEVEL", "LATENCY");
    for Finding {
        name,
        level,
        latency,
        what,
    } in findings
    {
        text.push_str(&format!(
            "{}  {:<8}  {:>7}  {what}\n",
            pad(name, width),
            level.name(),
            latency.to_string()
        ));
    }
    text
}

/// One line by the conventions of Nagios plugins: a verdict, and after the bar the latencies as performance data.
pub fn nagios_line(findings: &[Finding]) -> String {
    let bad: Vec<_> = findings.iter().filter(|finding| finding.level > Level::Ok).collect();
    let text = match bad[..] {
        [] if findings.len() == 1 => "1 target answers".to_owned(),
        [] => format!("{} targets answer", findings.len()),
        _ => bad
            .iter()
            .map(|finding| format!("{}: {}", finding.name, finding.what))
            .collect::<Vec<_>>()
            .join("; "),
    };
    let data = findings.iter().map(|finding| {
        let label = finding.name.replace('\'', "''").replace('=', "_");
        format!("'{label}'={}us", finding.latency.0)
    });
    let data: Vec<_> = data.collect();
    format!(
        "PROBETOP {} - {}|{}\n",
        nagios_word(worst(findings)),
        text.replace('|', "/"),
        data.join(" ")
    )
}

/// The line of a check that could not be made.
pub fn nagios_failure(message: &str) -> String {
    let message = message.replace('\n', "; ").replace('|', "/");
    format!("PROBETOP {} - {message}\n", nagios_word(Level::Unknown))
}

/// The word that goes with [`nagios_code`].
const fn nagios_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Warning => "WARNING",
        Level::Critical => "CRITICAL",
        Level::Unknown => "UNKNOWN",
    }
}

/// The exit code of a plugin.
pub const fn nagios_code(level: Level) -> u8 {
    match level {
        Level::Ok => 0,
        Level::Warning => 1,
        Level::Critical => 2,
        Level::Unknown => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, level: Level, what: &str) -> Finding {
        Finding {
            name: name.to_owned(),
            level,
            latency: Micros(1500),
            what: what.to_owned(),
        }
    }

    #[test]
    fn a_plugin_line_has_a_verdict_and_performance_data() {
        let all = [
            finding("checkout", Level::Ok, "200"),
            finding("it's", Level::Critical, "refused in connect: a|b"),
        ];
        assert_eq!(
            nagios_line(&all),
            "PROBETOP CRITICAL - it's: refused in connect: a/b|'checkout'=1500us 'it''s'=1500us\n"
        );
        assert_eq!(
            nagios_line(&all[..1]),
            "PROBETOP OK - 1 target answers|'checkout'=1500us\n"
        );
        assert_eq!(nagios_code(worst(&all)), 2);
        assert_eq!(nagios_code(worst(&[])), 3);
    }

    #[test]
    fn the_table_has_a_line_per_target() {
        let all = [
            finding("checkout", Level::Ok, "200"),
            finding("日本", Level::Warning, "200, slower than 1ms"),
        ];
        let expected = "TARGET    LEVEL     LATENCY  RESULT\n\
                        checkout  ok          1.5ms  200\n\
                        日本      warning     1.5ms  200, slower than 1ms\n";
        assert_eq!(table(&all), expected);
    }
}
