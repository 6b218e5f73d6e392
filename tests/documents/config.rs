//! What a configuration means, every problem it can have, and that no secret ever leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop::config::{Config, HostChoice, Overrides, Problems, reference, schema, show, starter};
use probetop_core::sample::{TargetId, Window};
use probetop_engine::alert::rule::{HOST_VARIABLES, TARGET_VARIABLES};
use probetop_engine::judge::health::Scoring;
use probetop_engine::judge::level::Damping;
use probetop_probe::source::registry::KINDS;
use probetop_probe::source::{dns, http};
use probetop_screen::ui::ColorChoice;
use proptest::prelude::*;

const FIXTURES: &str = "tests/fixtures/config";
const SECRET: &str = "hunter2-s3cret";

fn environment(name: &str) -> Option<String> {
    match name {
        "SECRET" | "CHECKOUT_TOKEN" => Some(SECRET.to_owned()),
        "HOST_AND_PORT" => Some("localhost:8080".to_owned()),
        _ => None,
    }
}

/// A file that is gone when the test is.
struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(text: &str) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, text).unwrap();
    Written { _folder: folder, path }
}

fn load_with(text: &str, overrides: Overrides) -> Result<Config, Problems> {
    let file = written(text);
    let file = Some(file.path.clone());
    // The folder outlives the load.
    Config::load(&Overrides { file, ..overrides }, &environment)
}

#[track_caller]
fn load(text: &str) -> Config {
    written_load(text, Overrides::default())
}

#[track_caller]
fn written_load(text: &str, overrides: Overrides) -> Config {
    let file = written(text);
    let overrides = Overrides {
        file: Some(file.path.clone()),
        ..overrides
    };
    Config::load(&overrides, &environment).unwrap_or_else(|problems| panic!("{problems}"))
}

fn targets(list: &[&str]) -> Overrides {
    Overrides {
        file: Some("/dev/null".into()),
        targets: list.iter().map(|target| (*target).to_owned()).collect(),
        ..Overrides::default()
    }
}

#[test]
fn a_flow_is_shown_as_it_is_written_without_its_secrets() {
    let text = r#"
        [[flow]]
        name = "shop"
        group = "api"
        cookies = false
        [[flow.step]]
        name = "login"
        url = "http://user:${SECRET}@localhost/login?key=${SECRET}"
        body = "${SECRET}"
        capture = { token = "body.token" }
        latency = { warning = "1s" }
        [[flow.step]]
        name = "call"
        url = "http://localhost/{{token}}"
        headers = { x-a = "{{ token }}", authorization = "Bearer {{token}}" }
    "#;
    let config = load(text);
    let names: Vec<_> = config
        .targets
        .rows()
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(names, ["shop", "shop/login", "shop/call"]);
    let shown = show::toml(&config);
    assert!(
        !shown.contains(SECRET) && !format!("{config:?}").contains(SECRET),
        "{shown}"
    );
    for line in [
        "[[flow.step]]",
        "cookies = false",
        "capture = { token = \"body.token\" }",
        "x-a = \"{{ token }}\"",
        "url = \"http://localhost/{{token}}\"",
    ] {
        let table = line.replace("capture = { token", "token").replace(" }", "");
        assert!(shown.contains(line) || shown.contains(&table), "{line}\n{shown}");
    }
    assert_eq!(
        show::toml(&load(&shown)).lines().skip(2).collect::<Vec<_>>(),
        shown.lines().skip(2).collect::<Vec<_>>()
    );
}

#[test]
fn whom_alerts_tell_is_shown_as_it_is_read() {
    let text = r#"
        [alerts]
        notify = ["ops"]
        remind = "10m"
        escalate = [{ after = "5m", severity = "critical", notify = ["pager"] }, { after = "1h", severity = "info" }]
        state_file = "alerts.json"
        [[notify]]
        name = "ops"
        kind = "terminal"
        [[notify]]
        name = "pager"
        kind = "command"
        command = ["page"]
        [[target]]
        name = "a"
        url = "http://localhost/a"
        depends_on = ["host", "group:edge"]
        [[target]]
        name = "b"
        url = "http://localhost/b"
        group = "edge"
        [[alert]]
        name = "idle"
        when = "rate < 5.0"
        notify = []
        remind = false
        escalate = []
        [[maintenance]]
        name = "nightly"
        on = ["a", "host"]
        daily = "23:05"
        duration = "30m"
        days = ["sat", "sun"]
        [[maintenance]]
        name = "once"
        start = 2026-11-20T22:00:00+01:00
        duration = "4h"
    "#;
    let config = load(text);
    let shown = show::toml(&config);
    let again = load(&shown);
    assert_eq!(again.alerts, config.alerts, "{shown}");
    assert_eq!(again.rules[0].policy, config.rules[0].policy);
    assert_eq!(again.targets, config.targets);
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

/// Each bad file has its problems beside it. `PROBETOP_UPDATE_FIXTURES=1` writes them anew, to be read in the diff.
#[test]
fn every_problem_of_a_file_is_reported_in_one_run() {
    let mut checked = 0;
    for entry in std::fs::read_dir(FIXTURES).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let relative = Path::new(FIXTURES).join(path.file_name().unwrap());
        let overrides = Overrides {
            file: Some(relative),
            ..Overrides::default()
        };
        let problems = Config::load(&overrides, &environment).expect_err("a bad file");
        let problems = problems.to_string().replace(&format!("{FIXTURES}/"), "") + "\n";
        assert!(!problems.contains(SECRET), "{problems}");
        let expected = path.with_extension("problems");
        if std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some() {
            std::fs::write(&expected, &problems).unwrap();
        }
        assert_eq!(
            problems,
            std::fs::read_to_string(&expected).unwrap_or_default(),
            "{}",
            path.display()
        );
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} files in {FIXTURES}");
}

#[test]
fn thousands_of_problems_are_counted_not_listed() {
    let text = "[[target]]\nurl = \"x\"\n".repeat(5_000);
    let problems = load_with(&text, Overrides::default()).unwrap_err().to_string();
    assert_eq!(problems.lines().count(), 101);
    assert!(problems.ends_with("\nand 4900 more"), "{problems}");
}

#[test]
fn limits_hold_for_targets_and_alerts() {
    let many = "[[target]]\nurl = \"http://a.example/\"\n".repeat(20_001);
    let problems = load_with(&many, Overrides::default()).unwrap_err().to_string();
    assert!(
        problems.contains("there are 20001 of [[target]]; use at most 20000"),
        "{problems}"
    );
    let many: String = (0..1_001)
        .map(|i| format!("[[alert]]\nname = \"{i}\"\nwhen = \"rate > 1.0\"\n"))
        .collect();
    let problems = load_with(&many, Overrides::default()).unwrap_err().to_string();
    assert!(
        problems.contains("there are 1001 of [[alert]]; use at most 1000"),
        "{problems}"
    );
}

#[test]
fn what_is_not_said_has_a_default() {
    let config = load("[[target]]\nurl = \"https://shop.example/health\"\n");
    let [target] = config.targets.rows() else {
        panic!("one target")
    };
    assert_eq!(target.name.as_str(), "shop.example/health");
    assert_eq!(
        (target.interval, target.timeout),
        (Duration::from_secs(1), Duration::from_secs(5))
    );
    assert_eq!(target.in_flight, 6);
    assert_eq!(target.latency, None);
    assert_eq!(
        (target.errors.warning, target.errors.critical),
        (Some(0.01), Some(0.05))
    );
    assert_eq!(config.window, Window::TwoMinutes);
    assert_eq!(config.host, Some(Default::default()));
    assert_eq!(config.hint(), None);
    assert_eq!(target.info(TargetId(7)).kind, "http");
}

#[test]
fn the_command_line_wins_over_the_file_and_a_target_over_both_defaults() {
    let text = "interval = \"2s\"\ntimeout = \"4s\"\ntheme = \"light\"\n\
                [[target]]\nname = \"a\"\nurl = \"http://a.example/\"\n\
                [[target]]\nname = \"b\"\nurl = \"http://b.example/\"\ninterval = \"250ms\"\n";
    let intervals =
        |config: &Config| -> Vec<u128> { config.targets.rows().iter().map(|t| t.interval.as_millis()).collect() };
    let config = load(text);
    assert_eq!(intervals(&config), [2000, 250]);
    assert_eq!(config.ui.theme, "light");
    let config = written_load(
        text,
        Overrides {
            interval: Some(Duration::from_millis(500)),
            theme: Some("light".to_owned()),
            color: Some(ColorChoice::Never),
            window: Some(Window::Run),
            host: HostChoice::Off,
            targets: vec!["c=http://c.example/".to_owned()],
            ..Overrides::default()
        },
    );
    assert_eq!(intervals(&config), [500, 250, 500]);
    assert_eq!(
        (config.ui.theme.as_str(), config.ui.color),
        ("light", ColorChoice::Never)
    );
    assert_eq!((config.window, config.host), (Window::Run, None));
    assert_eq!(config.targets.rows()[2].name.as_str(), "c");
}

#[test]
fn host_can_be_off_or_judged_by_a_part_of_its_thresholds() {
    assert_eq!(load("host = false").host, None);
    assert_eq!(load("host = true").host, Some(Default::default()));
    let host = load("[host]\ncpu = { warning = 0.5 }\nload = { critical = 1.0 }\n")
        .host
        .unwrap();
    assert_eq!((host.cpu.warning, host.cpu.critical), (Some(0.5), Some(0.95)));
    // The default warning of 1.5 would stand above the critical level that was asked for.
    assert_eq!((host.load.warning, host.load.critical), (None, Some(1.0)));
    assert_eq!(host.memory.warning, Some(0.85));
}

#[track_caller]
fn check_names(list: &[&str], expected: &[&str]) {
    let config = Config::load(&targets(list), &environment).unwrap_or_else(|problems| panic!("{problems}"));
    let names: Vec<_> = config
        .targets
        .rows()
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn targets_of_the_command_line_are_named_or_get_a_free_name() {
    check_names(&["http://a.example/x?b=c=d"], &["a.example/x"]);
    check_names(&["web=http://a.example/"], &["web"]);
    check_names(
        &["http://a.example/", "http://a.example/"],
        &["a.example", "a.example (2)"],
    );
    check_names(&["http://host/"], &["host (2)"]);
    check_names(&["tcp://db:5432", "demo://checkout"], &["db:5432", "checkout"]);
}

#[track_caller]
fn check_refused(list: &[&str], expected: &str) {
    let problems = Config::load(&targets(list), &environment).unwrap_err();
    assert_eq!(problems.to_string(), expected);
}

#[test]
fn what_is_no_target_says_what_to_write() {
    check_refused(
        &["tcp:8080", "http://ok.example/", "db"],
        "command line: target \"tcp:8080\" has no scheme; write http://tcp:8080, https://tcp:8080 or \
         tcp://tcp:8080\n\
         command line: target \"db\" has no scheme; write http://db, https://db or tcp://db:PORT",
    );
    check_refused(
        &["host=http://a.example/"],
        "command line: name \"host\" means this machine; choose another",
    );
    check_refused(
        &["a=http://a.example/", "a=http://b.example/"],
        "command line: target \"a\": the name is taken; choose another",
    );
    check_refused(
        &["tcp://db.example"],
        "command line: target \"tcp://db.example\": has no port; write tcp://db.example:PORT",
    );
}

#[test]
fn a_certificate_has_levels_where_there_is_one() {
    let levels = |url: &str| {
        let config = load(&format!("[[target]]\nurl = \"{url}\"\n"));
        let mut gauges = config.targets.rows()[0].gauges.iter();
        let level = gauges.find(|level| level.name.as_str() == "certificate_expires_days");
        level.map(|level| (level.warning, level.critical))
    };
    let by_default = Some((Some(30.0), Some(7.0)));
    assert_eq!(levels("tls://shop.example:443"), by_default);
    assert_eq!(levels("https://shop.example/"), by_default);
    assert_eq!(levels("http://shop.example/"), None);
}

#[test]
fn a_bare_demo_brings_its_targets_and_alerts() {
    let config = Config::load(&targets(&["demo://"]), &environment).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(config.targets.rows().len() >= 2);
    assert!(
        config
            .targets
            .rows()
            .iter()
            .all(|target| target.kind.kind().name == "demo")
    );
    assert!(config.targets.rows().iter().any(|target| target.latency.is_some()));
    assert!(!config.rules.is_empty());
    let from_file = load("[[target]]\nurl = \"demo://\"\n");
    assert_eq!(from_file.targets, config.targets);
}

#[test]
fn without_targets_the_machine_is_watched_and_a_hint_tells_how_to_add_some() {
    let config = Config::load(&targets(&[]), &environment).unwrap();
    assert!(config.targets.is_empty() && config.host.is_some());
    assert!(config.hint().unwrap().contains("probetop init"));
}

#[test]
fn a_selector_that_matches_nothing_is_a_warning() {
    let config = load(
        "[[target]]\nname = \"a\"\nurl = \"http://a.example/\"\ngroup = \"api\"\n\
         [[alert]]\nname = \"r\"\non = [\"a\", \"group:ap?\", \"kind:http\", \"group:db\"]\nwhen = \"rate > 1.0\"\n",
    );
    let text = "[[alert]]\nname = \"r\"\non = [\"typed\"]\nwhen = \"rate > 1.0\"\n";
    let typed = Overrides {
        targets: vec!["typed=http://a.example/".to_owned()],
        ..Overrides::default()
    };
    assert_eq!(load_with(text, typed).unwrap().warnings, []);
    let [warning] = config.warnings.as_slice() else {
        panic!("{:?}", config.warnings)
    };
    let line = warning.to_string();
    assert!(
        line.ends_with(
            ":7:38: alert \"r\": \"group:db\" matches no target; name a target, group:NAME, kind:NAME or host"
        ),
        "{line}"
    );
}

#[test]
fn objectives_for_each_target_are_limited_and_selectors_that_match_nothing_are_told() {
    let targets: String = (0..600)
        .map(|i| format!("[[target]]\nname = \"{i}\"\nurl = \"http://a/\"\n"))
        .collect();
    let each = "[[objective]]\nname = \"fast\"\ngoal = \"95% under 2s\"\neach = true\n";
    let twice = format!("{targets}{each}{}", each.replace("fast", "there"));
    let problems = load_with(&twice, Overrides::default()).unwrap_err().to_string();
    assert!(problems.contains("there are 1200 objectives"), "{problems}");
    assert_eq!(load(&format!("{targets}{each}")).objectives.len(), 1);

    let text = "[[objective]]\nname = \"fast\"\ngoal = \"95% under 2s\"\non = [\"shop\"]\n\
                [health]\ngroups = [{ name = \"shop\", on = [\"host\", \"group:shop\"] }]\n";
    let warnings: Vec<_> = load(text).warnings.iter().map(ToString::to_string).collect();
    let [objective, health] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(
        objective.ends_with(
            ":4:7: objective \"fast\": \"shop\" matches no target; name a target, group:NAME, kind:NAME or host"
        ),
        "{objective}"
    );
    assert!(
        health.ends_with(":6:42: health: group \"shop\": \"group:shop\" matches no target; name a target, group:NAME, kind:NAME or host"),
        "{health}"
    );
}

#[test]
fn a_channel_that_listens_to_nothing_that_is_there_is_a_warning() {
    let check = |on: &str, expected: &[&str]| {
        let text = format!(
            "[[target]]\nname = \"a\"\nurl = \"http://a.example/\"\ngroup = \"api\"\n\
             [[objective]]\nname = \"fast\"\ngoal = \"95% under 2s\"\neach = true\n\
             [[objective]]\nname = \"there\"\ngoal = \"99% available\"\n\
             [[notify]]\nname = \"ops\"\nkind = \"command\"\ncommand = [\"true\"]\non = [{on}]\n"
        );
        let warnings: Vec<_> = load(&text).warnings.iter().map(ToString::to_string).collect();
        let is_as_expected = |(warning, expected): (&String, &&str)| {
            warning.contains(&format!(
                "notify \"ops\": {expected} matches no target and no objective"
            ))
        };
        assert_eq!(warnings.len(), expected.len(), "{on}: {warnings:?}");
        assert!(warnings.iter().zip(expected).all(is_as_expected), "{warnings:?}");
    };
    check("", &[]);
    check(r#""a", "host", "group:ap?", "kind:http""#, &[]);
    check(r#""there", "fast*", "fast · a""#, &[]);
    check(r#""b", "group:db", "there""#, &["\"b\"", "\"group:db\""]);
    check(r#""group:there", "fast""#, &["\"group:there\"", "\"fast\""]);
}

#[test]
fn groups_of_health_stand_before_the_built_in_ones_or_change_them_where_they_are() {
    let groups = |text: &str| match load(text).health {
        Scoring::Off => Vec::new(),
        Scoring::By(groups) => groups
            .into_iter()
            .map(|group| (group.name.to_string(), group.weight))
            .collect(),
    };
    let named =
        |list: &[(&str, f64)]| -> Vec<_> { list.iter().map(|(name, weight)| (name.to_string(), *weight)).collect() };
    let built_in = [
        ("database", 40.0),
        ("machine", 35.0),
        ("cache", 25.0),
        ("services", 100.0),
    ];
    assert_eq!(groups(""), named(&built_in));
    assert_eq!(groups("health = true"), named(&built_in));
    assert_eq!(groups("health = false"), []);
    let own = "[health]\ngroups = [{ name = \"shop\", on = [\"kind:*\"] }, { name = \"machine\", weight = 0 }]\n\
               [[target]]\nurl = \"http://a/\"\n";
    let expected = [("shop", 100.0), built_in[0], ("machine", 0.0), built_in[2], built_in[3]];
    assert_eq!(groups(own), named(&expected));
    assert_eq!(groups(&show::toml(&load(own))), named(&expected));
}

const SECRETS: &str = r#"
[[target]]
name = "checkout"
url = "https://user:hunter2-s3cret@shop.example/api?key=${SECRET}"
headers = { authorization = "Bearer ${SECRET}", cookie = "hunter2-s3cret", x-auth-token = "hunter2-s3cret", accept = "*/*" }
body = '{"token": "${SECRET}"}'
expect = ["body.price != '$$5'"]

[[target]]
url = "http://${HOST_AND_PORT}/${SECRET}?price=$$5"
group = "${SECRET}"

[[alert]]
name = "${SECRET}"
on = ["group:${SECRET}"]
when = "rate > 1.0"
"#;

#[test]
fn secrets_reach_the_probe_and_nobody_else() {
    let config = load(SECRETS);
    let [checkout, other] = config.targets.rows() else {
        panic!("two targets")
    };
    assert_eq!(checkout.url.real().password(), Some(SECRET));
    assert_eq!(checkout.url.real().query(), Some("key=hunter2-s3cret"));
    let keys = checkout.kind.table();
    assert_eq!(keys["headers"]["authorization"].as_str(), Some("Bearer hunter2-s3cret"));
    assert_eq!(
        other.url.real().as_str(),
        "http://localhost:8080/hunter2-s3cret?price=$5"
    );
    let infos: Vec<_> = config
        .targets
        .rows()
        .iter()
        .map(|target| target.info(TargetId(0)))
        .collect();
    for output in [
        format!("{config:?}"),
        format!("{infos:?}"),
        show::toml(&config),
        format!("{}", checkout.url),
    ] {
        assert!(!output.contains("hunter2"), "{output}");
        assert!(!output.contains("localhost:8080"), "{output}");
    }
    let typed = targets(&["http://me:hunter2@a.example/"]);
    let typed_config = Config::load(&typed, &environment).unwrap();
    for output in [
        format!("{typed:?}"),
        format!("{typed_config:?}"),
        show::toml(&typed_config),
    ] {
        assert!(!output.contains("hunter2"), "{output}");
    }
    assert_eq!(checkout.url.to_string(), "https://user:***@shop.example/api?key=***");
    assert_eq!(other.name.as_str(), "***/***");
}

/// Written out, as nobody should; `${NAME}` is masked wherever it stands.
const LITERAL_SECRETS: &str = r#"
[[target]]
url = "http://a.example/"
auth = { basic = { user = "me", password = "hunter2-a" } }
proxy = "http://us:hunter2-b@proxy.example:3128"
form = { user = "me", password = "hunter2-c" }
query = { api_key = "hunter2-d", page = "1" }

[[target]]
url = "https://b.example/"
auth = { bearer = "hunter2-e" }
json = { login = { client_secret = "hunter2-f", tries = 3 } }
tls = { insecure = true }
"#;

#[test]
fn credentials_are_known_by_their_keys_however_deep_they_lie() {
    let config = load(LITERAL_SECRETS);
    let shown = show::toml(&config);
    for output in [format!("{config:?}"), shown.clone()] {
        assert!(!output.contains("hunter2"), "{output}");
    }
    assert!(shown.contains("http://us:***@proxy.example:3128"), "{shown}");
    assert!(shown.contains("tries = 3") && shown.contains("page = \"1\""), "{shown}");
}

#[test]
fn a_choice_that_gives_up_safety_is_a_warning() {
    let warnings = load(LITERAL_SECRETS).warnings;
    let [only] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(
        only.to_string().ends_with(
            ":13:20: target 2: tls: insecure accepts any certificate; trust the issuer with ca = \"FILE\" instead"
        ),
        "{only}"
    );
}

#[test]
fn what_is_shown_can_be_loaded_and_shows_the_same_again() {
    for text in [
        starter::TEXT,
        starter::FULL,
        SECRETS,
        LITERAL_SECRETS,
        "host = false\n",
        "[[target]]\nurl = \"demo://\"\n",
        "[ui]\ncolumns = [\"name\", \"p99_9\"]\nfilters = { slow = \"= p95 > duration('1s')\", eu = \"eu\" }\n",
        PATIENT,
    ] {
        let shown = show::toml(&load(text));
        let again = show::toml(&load(&shown));
        let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(body(&shown), body(&again));
    }
}

/// What keeps alerts calm.
const PATIENT: &str = r#"
[host]
cpu = { warning = 0.7, for = "30s", clear_for = "1m", hysteresis = 0.1 }

[[target]]
url = "http://shop.example/"
latency = { warning = "1s", for = "5s", clear_for = "20s", hysteresis = 0.2 }
errors = { warning = 0.1, for = "1s", clear_for = "2s", hysteresis = 0.3 }
gauges = { queue = { warning = 10, for = "6s", clear_for = "7s", hysteresis = 0.5 } }

[[target]]
url = "locust://generator.example"
rate = { warning = 10, critical = 1.5, window = "10s", for = "3s", clear_for = "4s", hysteresis = 0.4 }

[[alert]]
name = "scale up"
above = { p95 = "1m 30s", gauge.queue = 10, error_ratio = 0.005 }
below = { rate = 100 }
trigger = { count = 3, of = 5 }
no_data = "ok"
action = "add a replica, for $$5"

[[alert]]
name = "slow"
when = "p95 > duration('1s')"
clear_when = "p95 < duration('800ms')"
no_data = "alert"
"#;

#[test]
fn patience_is_read_as_it_is_shown() {
    let config = load(&show::toml(&load(PATIENT)));
    let [target, generator] = config.targets.rows() else {
        panic!("two targets")
    };
    let rate = generator.rate.as_ref().unwrap();
    assert_eq!(rate.gauge, "rate_achieved_per_s");
    let told = |damping: Damping| (damping.hold.as_secs(), damping.clear.as_secs(), damping.hysteresis);
    assert_eq!(told(target.latency.unwrap().damping), (5, 20, 0.2));
    assert_eq!(told(target.errors.damping), (1, 2, 0.3));
    assert_eq!(told(rate.damping), (3, 4, 0.4));
    assert_eq!((rate.warning, rate.critical), (Some(10.0), Some(1.5)));
    assert_eq!(told(target.gauges[0].damping), (6, 7, 0.5));
    assert_eq!(told(config.host.unwrap().cpu.damping), (30, 60, 0.1));
    assert_eq!(told(config.host.unwrap().memory.damping), (10, 10, 0.0));
    assert_eq!(config.rules, load(PATIENT).rules);
    let action = config.rules[0].policy.telling.action.as_ref().unwrap();
    assert_eq!(action.as_str(), "add a replica, for $5");
}

#[test]
fn loading_again_sees_the_file_as_it_is_now() {
    let file = written("[[target]]\nname = \"a\"\nurl = \"http://a.example/\"\n");
    let overrides = Overrides {
        file: Some(file.path.clone()),
        ..Overrides::default()
    };
    assert_eq!(Config::load(&overrides, &environment).unwrap().targets.rows().len(), 1);
    std::fs::write(
        &file.path,
        "[[target]]\nurl = \"http://a.example/\"\n[[target]]\nurl = \"tcp://b:1\"\n",
    )
    .unwrap();
    assert_eq!(Config::load(&overrides, &environment).unwrap().targets.rows().len(), 2);
    std::fs::write(&file.path, "[[target]]\n").unwrap();
    assert!(Config::load(&overrides, &environment).is_err());
}

fn json(text: &str) -> serde_json::Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

/// What the documentation shows.
const EXAMPLE: &str = r#"
interval = "1s"
timeout  = "5s"
[[target]]
name = "checkout"
url  = "https://shop.example/api/checkout"
group = "api"
interval = "500ms"
connection = "reuse"
in_flight = 5
method = "POST"
headers = { authorization = "Bearer ${CHECKOUT_TOKEN}" }
body = '{"sku": 7}'
expect = ["status == 200", "body.status == 'ok'"]
latency = { target = "300ms", warning = "1s", critical = "2s", quantile = 0.95, window = "1m" }
errors  = { warning = 0.01, critical = 0.05 }
[[alert]]
name = "slow under load"
on   = ["group:api"]
when = "p99 > duration('1500ms') && rate > 1.0"
window = "1m"
for = "30s"
clear_for = "60s"
severity = "critical"
[host]
cpu    = { warning = 0.80, critical = 0.95 }
memory = { warning = 0.85, critical = 0.95 }
disk   = { warning = 0.90, critical = 0.95 }
load   = { warning = 1.5, critical = 2.0 }
[[objective]]
name = "api is fast"
on = ["group:api"]
goal = "99.5% under 300ms"
period = "30m"
each = true
[health]
groups = [{ name = "checkout", weight = 50, on = ["group:api"] }, { name = "machine", weight = 35, on = ["host"] }]
"#;

#[test]
fn the_schema_takes_what_is_loaded_and_refuses_unknown_keys() {
    let validator = jsonschema::validator_for(&schema::schema()).unwrap();
    for good in [
        starter::TEXT,
        starter::FULL,
        include_str!("../../assets/demo.toml"),
        EXAMPLE,
        SECRETS,
    ] {
        let errors: Vec<_> = validator
            .iter_errors(&json(good))
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let config = load(good);
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
        let shown = json(&show::toml(&config));
        assert!(
            validator.is_valid(&shown),
            "{:?}",
            validator.iter_errors(&shown).next().map(|e| e.to_string())
        );
    }
    for bad in [
        "intervall = \"1s\"",
        "[[target]]\nname = \"no url\"",
        "[[target]]\nurl = \"http://a/\"\nmetod = \"GET\"",
        "[[target]]\nurl = \"tcp://a:1\"\nmethod = \"GET\"",
        "[[target]]\nurl = \"gopher://a/\"",
        "[[target]]\nurl = \"http://a/\"\nlatency = { warn = \"1s\" }",
        "[[alert]]\nname = \"a\"",
        "[host]\nswap = { warning = 0.5 }",
        "[[objective]]\nname = \"no goal\"",
        "[health]\ngroups = [{ name = \"a\", weights = 1 }]",
        "window = \"3m\"",
    ] {
        assert!(!validator.is_valid(&json(bad)), "{bad}");
    }
}

/// Keys of the schema with the tables they stand in.
fn schema_keys(schema: &serde_json::Value, keys: &mut BTreeMap<String, ()>) {
    if let Some(properties) = schema.get("properties").and_then(|properties| properties.as_object()) {
        for (key, inner) in properties {
            keys.insert(key.clone(), ());
            schema_keys(inner, keys);
        }
    }
    for choices in ["anyOf", "oneOf"] {
        for choice in schema
            .get(choices)
            .and_then(|choices| choices.as_array())
            .into_iter()
            .flatten()
        {
            schema_keys(choice, keys);
        }
    }
    if let Some(items) = schema.get("items") {
        schema_keys(items, keys);
    }
}

#[test]
fn every_key_is_explained_in_the_full_file_and_in_the_reference() {
    let mut keys = BTreeMap::new();
    schema_keys(&schema::schema(), &mut keys);
    assert!(keys.len() > 30, "{keys:?}");
    let reference = reference::markdown();
    for key in keys.keys().filter(|key| {
        ![
            "target",
            "flow",
            "step",
            "alert",
            "alerts",
            "maintenance",
            "notify",
            "objective",
            "health",
            "host",
            "analysis",
        ]
        .contains(&key.as_str())
    }) {
        assert!(
            reference.contains(&format!("`{key}`")) || reference.contains(&format!(".{key}`")),
            "{key}\n{reference}"
        );
        let mentioned = starter::FULL
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .any(|word| word == key);
        assert!(mentioned, "{key} is not in the full file");
    }
    for row in reference.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split(" | ").collect();
        assert!(cells.len() == 4 && !cells[1].is_empty() && cells[3].len() > 5, "{row}");
    }
}

#[test]
fn every_name_a_condition_may_use_is_in_the_full_file() {
    let words: Vec<_> = starter::FULL
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    let of_answers = http::EXPECT_VARIABLES.iter().chain(&dns::EXPECT_VARIABLES);
    let names = TARGET_VARIABLES.iter().chain(&HOST_VARIABLES).chain(of_answers);
    let missing: Vec<_> = names.filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_one_begins_with_fits_a_screen_and_its_examples_are_loaded() {
    assert!(starter::TEXT.lines().count() <= 40);
    assert!(load(starter::TEXT).warnings.is_empty());
    let examples = starter::TEXT.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest,
        _ => line,
    });
    let config = load(&examples.collect::<Vec<_>>().join("\n"));
    assert_eq!(config.targets.probed().count(), 3);
    assert_eq!(config.rules.len(), 1);
    assert_eq!(config.channels.len(), 1);
}

#[test]
fn the_full_file_and_the_examples_in_its_comments_are_loaded() {
    let uncommented: String = starter::FULL
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let secrets = [
        "ORDERS_TOKEN",
        "PGPASSWORD",
        "REDIS_PASSWORD",
        "HOOK_TOKEN",
        "PAGERDUTY_KEY",
        "SMTP_PASSWORD",
    ];
    let uncommented = secrets
        .iter()
        .fold(uncommented, |text, name| text.replace(name, "SECRET"));
    assert!(load(starter::FULL).warnings.is_empty());
    let baseline = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/baseline.json");
    let uncommented = uncommented.replace("before.json", baseline);
    let config = load(&uncommented);
    let entries = ["\n[[target]]", "\n[[flow]]", "\n[[flow.step]]"];
    let written: usize = entries.iter().map(|entry| uncommented.matches(entry).count()).sum();
    assert_eq!(
        config.targets.rows().len(),
        written,
        "a flow is a target, and so are its steps"
    );
}

#[test]
fn a_baseline_is_loaded_from_the_file_that_is_named_last() {
    let good = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/baseline.json");
    let overrides = Overrides {
        baseline: Some(good.into()),
        ..Overrides::default()
    };
    let config = written_load("baseline = \"no/such.json\"\n", overrides);
    let baseline = config.baseline.unwrap();
    assert_eq!(baseline.stretch.targets[0].name.as_str(), "a");
    assert_eq!(
        baseline
            .stretch
            .side
            .file
            .as_ref()
            .map(probetop_core::sample::Text::as_str),
        Some("baseline.json")
    );
    assert!(load("").baseline.is_none());

    let check = |text: &str, place: &str, what: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        std::fs::write(&path, text).unwrap();
        let overrides = Overrides {
            baseline: Some(path.clone()),
            ..Overrides::default()
        };
        let problems = load_with("", overrides).unwrap_err().to_string();
        assert!(
            problems.starts_with(&format!("{}{place}", path.display())),
            "{problems}"
        );
        assert!(problems.contains(what), "{problems}");
    };
    check(
        "{\n nothing",
        ":2:2: ",
        "is not a baseline: key must be a string; write the baseline again",
    );
    check(
        "{\"schema\": \"probetop.snapshot/v1\"}",
        ": ",
        "its schema is \"probetop.snapshot/v1\"",
    );
    let problems = load_with("baseline = \"no/such.json\"\n", Overrides::default())
        .unwrap_err()
        .to_string();
    assert!(
        problems.starts_with("no/such.json: cannot be read as the baseline: "),
        "{problems}"
    );
}

#[test]
fn every_kind_has_an_example_that_is_accepted() {
    for kind in KINDS {
        check_names(&[&format!("x={}", kind.example)], &["x"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probetop.toml");
        std::fs::write(&path, bytes).unwrap();
        let overrides = Overrides { file: Some(path), ..Overrides::default() };
        let _ = Config::load(&overrides, &environment);
    }

    #[test]
    fn no_mutation_of_the_starter_makes_the_loader_panic(
        position in 0_usize..6000, cut in 0_usize..12, insert in "[\\[\\]{}=\"'#\n.,$*a0é\u{0}]{0,4}",
    ) {
        let mut text: Vec<char> = starter::FULL.chars().collect();
        let start = position.min(text.len());
        let end = (start + cut).min(text.len());
        text.splice(start..end, insert.chars());
        let text: String = text.into_iter().collect();
        if let Err(problems) = load_with(&text, Overrides::default()) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}
