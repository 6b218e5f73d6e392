//! How hot it is, by the sensors that the crate `sysinfo` finds.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{TemperatureReading, Text};
use sysinfo::Components;

/// Silicon warms within seconds, and a chip behind a slow bus takes milliseconds to answer: so they are asked seldom.
const EVERY: Duration = Duration::from_secs(5);

/// A server has a sensor for each core and each module of memory; the hottest are the ones to know of.
const SENSORS_LIMIT: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Reader {
    components: Option<Components>,
    read: Option<Timestamp>,
    told: Vec<TemperatureReading>,
}

impl Reader {
    /// Asks the sensors, unless that was less than [`EVERY`] ago. The first time looks for them.
    pub(super) fn read(&mut self, now: Timestamp) {
        if self.read.is_none_or(|read| now.since(read) >= EVERY) {
            self.read = Some(now);
            self.told = hottest(self.refresh());
        }
    }

    /// What they said last.
    pub(super) fn told(&self) -> Vec<TemperatureReading> {
        self.told.clone()
    }

    fn refresh(&mut self) -> Vec<TemperatureReading> {
        match &mut self.components {
            Some(components) => components.iter_mut().for_each(sysinfo::Component::refresh),
            none => *none = Components::new_with_refreshed_list().ok(),
        }
        let components = self.components.iter().flat_map(|components| components.iter());
        components
            .filter_map(|component| {
                Some(TemperatureReading {
                    sensor: Text::clean(component.label()),
                    celsius: f64::from(component.temperature().filter(|celsius| celsius.is_finite())?),
                    critical_celsius: component
                        .critical()
                        .filter(|critical| critical.is_finite())
                        .map(f64::from),
                })
            })
            .collect()
    }
}

fn hottest(mut sensors: Vec<TemperatureReading>) -> Vec<TemperatureReading> {
    sensors.sort_by(|a, b| b.celsius.total_cmp(&a.celsius).then_with(|| a.sensor.cmp(&b.sensor)));
    sensors.truncate(SENSORS_LIMIT);
    sensors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hottest_come_first_and_the_rest_is_left_out() {
        let sensor = |name: String, celsius| TemperatureReading {
            sensor: Text::from(name),
            celsius,
            critical_celsius: None,
        };
        let sensors = (0..30_u32)
            .map(|at| sensor(format!("core {at}"), f64::from(at)))
            .collect();
        let told = hottest(sensors);
        assert_eq!(told.len(), SENSORS_LIMIT);
        assert_eq!(
            (told[0].sensor.as_str(), told[15].sensor.as_str()),
            ("core 29", "core 14")
        );
    }

    #[test]
    fn sensors_are_asked_no_more_often_than_said() {
        let mut reader = Reader::default();
        reader.read(Timestamp::from_secs(10));
        reader.told = vec![TemperatureReading {
            sensor: "kept".into(),
            celsius: 1.0,
            critical_celsius: None,
        }];
        let mut is_kept_at = |second| {
            reader.read(Timestamp::from_secs(second));
            reader.told().iter().any(|it| it.sensor.as_str() == "kept")
        };
        assert!(is_kept_at(14));
        assert!(!is_kept_at(15));
    }
}
