//! Whether a ground is dark or light, and with it which theme goes with it.

/// What letters on a ground have to be: light ones on a dark ground, dark ones on a light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brightness {
    Dark,
    Light,
}

/// From this luminance on black has more contrast to a ground than white (WCAG 2.2).
const MIDDLE: f64 = 0.179;

impl Brightness {
    /// Of a colour: red, green and blue.
    pub fn of(colour: [u8; 3]) -> Self {
        let [red, green, blue] = colour.map(|channel| (f64::from(channel) / 255.0).powf(2.2));
        if 0.2126 * red + 0.7152 * green + 0.0722 * blue > MIDDLE {
            Self::Light
        } else {
            Self::Dark
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_is_light_and_ink_is_dark() {
        for light in [[255; 3], [0xfd, 0xf6, 0xe3], [160; 3]] {
            assert_eq!(Brightness::of(light), Brightness::Light, "{light:?}");
        }
        for dark in [[0; 3], [0x28, 0x2a, 0x36], [0, 0, 255], [100; 3]] {
            assert_eq!(Brightness::of(dark), Brightness::Dark, "{dark:?}");
        }
    }
}
