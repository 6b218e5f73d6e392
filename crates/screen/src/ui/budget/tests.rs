//! The ladder against a model of a line: what each form costs, and how much it varies.

use proptest::prelude::*;

use super::*;

const WANTED: Form = Form {
    motion: Motion::Scroll,
    depth: Depth::TrueColor,
    every: 1,
};

const HOUR: u32 = 3600;

/// What a second costs, by form: scrolling costs ten times as much, colours a third, and a frame that is drawn more seldom
/// shows a little more at once.
struct Line {
    bytes: f64,
}

impl Line {
    fn cost(&self, form: Form) -> f64 {
        let motion = match form.motion {
            Motion::Scroll => 10.0,
            Motion::Sweep => 1.0,
        };
        let depth = match form.depth {
            Depth::TrueColor => 1.6,
            Depth::Colors256 => 1.3,
            Depth::Colors16 => 1.15,
            Depth::None => 1.0,
        };
        self.bytes * motion * depth * f64::from(form.every).powf(0.3)
    }

    /// Bytes of tick number `tick`, `noise` in -1..1.
    fn tick(&self, form: Form, tick: u32, noise: f64) -> u64 {
        if tick.is_multiple_of(form.every) {
            (self.cost(form) * (1.0 + noise)) as u64
        } else {
            0
        }
    }
}

/// Runs the line for so many seconds. Returns how often the form changed, and the bytes of all.
fn run(budget: &mut Budget, line: &Line, seconds: u32, noise: &[f64]) -> (u32, u64) {
    let (mut changes, mut spent) = (0, 0);
    for second in 0..seconds {
        let before = budget.form();
        let noise = noise[second as usize % noise.len()];
        let bytes = line.tick(before, second, noise);
        budget.tick(bytes);
        changes += u32::from(budget.form() != before);
        spent += bytes;
    }
    (changes, spent)
}

fn settled(bytes: f64, limit: u64) -> Budget {
    let mut budget = Budget::new(limit, WANTED);
    run(&mut budget, &Line { bytes }, 600, &[0.0]);
    budget
}

#[test]
fn what_is_given_up_is_given_up_in_order_and_told() {
    let check = |bytes: f64, expected: Option<&str>| {
        let saving = settled(bytes, 2000).saving();
        assert_eq!(saving.map(|saving| saving.to_string()).as_deref(), expected, "{bytes}");
    };
    check(100.0, None);
    check(200.0, Some("sweep"));
    check(1400.0, Some("sweep, 256 colours"));
    check(1650.0, Some("sweep, 16 colours"));
    check(1900.0, Some("sweep, no colours"));
    check(2200.0, Some("sweep, no colours, every 2s"));
    check(4000.0, Some("sweep, no colours, every 5s"));
}

#[test]
fn a_line_too_narrow_for_anything_is_said_to_be() {
    let mut budget = settled(1e6, 100);
    let saving = budget.saving().unwrap();
    assert_eq!(saving.to_string(), "sweep, no colours, every 30s");
    assert!(saving.is_over);
    run(&mut budget, &Line { bytes: 10.0 }, 100, &[0.0]);
    assert!(!budget.saving().unwrap().is_over);
}

#[test]
fn only_what_there_is_can_be_given_up() {
    let plain = Form {
        motion: Motion::Sweep,
        depth: Depth::None,
        every: 1,
    };
    let mut budget = Budget::new(1000, plain);
    assert_eq!(budget.saving(), None);
    run(&mut budget, &Line { bytes: 1500.0 }, 20, &[0.0]);
    assert_eq!(budget.saving().unwrap().to_string(), "every 2s");
}

#[test]
fn far_too_much_is_noticed_at_once_and_a_single_spike_is_not() {
    let mut budget = Budget::new(1000, WANTED);
    budget.tick(9000);
    assert_eq!(budget.saving(), None);
    (0..9).for_each(|_| budget.tick(100));
    assert_eq!(budget.saving(), None);
    budget.tick(11_000);
    assert_eq!(budget.saving().unwrap().to_string(), "sweep");
}

#[test]
fn a_line_that_carries_less_than_the_budget_is_spared_too() {
    let mut budget = Budget::new(100_000, WANTED);
    (0..7).for_each(|_| budget.choke());
    assert_eq!(budget.saving().unwrap().to_string(), "sweep");
    // Now and then is not often enough to give up more, and too often to take anything back.
    for second in 0..600 {
        if second % 2 == 0 {
            budget.choke();
        } else {
            budget.tick(10);
        }
    }
    assert_eq!(budget.saving().unwrap().to_string(), "sweep");
}

#[test]
fn when_the_load_is_gone_everything_comes_back() {
    let mut budget = settled(1e5, 2000);
    run(&mut budget, &Line { bytes: 50.0 }, HOUR, &[0.0]);
    assert_eq!(budget.form(), WANTED);
}

proptest! {
    /// Whatever the load, it changes the form a few times and not again and again, and the line carries what it may,
    /// unless nothing is left to give up.
    #[test]
    fn a_steady_line_comes_to_rest(
        bytes in 1.0..20_000.0_f64,
        limit in 50_u64..50_000,
        noise in prop::collection::vec(-0.3..0.3_f64, 1..97),
    ) {
        let mut budget = Budget::new(limit, WANTED);
        let line = Line { bytes };
        let (changes, _) = run(&mut budget, &line, HOUR, &noise);
        prop_assert!(changes <= 40, "{changes} changes in the first hour");
        let (changes, spent) = run(&mut budget, &line, HOUR, &noise);
        prop_assert!(changes <= 20, "{changes} changes in the second hour");
        let rate = spent as f64 / f64::from(HOUR);
        let is_lowest = budget.at + 1 == budget.steps.len();
        prop_assert!(rate <= limit as f64 || is_lowest, "{rate} of {limit}");
        // With plenty of room nothing is held back.
        if line.cost(WANTED) * 1.3 <= limit as f64 * ROOM {
            prop_assert_eq!(budget.form(), WANTED);
        }
    }

    /// Any costs at all: it never panics and never leaves its ladder.
    #[test]
    fn any_cost_is_borne(costs in prop::collection::vec(any::<u64>(), 0..200), limit in any::<u64>()) {
        let mut budget = Budget::new(limit, WANTED);
        for cost in costs {
            budget.tick(cost);
            prop_assert!(budget.form().every >= 1);
        }
    }
}
