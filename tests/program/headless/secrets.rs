//! One secret, and every way out of a run without a screen.

use crate::support::program::{Place, until};
use crate::support::secret::{Repeater, SECRET, expect_none};

/// A place whose configuration holds the secret wherever it can.
fn place(repeater: &Repeater) -> Place {
    let place = Place::new().variable("SECRET", SECRET);
    let config = repeater.config(&place.path(""));
    place.write("probetop.toml", &config);
    place
}

#[test]
fn no_way_out_shows_a_secret_in_any_form() {
    let repeater = Repeater::start();
    let place = place(&repeater);
    // The snapshot is what `--output json` writes.
    for format in ["ndjson", "table"] {
        let args = [
            "run",
            "--for",
            "5s",
            "--output",
            format,
            "--snapshot",
            "snapshot",
            "--log-file",
            "log",
            "-vv",
            "--fail-on",
            "never",
        ];
        let ended = place.run(&args);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stdout.contains("***"), "they were there: {}", ended.stdout);
        expect_none(format, &ended.stdout);
        expect_none("standard error", &ended.stderr);
        for file in ["snapshot", "log", "alerts-state"] {
            expect_none(file, &place.read(file));
        }
    }
    until("a notification came", || !repeater.told().is_empty());
    expect_none("a notification", &repeater.told().join("\n"));
}

#[test]
fn no_command_shows_a_secret_in_any_form() {
    let repeater = Repeater::start();
    let place = place(&repeater);
    place.write(
        "wrong.toml",
        &format!("{}\nunknown = \"${{SECRET}}\"\n", place.read("probetop.toml")),
    );
    place.write(
        "wrong-value.toml",
        "interval = \"${SECRET}\"\ntheme = \"${SECRET}.toml\"\n[[target]]\nurl = \"ftp://user:${SECRET}@127.0.0.1/\"\n",
    );
    for args in [
        &["check"][..],
        &["check", "--nagios"],
        &["config", "show"],
        &["config", "check"],
        &["config", "check", "-c", "wrong.toml"],
        &["config", "check", "-c", "wrong-value.toml"],
        &["run", "-c", "wrong-value.toml"],
        &["notify", "test"],
    ] {
        let ended = place.run(args);
        expect_none(&args.join(" "), &ended.stdout);
        expect_none(&args.join(" "), &ended.stderr);
    }
}

#[test]
fn what_is_said_of_a_configuration_shows_no_secret_at_a_place_that_is_none() {
    const TYPED: &str = "s3cretTOKENvalue";
    let place = Place::new().variable("SECRET", SECRET).variable("TYPED", TYPED);
    let target = |rest: &str| format!("[[target]]\n{rest}\n");
    let mail = "[[notify]]\nname = \"n\"\nkind = \"email\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n";
    for config in [
        target("url = \"rediss://127.0.0.1:1/\"\nca = \"/x/${SECRET}\""),
        target("url = \"postgres://u:p@127.0.0.1:1/db?sslrootcert=/x/${TYPED}\""),
        target(&format!("url = \"http://127.0.0.1:1/\"\nauth = \"{TYPED}\"")),
        target(&format!("url = \"u:{TYPED}@db/x\"")),
        format!("{mail}server = \"u:{TYPED}@127.0.0.1:25\"\n"),
    ] {
        place.write("probetop.toml", &config);
        for args in [&["config", "check"][..], &["check"], &["run", "--for", "1s"]] {
            let ended = place.run(args);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(ended.code != Some(0) && !said.is_empty(), "{args:?} of {config}");
            expect_none("a message", &said);
            assert!(!said.contains(TYPED), "{args:?} of {config}: {said}");
        }
    }
}
