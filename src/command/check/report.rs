//! What was found, for whoever reads it: a table, lines of a log, the line of a monitoring plugin.

use probetop_core::sample::Level;
use probetop_core::snapshot::Health;

use super::{Finding, Part, bottleneck, worst};
use crate::export::table::{health_line, pad};

/// A line for each target, and below it the health score, and what to look at first.
pub(crate) fn table(findings: &[Finding], health: Option<&Health>) -> String {
    let width = findings
        .iter()
        .map(|finding| unicode_width::UnicodeWidthStr::width(&*finding.name))
        .max();
    let width = width.unwrap_or(0).max("TARGET".len());
    let mut text = format!("{}  {:<8}  {:>7}  RESULT\n", pad("TARGET", width), "LEVEL", "LATENCY");
    for Finding {
        name,
        part: _,
        answered: _,
        level,
        latency,
        what,
        signs: _,
        score,
    } in findings
    {
        // What was not made took no time.
        let latency = score.map_or_else(|| "-".to_owned(), |_| latency.to_string());
        text.push_str(&format!(
            "{}  {:<8}  {:>7}  {what}\n",
            pad(name, width),
            level.name(),
            latency
        ));
    }
    if let Some(health) = health {
        text.push_str(&health_line(health));
        text.push('\n');
    }
    text.push_str(&bottleneck::lines(findings));
    text
}

/// A line for each target, as the log has them.
pub(crate) fn log_lines(findings: &[Finding]) -> impl Iterator<Item = String> {
    findings.iter().map(|finding| {
        let Finding {
            name, latency, what, ..
        } = finding;
        format!("check    {name}: {} after {latency}: {what}", finding.level.name())
    })
}

/// One line by the conventions of Nagios plugins: a verdict, and after the bar the latencies as performance data.
pub(crate) fn nagios_line(findings: &[Finding]) -> String {
    let is_news = |finding: &&Finding| finding.level > Level::Ok && (finding.answered || finding.part == Part::Target);
    let bad: Vec<_> = findings.iter().filter(is_news).collect();
    let targets = findings.iter().filter(|finding| finding.part == Part::Target).count();
    let text = match bad[..] {
        [] if targets == 1 => "1 target answers".to_owned(),
        [] => format!("{targets} targets answer"),
        _ => bad
            .iter()
            .map(|finding| format!("{}: {}", finding.name, finding.what))
            .collect::<Vec<_>>()
            .join("; "),
    };
    let made = findings.iter().filter(|finding| finding.score.is_some());
    let data = made.map(|finding| {
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
pub(crate) fn nagios_failure(message: &str) -> String {
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
pub(crate) const fn nagios_code(level: Level) -> u8 {
    match level {
        Level::Ok => 0,
        Level::Warning => 1,
        Level::Critical => 2,
        Level::Unknown => 3,
    }
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::Micros;

    use super::*;

    fn finding(name: &str, level: Level, what: &str) -> Finding {
        Finding {
            name: name.to_owned(),
            part: Part::Target,
            answered: true,
            level,
            latency: Micros(1500),
            what: what.to_owned(),
            signs: Vec::new(),
            score: Some(100.0),
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
        let mut skipped = finding("cart", Level::Unknown, "not made");
        skipped.score = None;
        let all = [
            finding("checkout", Level::Ok, "200"),
            finding("日本", Level::Warning, "200, slower than 1ms"),
            skipped,
        ];
        let expected = "TARGET    LEVEL     LATENCY  RESULT\n\
                        checkout  ok          1.5ms  200\n\
                        日本      warning     1.5ms  200, slower than 1ms\n\
                        cart      unknown         -  not made\n";
        assert_eq!(table(&all, None), expected);
    }
}
