//! `kind = "webhook"`: a request with our document, or with a body made by a template.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Text;
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Table;

use super::channel::{Channel, Delivery, Fault};
use super::document;
use super::http::{self, Receiver};
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;
use super::template::Template;

/// Alerts in one document: some 50 KB.
const ALERTS_LIMIT: usize = 100;

pub static KIND: Kind = Kind {
    name: "webhook",
    about: "a request with a JSON document, or with a body of your own",
    example: "url = \"https://hooks.example/probetop\"",
    reader: Reader::Machines { at_once: ALERTS_LIMIT },
    required: &["url"],
    secret: &["url"],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: |generator| generator.root_schema_for::<Settings>(),
};

/// The keys of `kind = "webhook"`.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Who receives it. Of a URL, which may hold a token, the host alone is ever shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `POST`, `PUT` or `PATCH`.
    pub method: String,
    /// Headers of the request; without a content type it is `application/json`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Template (Jinja) of the body, over the keys of the document that is sent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// HTTP proxy, `http://user:password@host:port`; none is taken from the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: None,
            method: "POST".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            proxy: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("webhook").finish_non_exhaustive()
    }
}

impl Settings {
    fn receiver(&self) -> Result<Receiver, Finding> {
        let at = |key: &'static str| move |message| Finding::new(key, message);
        Receiver::try_new(self.url.as_deref().unwrap_or_default(), self.proxy.as_deref())
            .map_err(at("url"))?
            .method(&self.method)
            .map_err(at("method"))?
            .headers(&self.headers)
            .map_err(at("headers"))
    }

    /// Tries the template on an example, so that what is wrong with it is found before the first alert.
    fn check_body(&self, receiver: &Receiver) -> Option<Finding> {
        let body = self.body.as_deref()?;
        let example = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let rendered = Template::compile(body).and_then(|template| template.render(&example));
        match rendered {
            Err(error) => Some(Finding::new("body", format!("body: {}", error.message)).at(error.offset)),
            Ok(text) if receiver.expects_json() => {
                let error = serde_json::from_str::<serde_json::Value>(&text).err()?;
                let message = format!(
                    "body makes no JSON: {error}; write {{{{ title | tojson }}}} without quotes around it, or another \
                     content-type in headers"
                );
                Some(Finding::new("body", message))
            }
            Ok(_) => None,
        }
    }
}

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        let findings = http::check(
            self.url.as_deref(),
            self.proxy.as_deref(),
            "https://hooks.example/probetop",
        );
        if !findings.is_empty() {
            return findings;
        }
        match self.receiver() {
            Ok(receiver) => self.check_body(&receiver).into_iter().collect(),
            Err(finding) => vec![finding],
        }
    }

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
        let template = self.body.as_deref().map(Template::compile).transpose();
        Ok(Box::new(Webhook {
            receiver: self.receiver().map_err(|finding| finding.message)?,
            template: template.map_err(|error| error.message)?,
        }))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

struct Webhook {
    receiver: Receiver,
    template: Option<Template>,
}

impl Webhook {
    fn body(&self, message: &Message) -> Result<Vec<u8>, Fault> {
        let Some(template) = &self.template else {
            return Ok(document::json(message));
        };
        let rendered = template.render(message).map_err(|error| Fault::Lasting {
            message: Text::from(format!("body: {}", error.message)),
        })?;
        Ok(rendered.into_bytes())
    }
}

impl Channel for Webhook {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async { self.receiver.send(self.body(message)?).await })
    }
}
