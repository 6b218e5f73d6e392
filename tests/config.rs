//! What a configuration means, every problem it can have, and that no secret ever leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop::alert::rule::{HOST_VARIABLES, TARGET_VARIABLES};
use probetop::config::{Config, HostChoice, Overrides, Problems, reference, schema, show, starter};
use probetop::sample::{TargetId, Window};
use probetop::source::kind::KINDS;
use probetop::source::{dns, http};
use probetop::ui::ColorChoice;
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
    let names: Vec<_> = config.targets.iter().map(|target| target.name.as_str()).collect();
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
    let [target] = config.targets.as_slice() else {
        panic!("one target")
    };
    assert_eq!(target.name.as_str(), "shop.example/health");
    assert_eq!(
        (target.interval, target.timeout),
        (Duration::from_secs(1), Duration::from_secs(5))
    );
    assert_eq!(target.in_flight, 5);
    assert_eq!(target.latency, None);
    assert_eq!(
        (target.errors.warning, target.errors.critical),
        (Some(0.01), Some(0.05))
    );
    assert_eq!(config.window, Window::OneMinute);
    assert_eq!(config.host, Some(Default::default()));
    assert_eq!(config.hint(), None);
    assert_eq!(target.info(TargetId(7)).kind, "http");
}

#[test]
fn the_command_line_wins_over_the_file_and_a_target_over_both_defaults() {
    let text = "interval = \"2s\"\ntimeout = \"4s\"\ntheme = \"light\"\n\
                [[target]]\nname = \"a\"\nurl = \"http://a.example/\"\n\
                [[target]]\nname = \"b\"\nurl = \"http://b.example/\"\ninterval = \"250ms\"\n";
    let intervals = |config: &Config| -> Vec<u128> { config.targets.iter().map(|t| t.interval.as_millis()).collect() };
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
    assert_eq!(config.targets[2].name.as_str(), "c");
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
    let names: Vec<_> = config.targets.iter().map(|target| target.name.as_str()).collect();
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
        &["localhost:8080", "http://ok.example/", "db"],
        "command line: target \"localhost:8080\" has no scheme; write http://localhost:8080, https://localhost:8080 or \
         tcp://localhost:8080\n\
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
fn a_bare_demo_brings_its_targets_and_alerts() {
    let config = Config::load(&targets(&["demo://"]), &environment).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(config.targets.len() >= 2);
    assert!(config.targets.iter().all(|target| target.kind.kind().name == "demo"));
    assert!(config.targets.iter().any(|target| target.latency.is_some()));
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
        line.ends_with(":7:38: alert \"r\": \"group:db\" matches no target"),
        "{line}"
    );
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
    let [checkout, other] = config.targets.as_slice() else {
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
    let infos: Vec<_> = config.targets.iter().map(|target| target.info(TargetId(0))).collect();
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
        SECRETS,
        LITERAL_SECRETS,
        "host = false\n",
        "[[target]]\nurl = \"demo://\"\n",
    ] {
        let shown = show::toml(&load(text));
        let again = show::toml(&load(&shown));
        let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(body(&shown), body(&again));
    }
}

#[test]
fn loading_again_sees_the_file_as_it_is_now() {
    let file = written("[[target]]\nname = \"a\"\nurl = \"http://a.example/\"\n");
    let overrides = Overrides {
        file: Some(file.path.clone()),
        ..Overrides::default()
    };
    assert_eq!(Config::load(&overrides, &environment).unwrap().targets.len(), 1);
    std::fs::write(
        &file.path,
        "[[target]]\nurl = \"http://a.example/\"\n[[target]]\nurl = \"tcp://b:1\"\n",
    )
    .unwrap();
    assert_eq!(Config::load(&overrides, &environment).unwrap().targets.len(), 2);
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
"#;

#[test]
fn the_schema_takes_what_is_loaded_and_refuses_unknown_keys() {
    let validator = jsonschema::validator_for(&schema::schema()).unwrap();
    for good in [starter::TEXT, include_str!("../assets/demo.toml"), EXAMPLE, SECRETS] {
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
        "window = \"2m\"",
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
fn every_key_is_explained_in_the_starter_and_in_the_reference() {
    let mut keys = BTreeMap::new();
    schema_keys(&schema::schema(), &mut keys);
    assert!(keys.len() > 30, "{keys:?}");
    let reference = reference::markdown();
    for key in keys
        .keys()
        .filter(|key| !["target", "flow", "step", "alert", "notify", "host"].contains(&key.as_str()))
    {
        assert!(
            reference.contains(&format!("`{key}`")) || reference.contains(&format!(".{key}`")),
            "{key}\n{reference}"
        );
        let mentioned = starter::TEXT
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .any(|word| word == key);
        assert!(mentioned, "{key} is not in the starter");
    }
    for row in reference.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split(" | ").collect();
        assert!(cells.len() == 4 && !cells[1].is_empty() && cells[3].len() > 5, "{row}");
    }
}

#[test]
fn every_name_a_condition_may_use_is_in_the_starter() {
    let words: Vec<_> = starter::TEXT
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    let of_answers = http::EXPECT_VARIABLES.iter().chain(&dns::EXPECT_VARIABLES);
    let names = TARGET_VARIABLES.iter().chain(&HOST_VARIABLES).chain(of_answers);
    let missing: Vec<_> = names.filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_starter_and_the_examples_in_its_comments_are_loaded() {
    let uncommented: String = starter::TEXT
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
    ];
    let uncommented = secrets
        .iter()
        .fold(uncommented, |text, name| text.replace(name, "SECRET"));
    assert!(load(starter::TEXT).warnings.is_empty());
    let config = load(&uncommented);
    let entries = ["\n[[target]]", "\n[[flow]]", "\n[[flow.step]]"];
    let written: usize = entries.iter().map(|entry| uncommented.matches(entry).count()).sum();
    assert_eq!(
        config.targets.len(),
        written,
        "a flow is a target, and so are its steps"
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
        let mut text: Vec<char> = starter::TEXT.chars().collect();
        let start = position.min(text.len());
        let end = (start + cut).min(text.len());
        text.splice(start..end, insert.chars());
        let text: String = text.into_iter().collect();
        if let Err(problems) = load_with(&text, Overrides::default()) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}
