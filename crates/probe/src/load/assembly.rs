//! Puts the seconds of several workers together: each is told once and in order, when all workers have handed theirs over.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use probetop_core::sample::load::LoadSecond;

use super::News;

pub(super) struct Assembly<T> {
    workers: usize,
    state: Mutex<State>,
    tell: T,
}

#[derive(Default)]
struct State {
    /// Of each worker that has ended, the last second it had a part in.
    ended: Vec<Option<u32>>,
    /// Seconds that are not complete, and of how many workers they are.
    open: BTreeMap<u32, (usize, LoadSecond)>,
}

/// A worker's place among the others; given up when dropped.
pub(super) struct Place<T: Fn(News)> {
    assembly: Arc<Assembly<T>>,
    last: Cell<Option<u32>>,
}

impl<T: Fn(News)> Assembly<T> {
    pub(super) fn new(workers: u16, tell: T) -> Self {
        Self {
            workers: workers.into(),
            state: Mutex::default(),
            tell,
        }
    }

    pub(super) fn place(self: &Arc<Self>) -> Place<T> {
        Place {
            assembly: Arc::clone(self),
            last: Cell::new(None),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the seconds as good as they were.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells all that is complete. Under the lock, so that it is told in order.
    fn tell_complete(&self, state: &mut State) {
        while let Some(first) = state.open.first_entry() {
            let number = *first.key();
            let have_left = state.ended.iter().filter(|last| last.is_none_or(|last| last < number));
            let (given, _) = first.get();
            if given + have_left.count() < self.workers {
                return;
            }
            let (_, second) = first.remove();
            (self.tell)(News::Second(second));
        }
    }
}

impl<T: Fn(News)> Place<T> {
    pub(super) fn hand_over(&self, second: LoadSecond) {
        self.last.set(Some(second.number));
        let mut state = self.assembly.lock();
        let (given, sum) = state.open.entry(second.number).or_default();
        *given += 1;
        sum.add(second);
        self.assembly.tell_complete(&mut state);
    }
}

impl<T: Fn(News)> Drop for Place<T> {
    fn drop(&mut self) {
        let mut state = self.assembly.lock();
        state.ended.push(self.last.get());
        self.assembly.tell_complete(&mut state);
        if state.ended.len() == self.assembly.workers {
            (self.assembly.tell)(News::Ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_told_once_when_all_who_have_a_part_in_it_have_handed_it_over() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let assembly = Arc::new(Assembly::new(3, move |news| {
            telling.lock().unwrap().push(match news {
                News::Second(second) => Some((second.number, second.users)),
                News::Ended => None,
            });
        }));
        let check = |expected: &[Option<(u32, u32)>]| {
            assert_eq!(std::mem::take(&mut *told.lock().unwrap()), expected);
        };
        let [one, two, three] = [assembly.place(), assembly.place(), assembly.place()];
        let second = |number, users| LoadSecond {
            number,
            users,
            ..LoadSecond::default()
        };
        one.hand_over(second(0, 1));
        one.hand_over(second(1, 2));
        two.hand_over(second(0, 10));
        check(&[]);
        three.hand_over(second(0, 100));
        check(&[Some((0, 111))]);
        // The first ends with the second that has begun: the others still have a part in it.
        drop(one);
        two.hand_over(second(1, 20));
        check(&[]);
        three.hand_over(second(1, 200));
        check(&[Some((1, 222))]);
        two.hand_over(second(2, 30));
        check(&[]);
        drop(three);
        check(&[Some((2, 30))]);
        drop(two);
        check(&[None]);
    }
}
