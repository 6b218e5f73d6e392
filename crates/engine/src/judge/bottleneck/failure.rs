//! Probes that fail: the kind of failure says where to look.

use probetop_core::sample::FailureKind;
use probetop_core::snapshot::Resource;

use super::target::TargetFacts;
use super::{Basis, Cause, Reading, ShownBy, Sign};

/// Told by the share of due probes, since it is not a failure of the target.
pub(super) const LOCAL: Cause = Cause {
    resource: Resource::Monitor,
    what: "probetop runs out of descriptors, ports or memory",
    recommendation: FailureKind::Local.remedy(),
    basis: Basis::Window,
    shown_by: ShownBy::Nothing,
};

/// Of a target whose share of failures is beyond its level: the kind that is commonest.
pub(super) fn sign(facts: &TargetFacts<'_>) -> Option<Sign> {
    let severity = facts.errors.severity()?;
    let ratio = facts.errors.value.unwrap_or(1.0);
    // The errors' own window may be shorter than the minute, or not have ended yet.
    let newest = facts.failure.map(|failure| failure.kind).filter(|kind| !kind.is_ours());
    let kind = facts.detail.stats.commonest().or(newest)?;
    let reason = facts.errors.reason.as_ref().map(ToString::to_string);
    let newest = facts.failure.filter(|failure| failure.kind == kind).map(|failure| {
        let place = failure
            .phase
            .map_or_else(String::new, |phase| format!(" in {}", phase.label()));
        format!("last{place}: {}", failure.message)
    });
    let evidence: Vec<_> = reason.into_iter().chain(newest).collect();
    let reading = Reading::of_share(severity, ratio, evidence.join(", "));
    Some(cause(kind, facts.resource()).sign(reading))
}

/// `service` is where the target itself belongs: most failures are its own.
fn cause(kind: FailureKind, service: Resource) -> Cause {
    let (resource, what) = match kind {
        FailureKind::Dns => (Resource::NameResolution, "names cannot be resolved"),
        FailureKind::Refused => (service, "connections are refused"),
        FailureKind::Unreachable => (Resource::Network, "the network says there is no way"),
        FailureKind::Timeout => (service, "probes time out"),
        FailureKind::Reset => (service, "connections are reset"),
        FailureKind::Closed => (service, "connections are closed before the answer is whole"),
        FailureKind::Tls => (Resource::Tls, "TLS handshakes fail"),
        FailureKind::Auth => (service, "logins are refused"),
        FailureKind::Protocol => (service, "answers are not of the protocol"),
        FailureKind::Redirect => (service, "redirects lead nowhere"),
        FailureKind::Status => (service, "answers carry an error status"),
        FailureKind::Expect => (service, "answers are not as expected"),
        FailureKind::Start => (Resource::Monitor, "programs cannot be started"),
        FailureKind::Permission => (Resource::Monitor, "this machine does not let probetop look"),
        FailureKind::Local => (LOCAL.resource, LOCAL.what),
    };
    Cause {
        resource,
        what,
        recommendation: kind.remedy(),
        basis: Basis::Window,
        shown_by: ShownBy::Errors,
    }
}
