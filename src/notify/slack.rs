//! `kind = "slack"`: an incoming webhook of Slack, or of what takes the same messages: Mattermost, Rocket.Chat, and
//! Discord where `/slack` is put behind its URL.
//!
//! Alerts are attachments, which all of them show with a coloured bar; blocks are Slack's alone.

use std::fmt;

use probetop_core::sample::Severity;
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

const EXAMPLE_URL: &str = "https://hooks.slack.com/services/…";

pub static KIND: Kind = Kind {
    name: "slack",
    about: "a message in Slack, Mattermost, or whatever takes Slack's incoming webhooks",
    example: "url = \"https://hooks.slack.com/services/T0/B0/X0\"",
    reader: Reader::People,
    required: &["url"],
    secret: &["url"],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: |generator| generator.root_schema_for::<Settings>(),
};

/// The keys of `kind = "slack"`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The incoming webhook, which is a secret: of it the host alone is ever shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Another channel than the webhook's own, where the receiver allows it: Mattermost does, Slack's apps do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// HTTP proxy, `http://user:password@host:port`; none is taken from the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("slack").finish_non_exhaustive()
    }
}

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        http::check(self.url.as_deref(), self.proxy.as_deref(), EXAMPLE_URL)
    }

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        Ok(Box::new(Slack {
            receiver: Receiver::try_new(self.url.as_deref().unwrap_or_default(), self.proxy.as_deref())?,
            channel: self.channel.clone(),
        }))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

struct Slack {
    receiver: Receiver,
    channel: Option<String>,
}

impl Channel for Slack {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async {
            let body = body(message, self.channel.as_deref());
            self.receiver.send(body.to_string().into_bytes()).await
        })
    }
}

fn body(message: &Message, channel: Option<&str>) -> Value {
    let mut text = escaped(&message.title());
    if message.left_out > 0 {
        text.push_str(&format!(" ({} not listed)", message.left_out));
    }
    let attachments = message.announcements.iter();
    let mut body = json!({
        "text": text,
        "mrkdwn": false,
        "attachments": attachments.map(|announcement| attachment(message, announcement)).collect::<Vec<_>>(),
    });
    if let Some(channel) = channel {
        body["channel"] = json!(channel);
    }
    body
}

fn attachment(message: &Message, announcement: &Announcement) -> Value {
    let alert = &announcement.alert;
    let title = escaped(&format!(
        "{}: {} on {}",
        announcement.headline(),
        alert.name,
        alert.subject
    ));
    let mut text = escaped(alert.reason.as_str());
    let mut line = |label: &str, value: &str| text.push_str(&format!("\n{label}: {}", escaped(value)));
    if let Some(lasted) = announcement.lasted() {
        line("lasted", &lasted);
    }
    if let Some(action) = alert
        .action
        .as_ref()
        .filter(|_| announcement.occasion != AnnouncementReason::Resolved)
    {
        line("do", action.as_str());
    }
    let at = message
        .wall_of_word(announcement, announcement.at)
        .duration_since(std::time::UNIX_EPOCH);
    json!({
        "color": color(announcement),
        "fallback": format!("{title}: {}", escaped(alert.reason.as_str())),
        "title": title,
        "text": text,
        "footer": escaped(&format!("probetop on {}", message.machine)),
        "ts": at.unwrap_or_default().as_secs(),
        "mrkdwn_in": [],
    })
}

fn color(announcement: &Announcement) -> &'static str {
    match (announcement.occasion, announcement.alert.severity) {
        (AnnouncementReason::Resolved, _) => "#2eb886",
        (_, Severity::Critical) => "#a30200",
        (_, Severity::Warning) => "#daa038",
        (_, Severity::Info) => "#439fe0",
    }
}

/// The three characters that Slack reads as its own: what a target says must mention nobody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use probetop_core::clock::Timestamp;

    use super::*;

    fn example() -> Message {
        Message::example(
            Timestamp::from_secs(9),
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000),
        )
    }

    #[test]
    fn an_alert_is_an_attachment_in_the_colour_of_its_severity() {
        let body = body(&example(), Some("#load"));
        assert_eq!(body["text"], "warning: test on checkout");
        assert_eq!(body["channel"], "#load");
        let attachment = &body["attachments"][0];
        assert_eq!(attachment["color"], "#daa038");
        assert_eq!(attachment["ts"], 1_000_009);
        assert_eq!(
            attachment["text"],
            "this is a \"test\": p95 612ms &gt; 250ms\ndo: nothing to do: somebody tries the channel"
        );
    }

    #[test]
    fn what_is_resolved_is_green_and_says_how_long_it_lasted() {
        let mut message = example();
        let resolved = &mut message.announcements[0];
        resolved.occasion = AnnouncementReason::Resolved;
        resolved.alert.resolved = Some(Timestamp::from_secs(9 + 192));
        let body = body(&message, None);
        assert_eq!(body["text"], "resolved: test on checkout");
        assert_eq!(body["attachments"][0]["color"], "#2eb886");
        let text = body["attachments"][0]["text"].as_str().unwrap();
        assert!(text.ends_with("\nlasted: 3m 12s"), "{text}");
        assert_eq!(body.get("channel"), None);
    }

    #[test]
    fn nothing_a_target_says_mentions_anybody_or_makes_a_link() {
        let mut message = example();
        message.announcements[0].alert.subject = "<!here> <http://evil|good> &".into();
        message.left_out = 3;
        let body = body(&message, None);
        assert_eq!(
            body["text"],
            "warning: test on &lt;!here&gt; &lt;http://evil|good&gt; &amp;, and 3 more (3 not listed)"
        );
        assert!(!body.to_string().contains('<'), "{body}");
    }
}
