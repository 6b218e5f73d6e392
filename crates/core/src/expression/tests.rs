//! What a condition means, what it says about itself, and what it refuses.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn resolve(name: &str) -> Option<Value> {
    Some(match name {
        "status" => Value::Int(200),
        "rate" => Value::Float(2.5),
        "failed" => Value::Int(0),
        "p50" => Value::Duration(Duration::from_micros(842)),
        "p95" => Value::Duration(Duration::from_millis(612)),
        "protocol" => Value::Text("HTTP/2".into()),
        "truncated" => Value::Bool(false),
        "text" => Value::Text("everything is fine".into()),
        "body" => Value::Json(Arc::new(json!({
            "status": "degraded", "sku": 7, "items": [{"state": "up"}, {"state": "down"}],
        }))),
        "headers" => Value::Map(Arc::new([("x-cache".to_owned(), "HIT".to_owned())].into())),
        _ => return None,
    })
}

#[track_caller]
fn check(source: &str, expected: &str) {
    let expression = Expression::compile(source, None).unwrap();
    let evaluation = expression.evaluate(&resolve);
    let verdict = match &evaluation {
        Evaluation::Holds { .. } => "holds",
        Evaluation::Fails { .. } => "fails",
        Evaluation::Unknown { .. } => "unknown",
        Evaluation::TooLong { .. } => "too long",
        Evaluation::Error { .. } => "error",
    };
    assert_eq!(format!("{verdict}: {}", evaluation.explain()), expected);
}

#[track_caller]
fn refused(source: &str, known: Option<&[&str]>, offset: usize, message: &str) {
    let error = Expression::compile(source, known).unwrap_err();
    assert_eq!((error.message.as_str(), error.offset), (message, offset), "{source}");
}

#[test]
fn a_verdict_names_the_values_as_they_are_written() {
    check("status == 200", "holds: status == 200 (is 200)");
    check("body.status == 'ok'", "fails: body.status == 'ok' (was 'degraded')");
    check(
        "p95 > duration('1500ms')",
        "fails: p95 > duration('1500ms') (was 612ms)",
    );
    check("p50 < duration('1ms')", "holds: p50 < duration('1ms') (is 842us)");
    check(
        "p95 > duration('500ms') && rate > 1.0",
        "holds: p95 > duration('500ms') && rate > 1.0 (p95 is 612ms, rate is 2.5)",
    );
    check("rate > 1", "holds: rate > 1 (is 2.5)");
    check("status >= 199.5", "holds: status >= 199.5 (is 200)");
    check("!truncated", "holds: !truncated (is false)");
    check(
        "headers['x-cache'] == 'MISS'",
        "fails: headers['x-cache'] == 'MISS' (was 'HIT')",
    );
    check(
        "body.items[1].state == 'up'",
        "fails: body.items[1].state == 'up' (was 'down')",
    );
    check(
        "text.contains('fine')",
        "holds: text.contains('fine') (is 'everything is fine')",
    );
    check(
        "protocol.matches('^HTTP/[23]')",
        "holds: protocol.matches('^HTTP/[23]') (is 'HTTP/2')",
    );
    check(
        "body.items.all(item, item.state == 'up')",
        "fails: body.items.all(item, item.state == 'up') (was [{\"state\":\"up\"},{\"state\":\"down\"}])",
    );
    check("has(body.sku)", "holds: has(body.sku) (is 7)");
    check("status in [200, 204]", "holds: status in [200, 204] (is 200)");
    check("true", "holds: true");
}

#[test]
fn what_is_not_known_is_neither_true_nor_false() {
    check("p99 > duration('1s')", "unknown: p99 is not known");
    check("!(p99 > duration('1s'))", "unknown: p99 is not known");
    check("p99 > duration('1s') && rate > 1.0", "unknown: p99 is not known");
    // What is known settles these alone.
    check(
        "p99 > duration('1s') && rate > 9.0",
        "fails: p99 > duration('1s') && rate > 9.0 (was 2.5)",
    );
    check(
        "p99 > duration('1s') || rate > 1.0",
        "holds: p99 > duration('1s') || rate > 1.0 (is 2.5)",
    );
}

#[test]
fn what_cannot_be_judged_says_why() {
    check("body.state == 'ok'", "error: body.state == 'ok': there is no \"state\"");
    check(
        "p95 > 500",
        "error: p95 > 500: duration and int do not go together; write a time as duration('500ms')",
    );
    check(
        "body.sku",
        "error: body.sku is a number, not a condition that is true or false",
    );
}

#[test]
fn mistakes_are_found_when_compiling_and_located() {
    let known: Option<&[&str]> = Some(&["status", "body", "latency"]);
    refused(
        "statsu == 200",
        known,
        0,
        "there is no \"statsu\" here; did you mean \"status\"?",
    );
    refused(
        "true && statsu == 200",
        known,
        8,
        "there is no \"statsu\" here; did you mean \"status\"?",
    );
    refused(
        "foo > 1",
        known,
        0,
        "there is no \"foo\" here; known are status, body, latency",
    );
    refused(
        "'é' == body && foo",
        known,
        16,
        "there is no \"foo\" here; known are status, body, latency",
    );
    refused("status ==", None, 9, "the condition ends too early");
    refused("'é' == body && )", known, 16, "')' is not expected here");
    refused("status = 200", None, 7, "'=' does not compare; write ==");
    refused("", None, 0, "the condition is empty; write for example status == 200");
    refused(
        "size(body)",
        known,
        0,
        "gives a value, not true or false; compare it with something",
    );
    refused(
        "status + 1",
        known,
        0,
        "gives a value, not true or false; compare it with something",
    );
    refused(
        "'ok'",
        known,
        0,
        "gives a constant, not true or false; compare it with something",
    );
    refused(
        "body.contain('x')",
        known,
        12,
        "there is no function \"contain\"; did you mean \"contains\"?",
    );
}

#[test]
fn names_bound_inside_a_macro_are_no_variables() {
    let expression = Expression::compile(
        "body.items.exists(x, x.n > 1) && status == 200",
        Some(&["body", "status"]),
    )
    .unwrap();
    assert_eq!(expression.references().collect::<Vec<_>>(), ["body", "status"]);
}

#[test]
fn each_variable_is_looked_up_once() {
    let expression = Expression::compile("status > 1 && status > 2 && status > 3", None).unwrap();
    let asked = std::cell::RefCell::new(Vec::new());
    let verdict = expression.evaluate(&|name| {
        asked.borrow_mut().push(name.to_owned());
        resolve(name)
    });
    assert!(verdict.holds());
    assert_eq!(*asked.borrow(), ["status"]);
}

#[test]
fn texts_beyond_the_limits_are_refused_without_parsing() {
    for hostile in [
        "(".repeat(4000),
        "[".repeat(4000),
        "!".repeat(4000),
        "- ".repeat(2000),
        "a ? ".repeat(1000),
        format!("{}a{} == 1", "(".repeat(30), ")".repeat(30)),
        "x".repeat(LENGTH_LIMIT + 1),
        "a + ".repeat(1000) + "a == 1",
        "a".to_owned() + &".a".repeat(2000) + " == 1",
        "a".to_owned() + &"[0]".repeat(1300) + " == 1",
        "a && ".repeat(800) + "a +",
        "a < ".repeat(1000) + "a",
        "'\\".repeat(2000),
        "a.f(".repeat(1000),
    ] {
        assert!(Expression::compile(&hostile, None).is_err(), "{}", &hostile[..20]);
    }
}

#[test]
fn the_longest_chains_within_the_limits_fit_on_a_small_stack() {
    for part in [
        "a.",
        "a[0].",
        "a + ",
        "a < ",
        "a && ",
        "a == a || ",
        "1 in ",
        "a ? a : ",
        "a.f(a).",
        "a, ",
        "- ",
    ] {
        for count in [10, 20, 50, 99, 130, 199] {
            let chain = part.repeat(count) + "a";
            if let Ok(expression) = Expression::compile(&chain, None) {
                expression.evaluate(&|_| Some(Value::Bool(true)));
            }
        }
    }
}

#[test]
fn a_condition_over_data_that_a_server_chose_has_a_budget_of_steps() {
    let items: Vec<_> = (0..60_000).map(|id| json!({"id": id, "state": "up"})).collect();
    let body = Value::Json(Arc::new(
        json!({ "items": items, "ids": (0..60_000).collect::<Vec<_>>() }),
    ));
    let resolve = |name: &str| (name == "body").then(|| body.clone());
    let nested = format!(
        "{}true{}",
        "abcdefg".chars().fold(String::new(), |outer, name| {
            format!("{outer}[1,2,3,4,5,6,7,8,9,10].all({name}, ")
        }),
        ")".repeat(7)
    );
    for hostile in [
        "body.items.all(a, body.items.exists_one(b, b.id == a.id))",
        "body.items.all(a, body.items.exists(b, b.id == -1) == false)",
        "body.items.map(a, body.items.map(b, b.id)).size() > 0",
        "body.items.filter(a, body.items.filter(b, b.id == a.id).size() == 1).size() > 0",
        "body.items.all(a, a.id in body.ids)",
        "body.items.map(a, body).size() > 0",
        &nested,
    ] {
        let evaluation = Expression::compile(hostile, None).unwrap().evaluate(&resolve);
        let Evaluation::TooLong { message } = evaluation else {
            panic!("{hostile}: {evaluation}")
        };
        assert!(message.as_str().contains("takes more than"), "{message}");
    }
    for fine in [
        "body.items.all(a, a.state == 'up')",
        "body.items.filter(a, a.id > 59_998).size() == 1",
    ] {
        let fine = fine.replace('_', "");
        let evaluation = Expression::compile(&fine, None).unwrap().evaluate(&resolve);
        assert!(evaluation.holds(), "{fine}: {evaluation}");
    }
}

#[test]
fn a_few_hundred_items_may_each_be_held_against_all_others() {
    let items: Vec<_> = (0..300).map(|id| json!({"id": id})).collect();
    let body = Value::Json(Arc::new(json!({ "items": items })));
    let condition = "body.items.all(a, body.items.exists_one(b, b.id == a.id))";
    let evaluation = Expression::compile(condition, None)
        .unwrap()
        .evaluate(&|_| Some(body.clone()));
    assert!(evaluation.holds(), "{evaluation}");
}

#[test]
fn a_pattern_is_written_and_small() {
    refused(
        "body.matches(text)",
        None,
        12,
        "matches takes its pattern as a text in quotes",
    );
    for hostile in ["body.matches('\\\\w{1000}')", "body.matches('(')"] {
        assert!(Expression::compile(hostile, None).is_err(), "{hostile}");
    }
}

#[test]
fn each_constant_keeps_its_own_value_wherever_it_is_written() {
    check(
        "p95 > duration('500ms') && p95 < duration('1s')",
        "holds: p95 > duration('500ms') && p95 < duration('1s') (is 612ms)",
    );
    check(
        "p50 < duration('1us') || p95 - p50 > duration('500ms')",
        "holds: p50 < duration('1us') || p95 - p50 > duration('500ms') (p50 is 842us, p95 is 612ms)",
    );
    check(
        "[duration('1s'), duration('2s')].all(limit, p95 < limit)",
        "holds: [duration('1s'), duration('2s')].all(limit, p95 < limit) (is 612ms)",
    );
    check(
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
        "holds: timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
    );
    refused("@constant0 == duration('1s')", None, 0, "'@' does not belong here");
}

#[test]
fn an_expression_can_be_shared_between_threads() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    shareable::<Expression>();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_compiler_panic(source in "[a-z0-9 .()\\[\\]{}!&|<>=?:'\"\\\\+*/%,_é\n-]{0,60}") {
        if let Ok(expression) = Expression::compile(&source, None) {
            expression.evaluate(&resolve);
        }
    }

    #[test]
    fn no_mutation_of_a_condition_makes_it_panic(
        position in 0_usize..60, insert in "[()\\[\\]!&|=.'?:\u{0}é]{0,3}", cut in 0_usize..6,
    ) {
        let source = "p95 > duration('1500ms') && body.items.all(x, x.n in [1, 2u])";
        let mut mutated: Vec<char> = source.chars().collect();
        let end = (position + cut).min(mutated.len());
        mutated.splice(position.min(end)..end, insert.chars());
        let mutated: String = mutated.into_iter().collect();
        if let Ok(expression) = Expression::compile(&mutated, None) {
            expression.evaluate(&resolve);
        }
    }
}
