//! A recorded run, lived through again: what was shown then is what going back shows.
//!
//! `PROBETOP_UPDATE_FIXTURES=1 cargo test --test replay` records anew: ninety seconds of the built-in service.

#[path = "support/recording.rs"]
mod recording;

/// Ninety seconds of the built-in service, its first incident among them.
fn demo() -> String {
    let path = "tests/fixtures/history/demo.inputs";
    if std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some() {
        std::fs::write(path, recording::record(90)).unwrap();
    }
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_line_is_read() {
    let text = demo();
    let inputs = recording::read(&text, &recording::config());
    assert_eq!(inputs.len(), text.lines().count());
}
