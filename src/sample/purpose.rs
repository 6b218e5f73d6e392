//! What a target is probed for, and so where the time that its probes take may be counted in.

/// The fact by which a load generator tells what it does.
pub const GENERATOR_STATE: &str = "state";

/// Each kind of probe has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Its probes do what callers do: how long they take is the latency of a service.
    #[default]
    Service,
    /// Figures are read there. How long that takes is nobody's latency, and is told of the target alone.
    Figures,
    /// A load generator is followed, which begins and ends; how long it takes to answer is nobody's latency either.
    Generator,
}

impl Purpose {
    /// Whether its latency may be counted among those of all targets.
    pub const fn measures_service(self) -> bool {
        match self {
            Self::Service => true,
            Self::Figures | Self::Generator => false,
        }
    }
}
