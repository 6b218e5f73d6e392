//! `kind = "pagerduty"`: an incident for each alert, by PagerDuty's Events API v2.
//!
//! The incident is known by machine, alert and subject, so that a restart finds it again.

use std::fmt;

use probetop_core::sample::Text;
use probetop_core::setting::Finding;
use probetop_core::snapshot::{Announcement, AnnouncementReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use toml::Table;

use super::channel::{Channel, Delivery};
use super::http::{self, Receiver};
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;

const URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// A longer key is refused.
const KEY_LIMIT: usize = 255;

pub static KIND: Kind = Kind {
    name: "pagerduty",
    about: "an incident in PagerDuty for each alert, resolved with it",
    example: "routing_key = \"0123456789abcdef0123456789abcdef\"",
    // One event a request is what the API takes.
    reader: Reader::Machines { at_once: 1 },
    required: &["routing_key"],
    secret: &["routing_key"],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: |generator| generator.root_schema_for::<Settings>(),
};

/// The keys of `kind = "pagerduty"`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The integration key of a service's "Events API v2" integration; a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<String>,
    /// Where events go, for accounts elsewhere: `https://events.eu.pagerduty.com/v2/enqueue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "https://events.pagerduty.com/v2/enqueue"))]
    pub url: Option<String>,
    /// HTTP proxy, `http://user:password@host:port`; none is taken from the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("pagerduty").finish_non_exhaustive()
    }
}

impl Settings {
    fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(URL)
    }
}

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = http::check(Some(self.url()), self.proxy.as_deref(), URL);
        if self.routing_key.as_deref().unwrap_or_default().is_empty() {
            let message = "has no routing_key; add routing_key = \"${PAGERDUTY_KEY}\"";
            findings.push(Finding::new("routing_key", message));
        }
        findings
    }

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        let routing_key = self.routing_key.clone().unwrap_or_default();
        let mut receiver = Receiver::try_new(self.url(), self.proxy.as_deref())?;
        receiver.hide(&routing_key);
        Ok(Box::new(PagerDuty { receiver, routing_key }))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

struct PagerDuty {
    receiver: Receiver,
    routing_key: String,
}

impl Channel for PagerDuty {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async {
            for announcement in &message.announcements {
                let event = event(&self.routing_key, message, announcement);
                self.receiver.send(event.to_string().into_bytes()).await?;
            }
            Ok(())
        })
    }
}

fn event(routing_key: &str, message: &Message, announcement: &Announcement) -> Value {
    let alert = &announcement.alert;
    let target = message.target(announcement);
    let time = humantime::format_rfc3339_millis(message.wall_of_word(announcement, announcement.at));
    let action = match announcement.occasion {
        AnnouncementReason::Resolved => "resolve",
        AnnouncementReason::Firing => "trigger",
        AnnouncementReason::Worsened { .. }
        | AnnouncementReason::Reminder(_)
        | AnnouncementReason::Escalation(_)
        | AnnouncementReason::Flapping => match alert.acknowledged {
            Some(_) => "acknowledge",
            None => "trigger",
        },
    };
    json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(&message.machine, &alert.name, &alert.subject),
        "client": "probetop",
        "payload": {
            "summary": format!("{}: {} on {}: {}", announcement.headline(), alert.name, alert.subject, alert.reason),
            "source": message.machine.as_str(),
            "severity": alert.severity.name(),
            "timestamp": time.to_string(),
            "component": alert.subject.as_str(),
            "group": target.and_then(|target| target.group.as_ref()).map(Text::as_str),
            "class": alert.name.as_str(),
            "custom_details": {
                "reason": alert.reason.as_str(),
                "action": alert.action.as_ref().map(Text::as_str),
                "value": alert.value,
                "worst": alert.worst,
                "unit": alert.unit.name(),
                "url": target.map(|target| target.url.as_str()),
            },
        },
    })
}

/// The same for the same alert on the same machine, whatever run it is of. What is too long ends in its hash.
fn dedup_key(machine: &Text, name: &Text, subject: &Text) -> String {
    let whole = format!("probetop/{machine}/{name}/{subject}");
    if whole.len() <= KEY_LIMIT {
        return whole;
    }
    let hash = format!("#{:016x}", fnv1a(whole.as_bytes()));
    let end = whole.floor_char_boundary(KEY_LIMIT - hash.len());
    format!("{}{hash}", &whole[..end])
}

/// FNV-1a (Fowler, Noll and Vo): the same in every build, which the standard library's hashes do not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;

    use super::*;

    fn example() -> Message {
        Message::example(Timestamp::from_secs(10), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn an_alert_is_one_incident_from_its_trigger_to_its_resolve() {
        let mut message = example();
        let trigger = event("key", &message, &message.announcements[0]);
        let expected = json!({
            "routing_key": "key",
            "event_action": "trigger",
            "dedup_key": "probetop/probetop.example/test/checkout",
            "client": "probetop",
            "payload": {
                "summary": "warning: test on checkout: this is a \"test\": p95 612ms > 250ms",
                "source": "probetop.example",
                "severity": "warning",
                "timestamp": "1970-01-01T00:00:10.000Z",
                "component": "checkout",
                "group": "api",
                "class": "test",
                "custom_details": {
                    "reason": "this is a \"test\": p95 612ms > 250ms",
                    "action": "nothing to do: somebody tries the channel",
                    "value": 612_000.0,
                    "worst": 731_000.0,
                    "unit": "us",
                    "url": "https://shop.example/checkout",
                },
            },
        });
        assert_eq!(trigger, expected);
        message.announcements[0].occasion = AnnouncementReason::Resolved;
        let resolve = event("key", &message, &message.announcements[0]);
        assert_eq!(resolve["event_action"], "resolve");
        assert_eq!(resolve["dedup_key"], trigger["dedup_key"]);
    }

    #[test]
    fn what_is_acknowledged_here_is_acknowledged_there() {
        let mut message = example();
        message.announcements[0].alert.acknowledged = Some(Timestamp::from_secs(11));
        let mut check = |occasion, expected: &str| {
            message.announcements[0].occasion = occasion;
            let event = event("key", &message, &message.announcements[0]);
            assert_eq!(event["event_action"], expected, "{occasion:?}");
        };
        check(AnnouncementReason::Firing, "trigger");
        check(AnnouncementReason::Flapping, "acknowledge");
        check(AnnouncementReason::Resolved, "resolve");
    }

    #[test]
    fn long_names_stay_apart_within_the_limit() {
        let key = |end: &str| {
            let subject = format!("{}{end}", "é".repeat(200));
            dedup_key(&"machine".into(), &"x".repeat(100).into(), &subject.into())
        };
        assert!(key("a").len() <= KEY_LIMIT);
        assert_ne!(key("a"), key("b"));
        assert_eq!(key("a"), key("a"));
    }
}
