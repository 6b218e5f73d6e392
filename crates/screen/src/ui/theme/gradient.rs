//! Colours from little to much, for an amount of something that has an end: a processor, memory, a disk.
//!
//! They say how much there is and nothing of whether that is well: what is over a limit is told by the colour of its level, a
//! sign and a word. Without colours the length of a bar and the figure beside it are all there is.

use ratatui::style::{Color, Style};

use super::{Depth, ramp};

/// Steps that are told apart side by side; more would cost bytes and look alike.
const STEPS: usize = 8;

/// The styles in order, least first; none at all where there are no colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient(Vec<Style>);

impl Gradient {
    /// `stops` are the colours from least to most, as a palette gives them. Names of colours cannot be mixed: of them there
    /// are as many steps as names.
    pub(super) fn new(stops: &[Color], depth: Depth) -> Self {
        let can_mix = stops.iter().all(|stop| matches!(stop, Color::Rgb(..)));
        let steps = if can_mix { STEPS } else { stops.len() };
        if stops.is_empty() {
            return Self::default();
        }
        let way = |step: usize| step as f64 / (steps - 1).max(1) as f64;
        Self((0..steps).map(|step| ramp::mixed(stops, way(step), depth)).collect())
    }

    /// The style of an amount between nothing (0) and all there is (1). A NaN counts as nothing.
    pub fn at(&self, ratio: f64) -> Style {
        // A NaN becomes 0 in the cast.
        let step = (ratio.clamp(0.0, 1.0) * self.0.len() as f64) as usize;
        let style = self.0.get(step).or(self.0.last());
        style.copied().unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn steps(&self) -> &[Style] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stops: &[Color], depth: Depth, ratio: f64) -> Option<Color> {
        Gradient::new(stops, depth).at(ratio).fg
    }

    #[test]
    fn an_amount_has_the_colour_of_its_place_between_nothing_and_all() {
        let mixed = [Color::Rgb(0, 0, 0), Color::Rgb(70, 140, 210)];
        let check = |ratio, expected| assert_eq!(at(&mixed, Depth::TrueColor, ratio), Some(expected), "{ratio}");
        check(0.0, Color::Rgb(0, 0, 0));
        check(0.124, Color::Rgb(0, 0, 0));
        check(0.13, Color::Rgb(10, 20, 30));
        check(0.9, Color::Rgb(70, 140, 210));
        check(1.0, Color::Rgb(70, 140, 210));
        check(7.0, Color::Rgb(70, 140, 210));
        check(f64::NAN, Color::Rgb(0, 0, 0));
    }

    #[test]
    fn names_are_steps_and_without_colours_shape_tells() {
        let named = [Color::Blue, Color::Cyan, Color::Yellow];
        let check = |ratio, expected| assert_eq!(at(&named, Depth::Colors16, ratio), Some(expected), "{ratio}");
        check(0.3, Color::Blue);
        check(0.5, Color::Cyan);
        check(0.7, Color::Yellow);
        assert_eq!(at(&[Color::Blue], Depth::Colors16, 1.0), Some(Color::Blue));
        assert_eq!(at(&[], Depth::None, 0.9), None);
    }
}
