//! Processor time, in all and per core, and the load averages, from `/proc/stat` and `/proc/loadavg`.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::CpuReading;

use super::files::Files;
use super::rate::Previous;

#[derive(Debug, Default)]
pub(super) struct Reader {
    previous: Previous<Processors>,
}

impl Reader {
    pub(super) fn read(&mut self, files: &mut Files, now: Timestamp) -> CpuReading {
        let load = files
            .text("/proc/loadavg")
            .map(|text| load_averages(&text))
            .unwrap_or_default();
        let processors = files
            .text("/proc/stat")
            .map(|text| Processors::parse(&text))
            .unwrap_or_default();
        let cores = processors.cores.len() as u32;
        let usage = self.previous.compare(now, processors, usage).unwrap_or_default();
        CpuReading {
            cores,
            load_1m: load[0],
            load_5m: load[1],
            load_15m: load[2],
            ..usage
        }
    }
}

/// What `/proc/stat` tells: one line for all, one for each core that is online.
#[derive(Debug, Default, PartialEq)]
struct Processors {
    all: Times,
    cores: Vec<(u32, Times)>,
}

/// Time spent since boot, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Times {
    /// Programs, `nice` ones and guests among them.
    user: u64,
    /// The kernel, interrupts among it.
    system: u64,
    idle: u64,
    iowait: u64,
    steal: u64,
}

impl Processors {
    fn parse(text: &str) -> Self {
        let mut processors = Self::default();
        for line in text.lines().map_while(|line| line.strip_prefix("cpu")) {
            let (number, figures) = line.split_once(' ').unwrap_or((line, ""));
            let times = Times::parse(figures);
            match number.parse() {
                Ok(core) => processors.cores.push((core, times)),
                Err(_) => processors.all = times,
            }
        }
        processors
    }
}

impl Times {
    /// user nice system idle iowait irq softirq steal, and guest times that are part of user and nice already.
    /// Old kernels end earlier.
    fn parse(figures: &str) -> Self {
        let mut ticks = [0_u64; 8];
        for (slot, figure) in ticks.iter_mut().zip(figures.split_ascii_whitespace()) {
            *slot = figure.parse().unwrap_or(0);
        }
        let [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
        Self {
            user: user.saturating_add(nice),
            system: system.saturating_add(irq).saturating_add(softirq),
            idle,
            iowait,
            steal,
        }
    }

    /// Shares of the time between `before` and `self`; `None` when no tick passed. The kernel lets idle and iowait
    /// step back by a tick now and then (proc(5)): that counts as none.
    fn shares_since(&self, before: &Self) -> Option<Shares> {
        let user = self.user.saturating_sub(before.user);
        let system = self.system.saturating_sub(before.system);
        let iowait = self.iowait.saturating_sub(before.iowait);
        let steal = self.steal.saturating_sub(before.steal);
        let busy = user.saturating_add(system).saturating_add(steal);
        let all = busy
            .saturating_add(iowait)
            .saturating_add(self.idle.saturating_sub(before.idle));
        let share = |ticks: u64| ticks as f64 / all as f64;
        (all > 0).then(|| Shares {
            busy: share(busy),
            user: share(user),
            system: share(system),
            iowait: share(iowait),
            steal: share(steal),
        })
    }
}

struct Shares {
    busy: f64,
    user: f64,
    system: f64,
    iowait: f64,
    steal: f64,
}

fn usage(before: &Processors, after: &Processors, _elapsed: Duration) -> CpuReading {
    let all = after.all.shares_since(&before.all);
    CpuReading {
        usage_ratio: all.as_ref().map(|shares| shares.busy),
        user_ratio: all.as_ref().map(|shares| shares.user),
        system_ratio: all.as_ref().map(|shares| shares.system),
        iowait_ratio: all.as_ref().map(|shares| shares.iowait),
        steal_ratio: all.as_ref().map(|shares| shares.steal),
        per_core_ratio: per_core(&before.cores, &after.cores),
        ..CpuReading::default()
    }
}

/// Empty when a core came or went: the places in the list would not be the same cores.
fn per_core(before: &[(u32, Times)], after: &[(u32, Times)]) -> Vec<f64> {
    let numbers = |cores: &[(u32, Times)]| cores.iter().map(|(number, _)| *number).collect::<Vec<_>>();
    if numbers(before) != numbers(after) {
        return Vec::new();
    }
    before
        .iter()
        .zip(after)
        .map(|((_, before), (_, after))| after.shares_since(before).map_or(0.0, |shares| shares.busy))
        .collect()
}

/// Over 1, 5 and 15 minutes.
fn load_averages(text: &str) -> [Option<f64>; 3] {
    let mut words = text.split_ascii_whitespace();
    [(); 3].map(|()| words.next()?.parse().ok().filter(|load: &f64| load.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STAT: &str = include_str!("../../../fixtures/host/stat-6.18");
    const STAT_LATER: &str = include_str!("../../../fixtures/host/stat-6.18-later");
    const STAT_OLD: &str = include_str!("../../../fixtures/host/stat-2.6");

    #[test]
    fn usage_is_the_share_of_ticks_between_two_readings() {
        let (before, after) = (Processors::parse(STAT), Processors::parse(STAT_LATER));
        let reading = usage(&before, &after, Duration::from_secs(1));
        assert_eq!(after.cores.len(), 2);
        assert_eq!(reading.usage_ratio, Some(0.30));
        assert_eq!((reading.user_ratio, reading.system_ratio), (Some(0.20), Some(0.05)));
        assert_eq!(reading.iowait_ratio, Some(0.10));
        assert_eq!(reading.steal_ratio, Some(0.05));
        assert_eq!(reading.per_core_ratio, [0.5, 0.1]);
    }

    #[test]
    fn a_kernel_without_steal_is_read() {
        let processors = Processors::parse(STAT_OLD);
        assert_eq!(
            processors.all,
            Times {
                user: 1050,
                system: 100,
                idle: 9000,
                iowait: 50,
                steal: 0
            }
        );
        assert_eq!(processors.cores.len(), 1);
    }

    #[test]
    fn a_core_that_goes_offline_leaves_the_cores_unknown_once() {
        let before = Processors::parse("cpu  9 0 0 9\ncpu0 3 0 0 3\ncpu1 3 0 0 3\ncpu2 3 0 0 3\n");
        let after = Processors::parse("cpu  19 0 0 19\ncpu0 8 0 0 8\ncpu2 8 0 0 8\n");
        let reading = usage(&before, &after, Duration::from_secs(1));
        assert_eq!(reading.usage_ratio, Some(0.5));
        assert!(reading.per_core_ratio.is_empty());
    }

    #[test]
    fn no_ticks_are_no_figure() {
        let processors = Processors::parse(STAT);
        assert_eq!(
            usage(&processors, &processors, Duration::from_secs(1)).usage_ratio,
            None
        );
    }

    #[test]
    fn iowait_that_steps_back_counts_as_none() {
        let before = Times {
            user: 8,
            system: 2,
            idle: 10,
            iowait: 5,
            steal: 0,
        };
        let after = Times {
            user: 12,
            system: 3,
            idle: 15,
            iowait: 4,
            steal: 0,
        };
        let shares = after.shares_since(&before).expect("ticks passed");
        assert_eq!((shares.busy, shares.iowait), (0.5, 0.0));
    }

    #[test]
    fn load_averages_are_the_first_three_words() {
        let check = |text, expected: [Option<f64>; 3]| assert_eq!(load_averages(text), expected, "{text:?}");
        check("0.00 1.08 20.10 1/92 12109\n", [Some(0.0), Some(1.08), Some(20.1)]);
        check("0.50", [Some(0.5), None, None]);
        check("NaN inf x", [None, None, None]);
        check("", [None, None, None]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(before in "(cpu[0-9]? ?[0-9 \n]*){0,4}.*", after in "(cpu[0-9]? ?[0-9 \n]*){0,4}.*") {
            let reading = usage(&Processors::parse(&before), &Processors::parse(&after), Duration::from_secs(1));
            prop_assert!(reading.usage_ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio)));
            load_averages(&after);
        }
    }
}
