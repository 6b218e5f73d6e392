//! How a probe went. Most answers are like many before: what they have in common is written once.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::number::{codes, fields};
use super::{Damage, Reader, Wire, Writer};
use crate::sample::{Answer, Fact, Failure, FailureKind, Gauge, GaugeName, Outcome, Phase, Phases, Sample};

codes! {
    Phase {
        Dns = 0, Connect = 1, Tls = 2, Authenticate = 3, FirstByte = 4, Transfer = 5, Query = 6, Message = 7, Run = 8,
    }
    FailureKind {
        Dns = 0, Refused = 1, Unreachable = 2, Timeout = 3, Reset = 4, Closed = 5, Tls = 6, Auth = 7, Protocol = 8,
        Redirect = 9, Status = 10, Expect = 11, Start = 12, Permission = 13, Local = 14,
    }
}

fields! {
    Fact { name, value }
    Failure { kind, phase, message }
}

/// Whether it failed, and whether there was an answer; above them a bit for each phase.
const FAILED: u64 = 1;
const ANSWERED: u64 = 2;
const PHASES_SHIFT: u32 = 2;

impl Wire for Sample {
    fn write(&self, to: &mut Writer) {
        self.target.write(to);
        self.intended.write(to);
        self.lag.write(to);
        self.latency.write(to);
        let phases = self
            .phases
            .iter()
            .fold(0, |phases, (phase, _)| phases | 1 << phase as u64);
        let failure = self.outcome.failure();
        let has = |is_there, flag| if is_there { flag } else { 0 };
        to.number(phases << PHASES_SHIFT | has(failure.is_some(), FAILED) | has(self.answer.is_some(), ANSWERED));
        self.phases.iter().for_each(|(_, took)| took.write(to));
        if let Some(failure) = failure {
            to.share(|to| failure.write(to));
        }
        if let Some(answer) = &self.answer {
            answer.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let (target, intended) = (Wire::read(from)?, Wire::read(from)?);
        let (lag, latency) = (Wire::read(from)?, Wire::read(from)?);
        let flags = from.number()?;
        if flags >> PHASES_SHIFT >> Phase::ALL.len() != 0 {
            return Err(Damage);
        }
        let mut phases = Phases::default();
        for phase in Phase::ALL {
            if flags >> PHASES_SHIFT >> phase as u64 & 1 == 1 {
                phases.add(phase, Wire::read(from)?);
            }
        }
        let outcome = match flags & FAILED {
            0 => Outcome::Ok,
            _ => Outcome::Failed(Box::new(failure(from)?)),
        };
        let answer = (flags & ANSWERED != 0).then(|| Answer::read(from).map(Box::new));
        Ok(Self {
            target,
            intended,
            lag,
            latency,
            outcome,
            phases,
            answer: answer.transpose()?,
        })
    }
}

fn failure(from: &mut Reader<'_>) -> Result<Failure, Damage> {
    let place = from.number()?;
    if let Some(known) = from.known.failures.get(&place) {
        return Ok(known.clone());
    }
    let failure = from.shared_at(place, Failure::read)?;
    from.known.failures.insert(place, failure.clone());
    Ok(failure)
}

/// What changes from probe to probe stands with the entry: the length of the body, and what each gauge tells.
impl Wire for Answer {
    fn write(&self, to: &mut Writer) {
        to.share(|to| write_head(self, to));
        to.number(self.body_bytes);
        self.gauges.iter().for_each(|gauge| gauge.value.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let place = from.number()?;
        let mut answer = match from.known.answers.get(&place) {
            Some(known) => known.clone(),
            None => {
                let head = from.shared_at(place, read_head)?;
                from.known.answers.insert(place, head.clone());
                head
            }
        };
        answer.body_bytes = from.number()?;
        for gauge in &mut answer.gauges {
            gauge.value = f64::read(from)?;
        }
        Ok(answer)
    }
}

fn write_head(answer: &Answer, to: &mut Writer) {
    answer.address.write(to);
    answer.reused.write(to);
    answer.protocol.write(to);
    answer.tls.write(to);
    answer.status.write(to);
    answer.redirects.write(to);
    answer.truncated.write(to);
    answer.facts.write(to);
    to.number(answer.gauges.len() as u64);
    answer.gauges.iter().for_each(|gauge| gauge.name.write(to));
}

fn read_head(from: &mut Reader<'_>) -> Result<Answer, Damage> {
    Ok(Answer {
        address: Wire::read(from)?,
        reused: Wire::read(from)?,
        protocol: Wire::read(from)?,
        tls: Wire::read(from)?,
        status: Wire::read(from)?,
        redirects: Wire::read(from)?,
        truncated: Wire::read(from)?,
        facts: Wire::read(from)?,
        gauges: Vec::<GaugeName>::read(from)?
            .into_iter()
            .map(|name| Gauge { name, value: 0.0 })
            .collect(),
        body_bytes: 0,
    })
}

impl Wire for SocketAddr {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::V4(address) => {
                to.byte(4);
                to.out.extend_from_slice(&address.ip().octets());
                address.port().write(to);
            }
            Self::V6(address) => {
                to.byte(6);
                to.out.extend_from_slice(&address.ip().octets());
                address.port().write(to);
                address.flowinfo().write(to);
                address.scope_id().write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let family = from.byte()?;
        match family {
            4 => {
                let ip: [u8; 4] = from.take(4)?.try_into().map_err(|_| Damage)?;
                Ok(SocketAddrV4::new(Ipv4Addr::from(ip), Wire::read(from)?).into())
            }
            6 => {
                let ip: [u8; 16] = from.take(16)?.try_into().map_err(|_| Damage)?;
                let (port, flow, scope) = (Wire::read(from)?, Wire::read(from)?, Wire::read(from)?);
                Ok(SocketAddrV6::new(Ipv6Addr::from(ip), port, flow, scope).into())
            }
            _ => Err(Damage),
        }
    }
}
