//! What may be written in `[[notify]]`, and what is said of what may not.

use super::load;

/// Loads a webhook with these keys; `expected` are the problems, without the name of the file.
#[track_caller]
fn check(keys: &str, expected: &[&str]) {
    let text = format!("[[notify]]\n{keys}\n");
    let problems: Vec<_> = match load(&text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| {
                let text = problem.to_string();
                text.split_once(".toml:")
                    .map_or(text.clone(), |(_, rest)| rest.to_owned())
            })
            .collect(),
    };
    assert_eq!(problems, expected, "{text}");
}

const URL: &str = "name = \"a\"\nkind = \"webhook\"\nurl = \"https://hooks.example/x\"\n";

#[test]
fn a_channel_has_a_name_a_kind_and_what_the_kind_needs() {
    check(URL, &[]);
    check(
        "kind = \"webhook\"\nurl = \"https://hooks.example/x\"",
        &["1:1: notify 1: has no name; add name = \"ops\""],
    );
    check(
        "name = \"a\"\nurl = \"https://hooks.example/x\"",
        &[&format!(
            "1:1: notify \"a\": has no kind; add kind = \"webhook\", or another of {}",
            names()
        )],
    );
    check(
        "name = \"a\"\nkind = \"pigeon\"",
        &[&format!(
            "3:8: notify \"a\": kind is \"pigeon\"; use one of {}",
            names()
        )],
    );
    check(
        "name = \"a\"\nkind = \"slack\"",
        &["1:1: notify \"a\": has no url; add url = \"https://hooks.slack.com/services/…\""],
    );
    check(
        "name = \"a\"\nkind = \"pagerduty\"",
        &["1:1: notify \"a\": has no routing_key; add routing_key = \"${PAGERDUTY_KEY}\""],
    );
    check(
        &format!("{URL}[[notify]]\n{URL}"),
        &["6:8: notify \"a\": name \"a\" is taken by the one in line 1; choose another"],
    );
}

fn names() -> String {
    let names: Vec<_> = probetop::notify::kind::Kind::names().collect();
    names.join(", ")
}

#[test]
fn a_wrong_value_is_told_with_its_place_and_remedy() {
    let check = |more: &str, expected: &str| check(&format!("{URL}{more}"), &[expected]);
    check(
        "metod = \"PUT\"",
        "5:1: notify \"a\": unknown key \"metod\"; did you mean \"method\"?",
    );
    check(
        "method = \"GET\"",
        "5:10: notify \"a\": method is \"GET\"; use \"POST\", \"PUT\" or \"PATCH\"",
    );
    check("gather = \"11m\"", "5:10: notify \"a\": gather is 11m; use 0s to 10m");
    check(
        "timeout = \"1ms\"",
        "5:11: notify \"a\": timeout is 1ms; use 100ms to 2m",
    );
    check(
        "give_up_after = \"2days\"",
        "5:17: notify \"a\": give_up_after is 2days; use 0s to 1day",
    );
    check(
        "at_most = { messages = 0, per = \"1m\" }",
        "5:11: notify \"a\": at_most lets nothing through; write { messages = 20, per = \"1m\" }",
    );
    check(
        "severity = \"loud\"",
        "5:12: notify \"a\": severity is \"loud\"; use info, warning, critical",
    );
    check(
        "headers = { \"a b\" = \"x\" }",
        "5:11: notify \"a\": \"a b\" is not a header name; use letters, digits and -",
    );
    check(
        "proxy = \"socks5://a\"",
        "5:9: notify \"a\": proxy: the URL begins with socks5://; write https://host/path",
    );
}

#[test]
fn a_template_is_tried_before_the_first_alert() {
    let check = |body: &str, expected: &str| check(&format!("{URL}body = {body}"), &[expected]);
    check(
        "'{{ titel }}'",
        "5:8: notify \"a\": body: line 1: undefined value; at the top are machine, title, group, state, severity, \
         left_out and alerts, of each alert headline, name, subject, reason and more",
    );
    check(
        "'''\n{\n  \"a\": {{ title | json }}\n}'''",
        "7:1: notify \"a\": body: line 2: unknown filter: filter json is unknown; \
         filters are those of Jinja, such as tojson, upper and join",
    );
    check(
        "'{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}'",
        "5:8: notify \"a\": body: line 1: engine ran out of fuel; leave out loops within loops",
    );
    check(
        "'{\"a\": \"{{ alerts[0].reason }}\"}'",
        "5:8: notify \"a\": body makes no JSON: expected `,` or `}` at line 1 column 19; \
         write {{ title | tojson }} without quotes around it, or another content-type in headers",
    );
}

#[test]
fn a_body_of_another_type_need_not_be_json() {
    check(
        &format!("{URL}headers = {{ content-type = \"text/plain\" }}\nbody = \"{{{{ title }}}}\""),
        &[],
    );
}

#[test]
fn labels_of_alertmanager_are_labels() {
    check(
        "name = \"a\"\nkind = \"alertmanager\"\nurl = \"http://am:9093\"\nlabels = { a-b = \"x\" }\nrenew = \"1ms\"",
        &[
            "5:18: notify \"a\": labels: \"a-b\" is not a label; use letters, digits and _, and no digit first",
            "6:9: notify \"a\": renew is 1ms; use 1s to 1h",
        ],
    );
}
