//! Pressure stall information (PSI), from `/proc/pressure`; absent on kernels without it.

use probetop_core::sample::PressureReading;

use super::files::Files;

pub(super) fn read(files: &mut Files) -> PressureReading {
    let mut both = |resource| {
        let text = files.text(format!("/proc/pressure/{resource}"));
        text.map_or((None, None), |text| {
            (ratio_10s(&text, "some "), ratio_10s(&text, "full "))
        })
    };
    let (cpu, memory, io) = (both("cpu"), both("memory"), both("io"));
    PressureReading {
        cpu_some_10s_ratio: cpu.0,
        memory_some_10s_ratio: memory.0,
        io_some_10s_ratio: io.0,
        cpu_full_10s_ratio: cpu.1,
        memory_full_10s_ratio: memory.1,
        io_full_10s_ratio: io.1,
    }
}

/// A line reads `some avg10=0.82 avg60=0.50 avg300=1.08 total=13272355`, in percent; `which` is how it begins. Before
/// Linux 5.13 the processors have no `full`.
fn ratio_10s(text: &str, which: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(which))?;
    let percent: f64 = line
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
        let check = |text, expected| assert_eq!(ratio_10s(text, "some "), expected, "from {text:?}");
        check(include_str!("../../../fixtures/host/pressure-io-6.18"), Some(0.48));
        check(include_str!("../../../fixtures/host/pressure-cpu-5.4"), Some(0.125));
        let both = "some avg10=7.50 avg60=0.00 avg300=0.00 total=0\nfull avg10=5.00 avg60=0.00 avg300=0.00 total=0\n";
        check(both, Some(0.075));
        assert_eq!(ratio_10s(both, "full "), Some(0.05));
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
            ratio_10s(&text, "some ");
        }
    }
}
