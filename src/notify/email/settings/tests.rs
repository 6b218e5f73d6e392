//! What settings of mail are taken, and what is said of the others.

use super::*;

fn sound() -> Settings {
    Settings {
        server: Some("smtp.example.com".to_owned()),
        from: Some("probetop@example.com".to_owned()),
        to: vec!["Ops <ops@example.com>".to_owned()],
        ..Settings::default()
    }
}

fn check(change: impl FnOnce(&mut Settings), expected: &[(&str, &str)]) {
    let mut settings = sound();
    change(&mut settings);
    let findings = settings.findings();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.path.join("."), finding.message.as_str()))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, message)| ((*path).to_owned(), *message))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_server_is_a_host_and_a_port_that_goes_with_its_encryption() {
    let check = |server: &str, tls, expected: Option<(&str, u16)>| {
        let settings = Settings {
            server: Some(server.to_owned()),
            tls,
            ..sound()
        };
        let address = settings.address().ok();
        assert_eq!(
            address.as_ref().map(|(host, port)| (host.as_str(), *port)),
            expected,
            "{server}"
        );
    };
    check(
        "smtp.example.com",
        Encryption::Starttls,
        Some(("smtp.example.com", 587)),
    );
    check(
        "smtp.example.com",
        Encryption::Implicit,
        Some(("smtp.example.com", 465)),
    );
    check("smtp.example.com", Encryption::None, Some(("smtp.example.com", 25)));
    check("localhost:1025", Encryption::None, Some(("localhost", 1025)));
    check("[::1]:25", Encryption::None, Some(("::1", 25)));
    check("::1", Encryption::None, Some(("::1", 25)));
    check("[::1]", Encryption::None, Some(("::1", 25)));
    check("[fe80::1%eth0]:25", Encryption::None, Some(("fe80::1%eth0", 25)));
    check("fe80::1%eth0", Encryption::None, Some(("fe80::1%eth0", 25)));
    check("[fe80::1]:25", Encryption::None, None);
    check("mail%eth0:25", Encryption::None, None);
    check("", Encryption::None, None);
    check("smtp.example.com:", Encryption::None, None);
    check("smtp.example.com:0", Encryption::None, None);
    check("smtp.example.com:70000", Encryption::None, None);
    check("smtp://example.com", Encryption::None, None);
    check("a b", Encryption::None, None);
}

#[test]
fn every_mistake_is_told_with_its_remedy() {
    check(|_| (), &[]);
    check(
        |settings| settings.to.clear(),
        &[("to", "to names nobody; write to = [\"oncall@example.com\"]")],
    );
    let hint = "write for example \"ops@example.com\" or \"Operations <ops@example.com>\"";
    check(
        |settings| settings.to.push("nobody".to_owned()),
        &[("to.1", &format!("to \"nobody\" is not a mailbox; {hint}"))],
    );
    check(
        |settings| settings.from = Some("Ops\r\nBcc: all@example.com <a@example.com>".to_owned()),
        &[(
            "from",
            &format!("from \"Ops\\r\\nBcc: all@example.com <a@example.com>\" is not a mailbox; {hint}"),
        )],
    );
    check(
        |settings| settings.hello = Some("my machine".to_owned()),
        &[(
            "hello",
            "hello \"my machine\" is not a name for EHLO; write for example \"monitor.example.com\" or \"[192.0.2.1]\"",
        )],
    );
    check(
        |settings| settings.user = Some("me".to_owned()),
        &[(
            "user",
            "user and password belong together; add password = \"${SMTP_PASSWORD}\"",
        )],
    );
    check(
        |settings| {
            settings.tls = Encryption::None;
            settings.user = Some("me".to_owned());
            settings.password = Some("hunter2".to_owned());
        },
        &[(
            "tls",
            "tls = \"none\" would send the password readable to all; use \"starttls\" or \"implicit\"",
        )],
    );
}

#[test]
fn a_subject_is_tried_before_the_first_letter() {
    let subject = |text: &str| {
        let text = text.to_owned();
        move |settings: &mut Settings| settings.subject = Some(text)
    };
    check(subject("probetop: {{ group }} on {{ machine }}"), &[]);
    check(
        subject("{{ nothing }}"),
        &[(
            "subject",
            "subject: line 1: undefined value; at the top are machine, title, group, state, severity, left_out and \
             alerts, of each alert headline, name, subject, reason and more",
        )],
    );
    check(
        subject("{{ title"),
        &[(
            "subject",
            "subject: line 1: syntax error: unexpected end of input, expected end of variable block; write for \
             example {{ title }} or {% for alert in alerts %}{{ alert.name }}{% endfor %}",
        )],
    );
}

#[test]
fn no_password_is_shown() {
    let settings = Settings {
        password: Some("hunter2".to_owned()),
        ..sound()
    };
    assert!(!format!("{settings:?}").contains("hunter2"));
}
