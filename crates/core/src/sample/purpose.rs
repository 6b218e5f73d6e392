//! What a target is probed for, and so where the time that its probes take may be counted in.

/// The fact by which a load generator tells what it does.
pub const GENERATOR_STATE: &str = "state";

/// Each kind of probe has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Its probes do what callers do: how long they take is the latency of a service.
    #[default]
    Service,
    /// A request of a flow: a service's latency too, and a part of what the flow's run counts for as a whole.
    Step,
    /// Figures are read there. How long that takes is nobody's latency, and is told of the target alone.
    Figures,
    /// A load generator is followed, which begins and ends; how long it takes to answer is nobody's latency either.
    Generator,
}

impl Purpose {
    /// Whether the time its probes take is the latency of a service.
    pub const fn measures_service(self) -> bool {
        match self {
            Self::Service | Self::Step => true,
            Self::Figures | Self::Generator => false,
        }
    }

    /// Whether its probes count where those of all targets are added up. What is made within another is counted there.
    pub const fn counts_alone(self) -> bool {
        match self {
            Self::Service | Self::Figures | Self::Generator => true,
            Self::Step => false,
        }
    }

    /// Whether its latencies are among those of all targets.
    pub const fn is_among_all(self) -> bool {
        self.measures_service() && self.counts_alone()
    }

    /// Whether something that is looked after has failed where its probe fails. A load generator comes and goes.
    pub const fn is_looked_after(self) -> bool {
        match self {
            Self::Service | Self::Step | Self::Figures => true,
            Self::Generator => false,
        }
    }
}
