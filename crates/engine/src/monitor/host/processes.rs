//! What the listed processes used of the processors over the last seconds.

use std::collections::VecDeque;

use probetop_core::sample::{ProcessReading, Text};

/// Seconds: as wide as a course beside a process is drawn, and no more, for every state that is kept of the past has a copy.
const SECONDS_KEPT: usize = 30;

#[derive(Clone, Debug, Default)]
pub(super) struct Processes {
    courses: Vec<Course>,
}

#[derive(Clone, Debug)]
struct Course {
    pid: u32,
    /// A number is used again, mostly by a program of another name.
    name: Text,
    /// Oldest first.
    cpu_ratio: VecDeque<f32>,
}

impl Processes {
    /// Another second with the table as it is, which may be that of a second before. Who left the list and comes back begins
    /// anew.
    pub(super) fn record(&mut self, processes: &[ProcessReading]) {
        let mut before = std::mem::take(&mut self.courses);
        for process in processes {
            let is_same = |course: &Course| course.pid == process.pid && course.name == process.name;
            let known = before.iter().position(is_same).map(|at| before.swap_remove(at));
            let mut course = known.unwrap_or_else(|| Course {
                pid: process.pid,
                name: process.name.clone(),
                cpu_ratio: VecDeque::new(),
            });
            if course.cpu_ratio.len() == SECONDS_KEPT {
                course.cpu_ratio.pop_front();
            }
            course.cpu_ratio.push_back(process.cpu_ratio as f32);
            self.courses.push(course);
        }
    }

    /// In the order of the newest reading.
    pub(super) fn points(&self) -> Vec<Vec<f32>> {
        let courses = self.courses.iter();
        courses
            .map(|course| course.cpu_ratio.iter().copied().collect())
            .collect()
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let points: usize = self.courses.iter().map(|course| course.cpu_ratio.len()).sum();
        size_of_val(self.courses.as_slice()) + points * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, name: &str, cpu_ratio: f64) -> ProcessReading {
        ProcessReading {
            pid,
            name: name.into(),
            cpu_ratio,
            rss_bytes: 0,
            pss_bytes: None,
            parent: None,
            user: None,
            command: None,
            started: None,
        }
    }

    #[test]
    fn courses_stand_in_the_order_of_the_newest_table() {
        let mut processes = Processes::default();
        processes.record(&[process(1, "a", 0.5), process(2, "b", 0.25)]);
        processes.record(&[process(2, "b", 1.0), process(1, "a", 0.0)]);
        assert_eq!(processes.points(), [vec![0.25, 1.0], vec![0.5, 0.0]]);
    }

    #[test]
    fn a_number_that_is_used_again_and_one_that_comes_back_begin_anew() {
        let mut processes = Processes::default();
        processes.record(&[process(1, "a", 0.5), process(2, "b", 0.5)]);
        processes.record(&[process(1, "other", 1.0)]);
        processes.record(&[process(1, "other", 1.0), process(2, "b", 0.0)]);
        assert_eq!(processes.points(), [vec![1.0, 1.0], vec![0.0]]);
    }

    #[test]
    fn no_more_than_the_last_seconds_are_kept() {
        let mut processes = Processes::default();
        for second in 0..100_u32 {
            processes.record(&[process(1, "a", f64::from(second))]);
        }
        let courses = processes.points();
        assert_eq!(
            (courses[0].len(), courses[0].last().copied()),
            (SECONDS_KEPT, Some(99.0))
        );
    }
}
