//! Requests against servers that answer by a script.

use super::*;

#[track_caller]
fn check(status: u16, said: &str, expected: Fault) {
    let receiver = Receiver::try_new("https://hooks.example/services/T0/s3cretToken?key=0123456", None).unwrap();
    let status = StatusCode::from_u16(status).unwrap();
    let wait = Some(Duration::from_secs(7));
    assert_eq!(receiver.judge(status, wait, said.as_bytes()), Err(expected));
}

fn passing(message: &str) -> Fault {
    Fault::Passing {
        message: message.into(),
        wait: Some(Duration::from_secs(7)),
    }
}

fn lasting(message: &str) -> Fault {
    Fault::Lasting {
        message: message.into(),
    }
}

#[test]
fn refusals_of_the_moment_are_tried_again_and_all_others_are_not() {
    check(503, "", passing("hooks.example answers 503"));
    check(429, "slow down", passing("hooks.example answers 429: slow down"));
    check(408, "", passing("hooks.example answers 408"));
    check(400, "no_text", lasting("hooks.example answers 400: no_text"));
    check(410, "", lasting("hooks.example answers 410"));
}

#[test]
fn a_rest_is_asked_for_in_seconds_or_until_a_date_of_the_receivers_clock() {
    let check = |asked: &'static str, date: Option<&'static str>, expected: Option<u64>| {
        let mut headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(asked))]);
        headers.extend(date.map(|date| (DATE, HeaderValue::from_static(date))));
        let found = retry_after(&headers);
        assert_eq!(found, expected.map(Duration::from_secs), "{asked} {date:?}");
    };
    let date = Some("Fri, 20 Nov 2026 21:00:00 GMT");
    check("120", date, Some(120));
    check(" 120 ", None, Some(120));
    check("Fri, 20 Nov 2026 21:02:00 GMT", date, Some(120));
    check("Friday, 20-Nov-26 21:02:00 GMT", date, Some(120));
    check("Fri Nov 20 21:02:00 2026", date, Some(120));
    check("Fri, 20 Nov 2026 20:59:00 GMT", date, None);
    check("Fri, 20 Nov 2026 21:02:00 GMT", None, None);
    check("Fri, 20 Nov 2026 21:02:00 GMT", Some("now"), None);
    check("-1", date, None);
    check("soon", date, None);
    check("99999999999999999999", date, None);
}

#[test]
fn an_answer_that_repeats_the_token_is_shown_without_it_and_with_its_words() {
    check(
        404,
        "no services/T0/s3cretToken with 0123456 among services\u{1b}[2J",
        lasting("hooks.example answers 404: no services/T0/*** with *** among services[2J"),
    );
}

#[test]
fn what_is_no_url_of_a_receiver_is_refused_without_being_repeated() {
    let check = |url, expected: &str| assert_eq!(parse(url).unwrap_err(), expected);
    check(
        "s3cretToken",
        "the URL is none: relative URL without a base; write https://host/path",
    );
    for url in [
        "http://u:s3cret@[fe80::1%25eth0]/s3cretToken",
        "http://[::1%lo]/",
        "http://[fe80::1]:80/",
    ] {
        check(
            url,
            "the URL has an address that only one interface leads to, and the URL of a receiver cannot name it; write a \
             name or another address, as in https://host/path",
        );
    }
    assert!(parse("http://[::1]/%25").is_ok());
    check(
        "ftp://a/s3cretToken",
        "the URL begins with ftp://; write https://host/path",
    );
}
