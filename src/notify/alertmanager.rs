//! `kind = "alertmanager"`: alerts for Prometheus' Alertmanager, which groups, silences and routes them further.
//!
//! By its API v2. It forgets an alert that is not told again: what fires is renewed, and ends by itself when we are gone.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Period};
use probetop_core::snapshot::{Announcement, AnnouncementReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Table;

use super::channel::{Channel, Delivery};
use super::http::{self, Receiver};
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;

const EXAMPLE_URL: &str = "http://alertmanager.example:9093";

const RENEWAL_DEFAULT: Duration = Duration::from_secs(60);

/// A renewed alert lives for so many renewals: as with Prometheus, three may be lost.
const LIFE_RENEWALS: u32 = 4;

/// Alerts in one request: some 50 KB.
const ALERTS_LIMIT: usize = 100;

pub static KIND: Kind = Kind {
    name: "alertmanager",
    about: "alerts for Prometheus' Alertmanager, which routes them further",
    example: "url = \"http://alertmanager.example:9093\"",
    reader: Reader::Machines { at_once: ALERTS_LIMIT },
    required: &["url"],
    secret: &[],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: |generator| generator.root_schema_for::<Settings>(),
};

/// The keys of `kind = "alertmanager"`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where it is, with its path prefix where it has one; `/api/v2/alerts` is put behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Headers of the request, such as who asks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Labels for all alerts, beside alertname, severity, target, group and instance.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How often it is told again of what still fires, 1s to 1h; after four times as long without a word it forgets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub renew: Option<Period>,
    /// HTTP proxy, `http://user:password@host:port`; none is taken from the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("alertmanager").finish_non_exhaustive()
    }
}

impl Settings {
    fn renewal(&self) -> Duration {
        self.renew.map_or(RENEWAL_DEFAULT, Period::duration)
    }

    fn receiver(&self) -> Result<Receiver, Finding> {
        let base = self.url.as_deref().unwrap_or_default().trim_end_matches('/');
        Receiver::try_new(&format!("{base}/api/v2/alerts"), self.proxy.as_deref())
            .map_err(|message| Finding::new("url", message))?
            .headers(&self.headers)
            .map_err(|message| Finding::new("headers", message))
    }
}

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = http::check(self.url.as_deref(), self.proxy.as_deref(), EXAMPLE_URL);
        if findings.is_empty() {
            findings.extend(self.receiver().err());
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&self.renewal()) {
            let renewal = Period::from(self.renewal());
            findings.push(Finding::new("renew", format!("renew is {renewal}; use 1s to 1h")));
        }
        for name in self.labels.keys().filter(|name| !is_label(name)) {
            let message = format!("{name:?} is not a label; use letters, digits and _, and no digit first");
            findings.push(Finding::new(name, message).under("labels"));
        }
        findings
    }

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        Ok(Box::new(Alertmanager {
            receiver: self.receiver().map_err(|finding| finding.message)?,
            labels: self.labels.clone(),
            renewal: self.renewal(),
        }))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

/// As every version of Prometheus takes it.
fn is_label(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

struct Alertmanager {
    receiver: Receiver,
    labels: BTreeMap<String, String>,
    renewal: Duration,
}

/// One alert as the API takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostedAlert {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<&'static str, String>,
    starts_at: String,
    ends_at: String,
}

impl Alertmanager {
    /// Of alerts that it cannot tell apart it gets the last.
    fn body(&self, message: &Message) -> Vec<PostedAlert> {
        let mut posted: Vec<PostedAlert> = Vec::with_capacity(message.announcements.len());
        let mut places = BTreeMap::new();
        for announcement in &message.announcements {
            let alert = self.posted(message, announcement);
            match places.get(&alert.labels) {
                Some(&place) => posted[place] = alert,
                None => {
                    places.insert(alert.labels.clone(), posted.len());
                    posted.push(alert);
                }
            }
        }
        posted
    }

    fn posted(&self, message: &Message, announcement: &Announcement) -> PostedAlert {
        let alert = &announcement.alert;
        let group = message.target(announcement).and_then(|target| target.group.as_ref());
        let mut labels = self.labels.clone();
        let own = [
            ("alertname", Some(alert.name.as_str())),
            ("severity", Some(alert.severity.name())),
            ("target", Some(alert.subject.as_str())),
            ("group", group.map(Text::as_str)),
            ("instance", Some(message.machine.as_str())),
        ];
        labels.extend(
            own.into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))),
        );
        let summary = format!("{} on {}: {}", alert.name, alert.subject, alert.reason);
        let mut annotations = BTreeMap::from([("summary", summary)]);
        annotations.extend(alert.action.as_ref().map(|action| ("description", action.to_string())));
        let starts = message.wall_of(alert, alert.fired.unwrap_or(alert.since));
        let ends = match announcement.occasion {
            AnnouncementReason::Resolved => {
                message.wall_of_word(announcement, alert.resolved.unwrap_or(announcement.at))
            }
            AnnouncementReason::Firing
            | AnnouncementReason::Worsened { .. }
            | AnnouncementReason::Reminder(_)
            | AnnouncementReason::Escalation(_)
            | AnnouncementReason::Flapping => message.wall(message.at + self.renewal * LIFE_RENEWALS),
        };
        PostedAlert {
            labels,
            annotations,
            starts_at: rfc3339(starts),
            // It refuses alerts that end before they start.
            ends_at: rfc3339(ends.max(starts)),
        }
    }
}

fn rfc3339(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

impl Channel for Alertmanager {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async {
            let body = serde_json::to_vec(&self.body(message)).expect("alerts are maps of texts");
            self.receiver.send(body).await
        })
    }

    fn renewal(&self) -> Option<Duration> {
        Some(self.renewal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;
    use serde_json::json;

    use super::*;

    fn alertmanager() -> Alertmanager {
        Alertmanager {
            receiver: Receiver::try_new(EXAMPLE_URL, None).unwrap(),
            labels: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
            renewal: Duration::from_secs(60),
        }
    }

    #[test]
    fn an_alert_that_fires_ends_by_itself_unless_it_is_renewed() {
        let message = Message::example(Timestamp::from_secs(10), SystemTime::UNIX_EPOCH);
        let body = serde_json::to_value(alertmanager().body(&message)).unwrap();
        let expected = json!([{
            "labels": {
                "alertname": "test", "severity": "warning", "target": "checkout", "group": "api",
                "instance": "probetop.example", "team": "shop",
            },
            "annotations": {
                "summary": "test on checkout: this is a \"test\": p95 612ms > 250ms",
                "description": "nothing to do: somebody tries the channel",
            },
            "startsAt": "1970-01-01T00:00:10.000Z",
            "endsAt": "1970-01-01T00:04:10.000Z",
        }]);
        assert_eq!(body, expected);
    }

    #[test]
    fn of_alerts_with_the_same_labels_the_last_is_told() {
        let mut message = Message::example(Timestamp::from_secs(10), SystemTime::UNIX_EPOCH);
        let mut resolved = message.announcements[0].clone();
        resolved.occasion = AnnouncementReason::Resolved;
        resolved.alert.resolved = Some(Timestamp::from_secs(25));
        message.announcements.push(resolved);
        let body = alertmanager().body(&message);
        assert_eq!(body.len(), 1);
        assert_eq!(body[0].ends_at, "1970-01-01T00:00:25.000Z");
    }

    #[test]
    fn labels_are_those_of_prometheus() {
        let check = |name, expected| assert_eq!(is_label(name), expected, "{name}");
        check("team", true);
        check("_a1", true);
        check("1a", false);
        check("a-b", false);
        check("", false);
    }
}
