//! What is found again, however it is written, and what is left alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

fn knows(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    for secret in secrets {
        redactor.learn(secret);
    }
    redactor
}

#[track_caller]
fn check(secret: &str, said: &str, expected: &str) {
    let redacted = knows(&[secret]).redacted(said);
    assert_eq!(redacted.as_deref().unwrap_or(said), expected, "{secret:?} in {said:?}");
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    check("s3cret", "Bearer s3cret, again S3CRET", "Bearer ***, again ***");
    check("p@ss/w rd", "p%40ss%2fw%20rd and p%40ss%2Fw+rd", "*** and ***");
    check("a\"b\\c\nd", r#"was "a\"b\\c\nd""#, r#"was "***""#);
    check(
        "geheim/é",
        r"geheim\/\u00e9, geheim%2F%C3%A9, geheim%2F%E9",
        "***, ***, ***",
    );
    check("a&b<c", "a&amp;b&lt;c a&#38;b&#x3C;c", "*** ***");
    check("\u{1f600}ab\u{1f600}", r"\ud83d\ude00ab\u{1f600}", "***");
    check(
        "\u{1f600}abc\u{1f600}",
        "was \\ud83d\\ude00abc\\ud83d\\ude0…",
        "was ***…",
    );
    check("\u{1f600}abc\u{1f600}", "was %F0%9F%98%80abc%F0%9F%98%8…", "was ***…");
    check("100%25 sure", "100%25 sure, 100%2525%20sure", "***, ***");
    check("s3cret", "733363726574", "***");
    check("two  words\u{7}", "two words", "***");
    check("p@ss-word", "gauge p_ss_word_bytes", "gauge ***_bytes");
    check(
        "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhk",
        "line MIIEvQIBADANBg of it",
        "line *** of it",
    );
}

#[test]
fn a_secret_is_found_in_base64_wherever_it_stands() {
    for before in ["", "u", "us", "user:", "a longer user:"] {
        for behind in ["", "x", "xy", "\n", " more"] {
            let standard = STANDARD.encode(format!("{before}dbP4SS>?WORD{behind}"));
            let forms = [
                standard.clone(),
                standard.trim_end_matches('=').to_owned(),
                standard.replace('+', "-").replace('/', "_"),
                standard.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
                standard.replace('/', "\\/"),
            ];
            for form in forms {
                check(
                    "dbP4SS>?WORD",
                    &format!("no Basic {form}, sorry"),
                    "no Basic ***, sorry",
                );
            }
        }
    }
}

#[test]
fn the_beginning_of_a_secret_is_masked_where_a_text_was_cut() {
    let token = "eyJhbGciOiJIUzI1NiJ9.e30.signature";
    check(token, "was 'Bearer eyJhbGciOiJI…'", "was 'Bearer ***…'");
    check(token, "was 'Bearer eyJ…'", "was 'Bearer eyJ…'");
    check("p@ss/word", "p%40ss%2Fw…", "***…");
    check("p@ss/word", "p%40ss%2…", "***…");
    check("s3cret", "no s3cr in sight", "no s3cr in sight");
    let encoded = STANDARD.encode(format!("u:{token}"));
    check(token, &format!("Basic {}…", &encoded[..20]), "Basic ***…");
}

#[test]
fn what_is_too_short_or_nothing_is_looked_for_nowhere() {
    for secret in ["", "abc", "***", "******", "\u{1}\u{2}\u{3}\u{4}", "     "] {
        check(
            secret,
            "abc *** \u{1}\u{2}\u{3}\u{4}     ______",
            "abc *** \u{1}\u{2}\u{3}\u{4}     ______",
        );
    }
    assert_eq!(Redactor::default().redacted("anything"), None);
    assert_eq!(format!("{:?}", knows(&["s3cret"])), "Redactor(2 masked)");
}

#[test]
fn secrets_that_overlap_leave_nothing_of_each_other() {
    let redactor = knows(&["abcdef", "defghi", "cdefg"]);
    assert_eq!(redactor.redacted("xabcdefghix").unwrap(), "x***x");
}

/// Every character that a secret may be made of.
fn secret() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        "[a-z0-9]",
        "[/#?@:%&=+ ;,'\"\\\\<>|{}$~^`!*()\\[\\]._-]",
        Just("é".to_owned()),
        Just("日".to_owned()),
        Just("\u{1f600}".to_owned()),
        Just("\n".to_owned()),
        Just("\u{1b}".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("…".to_owned()),
    ];
    prop::collection::vec(letters, 4..40).prop_map(|parts| parts.concat())
}

fn percent(secret: &str, keep: &[u8]) -> String {
    let encode = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || keep.contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    secret.bytes().map(encode).collect()
}

/// The forms in which others may say it.
fn forms(secret: &str) -> Vec<String> {
    let quoted = serde_json::to_string(secret).unwrap();
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    let ascii: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let standard = STANDARD.encode(format!("user:{secret}"));
    vec![
        secret.to_owned(),
        percent(secret, b""),
        percent(secret, b"").to_ascii_lowercase(),
        percent(secret, b"-._~!$'()*,;:@/"),
        percent(secret, b"-._*").replace("%20", "+"),
        quoted.replace('/', "\\/"),
        quoted,
        ascii,
        format!("{secret:?}"),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        standard.replace('+', "-").replace('/', "_"),
        standard,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_secret_comes_back_in_any_form(secret in secret(), around in "[a-z ]{0,6}") {
        let shown = Reading::plain(&secret).text;
        prop_assume!(shown.trim().chars().count() >= SECRET_LENGTH_MIN);
        prop_assume!(!secret.trim_matches('*').is_empty());
        let redactor = knows(&[&secret]);
        for form in forms(&secret) {
            let said = format!("{around} {form} {around}");
            let text = Text::from(redactor.redacted(&said).unwrap_or_else(|| said.clone()));
            prop_assert!(text.as_str().contains(MASK), "{form:?} is shown in {text:?}");
            prop_assert!(!text.as_str().contains(shown.trim()), "{secret:?} is shown in {text:?}");
            // What was cut and cleaned before it came here.
            let mut late = Text::from(said);
            redactor.cleanse(&mut late);
            prop_assert!(late.as_str().contains(MASK), "{form:?} is shown in {late:?}");
        }
    }

    #[test]
    fn no_text_makes_it_panic(said in ".{0,80}", secret in ".{0,12}") {
        knows(&[&secret]).redacted(&said);
    }

    #[test]
    fn a_text_without_a_secret_is_left_alone(said in "[a-m %+&\\\\;#x0-9]{0,60}") {
        prop_assert_eq!(knows(&["zzzzSECRETzzzz"]).redacted(&said), None);
    }
}
