//! Two in a row: what keeps one odd window from being an anomaly, and one usual window from ending it.

use probetop_core::clock::Timestamp;

/// Windows in a row that open or end an anomaly.
const NEEDED: u8 = 2;

/// How a window compares. Between odd and usual there is room: what hovers about a threshold stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Odd,
    Unclear,
    Usual,
}

/// What a window changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Odd since then.
    Opens(Timestamp),
    Ends,
}

/// Counts windows in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Streak {
    odd: u8,
    usual: u8,
    /// When the first of the odd windows in a row began.
    since: Timestamp,
}

impl Streak {
    /// Takes the next window, which began at `began`; `open` is whether there is an anomaly already.
    pub(super) fn step(&mut self, look: Look, began: Timestamp, open: bool) -> Option<Turn> {
        let (odd, usual) = match look {
            Look::Odd => (self.odd.saturating_add(1), 0),
            Look::Unclear => (0, 0),
            Look::Usual => (0, self.usual.saturating_add(1)),
        };
        if odd == 1 {
            self.since = began;
        }
        (self.odd, self.usual) = (odd, usual);
        match open {
            false if odd >= NEEDED => Some(Turn::Opens(self.since)),
            true if usual >= NEEDED => Some(Turn::Ends),
            false | true => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_in_a_row_open_and_two_in_a_row_end() {
        let mut streak = Streak::default();
        let mut open = false;
        let mut turns = String::new();
        for (at, look) in "ououoo-u-uou-oouu".chars().enumerate() {
            let look = match look {
                'o' => Look::Odd,
                'u' => Look::Usual,
                _ => Look::Unclear,
            };
            let turn = streak.step(look, Timestamp::from_secs(at as u64), open);
            turns.push(match turn {
                Some(Turn::Opens(since)) => {
                    assert_eq!(since.second(), at as u64 - 1);
                    '('
                }
                Some(Turn::Ends) => ')',
                None => '.',
            });
            open = match turn {
                Some(Turn::Opens(_)) => true,
                Some(Turn::Ends) => false,
                None => open,
            };
        }
        assert_eq!(turns, ".....(..........)");
    }
}
