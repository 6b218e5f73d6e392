//! Nothing of a URL, a header or a key is ever shown, whatever receivers say.

use probetop::config::show;
use probetop_core::snapshot::AnnouncementReason;

use super::{Notifying, load};
use crate::support::receiver::{Receiver, Reply};

const PARTS: [&str; 5] = [
    "T0KEN-path",
    "t0ken-query",
    "t0ken-user",
    "t0ken-header",
    "t0ken-routing",
];

fn channels(receiver: &Receiver) -> String {
    let address = receiver.address;
    format!(
        "[[notify]]
         name = \"hooks\"
         kind = \"webhook\"
         url = \"http://t0ken-user:t0ken-user@{address}/T0KEN-path/x?key=t0ken-query\"
         headers = {{ authorization = \"Bearer t0ken-header\", x-api-key = \"t0ken-header\" }}

         [[notify]]
         name = \"chat\"
         kind = \"slack\"
         url = \"http://{address}/services/T0KEN-path\"

         [[notify]]
         name = \"call\"
         kind = \"pagerduty\"
         url = \"http://{address}/v2/enqueue\"
         routing_key = \"t0ken-routing\"
        "
    )
}

#[track_caller]
fn expect_no_secret(shown: &str) {
    for part in PARTS {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn what_a_receiver_repeats_is_not_shown() {
    let receiver = Receiver::start(&[Reply::Echo]);
    let mut notifying = Notifying::by(&channels(&receiver));
    notifying.announce(1, AnnouncementReason::Firing);
    receiver.wait(3);
    let reports = notifying.dispatcher.finish();
    for report in reports.iter() {
        let (_, error) = report.error.as_ref().expect("it was refused");
        assert!(error.as_str().starts_with("127.0.0.1 answers 400: "), "{error}");
        expect_no_secret(&format!("{report:?}"));
    }
}

#[test]
fn what_is_configured_is_shown_without_them() {
    let receiver = Receiver::start(&[Reply::Echo]);
    let config = load(&channels(&receiver)).unwrap();
    expect_no_secret(&format!("{config:?}"));
    let shown = show::toml(&config);
    expect_no_secret(&shown);
    let address = receiver.address;
    assert!(shown.contains(&format!("url = \"http://{address}/***\"")), "{shown}");
    assert!(shown.contains("routing_key = \"***\""), "{shown}");
    load(&shown).unwrap();
}

#[test]
fn a_url_that_is_none_is_not_repeated() {
    let wrong = "[[notify]]\nname = \"a\"\nkind = \"slack\"\nurl = \"hooks.example/T0KEN-path\"";
    let problems = load(wrong).unwrap_err().to_string();
    expect_no_secret(&problems);
    assert!(problems.contains("the URL is none"), "{problems}");
}
