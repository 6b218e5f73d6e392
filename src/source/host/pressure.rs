//! Pressure stall information (PSI), from `/proc/pressure`; absent on kernels without it.

use super::files::Files;
use crate::sample::PressureReading;

pub(super) fn read(files: &mut Files) -> PressureReading {
    let mut some = |resource| some_10s_ratio(&files.text(format!("/proc/pressure/{resource}"))?);
    PressureReading {
        cpu_some_10s_ratio: some("cpu"),
        memory_some_10s_ratio: some("memory"),
        io_some_10s_ratio: some("io"),
    }
}

/// The line reads `some avg10=0.82 avg60=0.50 avg300=1.08 total=13272355`, in percent.
fn some_10s_ratio(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let percent: f64 = some
        .split(' ')
        .find_map(|word| word.strip_prefix("avg10="))?
        .parse()
        .ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pressure_is_the_share_of_time_some_task_waited() {
        let check = |text, expected| assert_eq!(some_10s_ratio(text), expected, "from {text:?}");
        check(
            include_str!("../../../tests/fixtures/host/pressure-io-6.18"),
            Some(0.48),
        );
        check(
            include_str!("../../../tests/fixtures/host/pressure-cpu-5.4"),
            Some(0.125),
        );
        check("full avg10=5.00 avg60=0.00 avg300=0.00 total=0\n", None);
        check("some avg60=0.00", None);
        check("some avg10=NaN", None);
        check("some avg10=-1", None);
        check("some avg10=", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "(some |full )?(avg10=)?.*") {
            some_10s_ratio(&text);
        }
    }
}
