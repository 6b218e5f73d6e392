//! Texts and words: each once, however often it is said. What is read is cleaned as anything from outside.

use super::{Damage, Reader, Wire, Writer};
use crate::sample::{GaugeName, Text, Word};

impl Wire for Text {
    fn write(&self, to: &mut Writer) {
        to.refer(self.as_str().as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let place = from.number()?;
        if let Some(known) = from.known.texts.get(&place) {
            return Ok(known.clone());
        }
        let text = Self::clean(utf8(from, place)?);
        from.known.texts.insert(place, text.clone());
        Ok(text)
    }
}

impl Wire for Word {
    fn write(&self, to: &mut Writer) {
        to.refer(self.as_str().as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        Text::read(from).map(Self::from)
    }
}

impl Wire for GaugeName {
    fn write(&self, to: &mut Writer) {
        to.refer(self.as_str().as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let place = from.number()?;
        if let Some(known) = from.known.gauges.get(&place) {
            return Ok(known.clone());
        }
        let name = Self::clean(utf8(from, place)?);
        from.known.gauges.insert(place, name.clone());
        Ok(name)
    }
}

/// As it is: what is written in a configuration, for those who read one.
impl Wire for String {
    fn write(&self, to: &mut Writer) {
        to.refer(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let place = from.number()?;
        utf8(from, place).map(Self::from)
    }
}

fn utf8<'a>(from: &Reader<'a>, place: u64) -> Result<&'a str, Damage> {
    std::str::from_utf8(super::item_at(from.shared, place)?).map_err(|_| Damage)
}
