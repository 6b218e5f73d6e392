//! Notifications: what leaves, in which form, and what becomes of it when receivers are slow, failing, away or well; and
//! against a real Alertmanager (`cargo test --test alerting notify:: -- --include-ignored`).

mod alertmanager;
mod delivery;
mod faults;
mod secrets;
mod settings;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::config::{Config, Overrides, Problems};
use probetop::notify::dispatcher::{self, Dispatcher};
use probetop::notify::kind::ChannelContext;
use probetop::notify::lane::Offer;
use probetop::notify::message::Message;
use probetop::notify::settings::ChannelConfig;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{AlertId, ChannelReport};
use probetop_core::snapshot::{AlertState, Announcement, AnnouncementReason};

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// What comes from the environment in these tests.
const SECRET: &str = "s3cret-of-the-environment";

fn load(text: &str) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, text).unwrap();
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    Config::load(&overrides, &|name| (name == "SECRET").then(|| SECRET.to_owned()))
}

/// Channels as they are written, at work.
struct Notifying {
    clock: Clock,
    dispatcher: Dispatcher,
    at_work: Vec<ChannelConfig>,
    reports: Arc<[ChannelReport]>,
}

impl Notifying {
    #[track_caller]
    fn by(text: &str) -> Self {
        let clock = Clock::system();
        let dispatcher = Dispatcher::start(clock.clone(), "monitor.example".into(), 1).unwrap();
        let mut notifying = Self {
            clock,
            dispatcher,
            at_work: Vec::new(),
            reports: Arc::default(),
        };
        notifying.follow(text);
        notifying
    }

    #[track_caller]
    fn follow(&mut self, text: &str) {
        let config = load(text).unwrap_or_else(|problems| panic!("{problems}"));
        let made = dispatcher::make(&config.channels, &self.at_work, &ChannelContext::default()).unwrap();
        self.dispatcher.follow(&config.channels, made);
        self.at_work = config.channels;
    }

    fn offer(&mut self, announcements: Vec<Announcement>) {
        self.dispatcher.offer(&Offer {
            announcements,
            targets: example(&self.clock).targets,
            wall_origin: origin(&self.clock),
        });
    }

    fn announce(&mut self, id: u64, occasion: AnnouncementReason) {
        let announcement = announcement(&self.clock, id, occasion);
        self.offer(vec![announcement]);
    }

    /// The first channel's report, once it is as wanted.
    #[track_caller]
    fn report_where(&mut self, what: &str, is_wanted: impl Fn(&ChannelReport) -> bool) -> ChannelReport {
        let end = self.clock.now() + PATIENCE;
        loop {
            if let Some(reports) = self.dispatcher.reports() {
                self.reports = reports;
            }
            if let Some(report) = self.reports.first().filter(|report| is_wanted(report)) {
                return report.clone();
            }
            assert!(self.clock.now() < end, "{what}: {:?}", self.reports);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn example(clock: &Clock) -> Message {
    Message::example(clock.now(), origin(clock))
}

/// The wall clock at the origin of `clock`.
fn origin(clock: &Clock) -> SystemTime {
    clock.wall() - clock.now().since_origin()
}

/// Of an alert of its own, in a group of its own.
fn announcement(clock: &Clock, id: u64, occasion: AnnouncementReason) -> Announcement {
    let mut announcement = example(clock).announcements.remove(0);
    announcement.occasion = occasion;
    announcement.group = format!("cause {id}").into();
    announcement.alert.id = AlertId(id);
    announcement.alert.name = format!("alert {id}").into();
    if occasion == AnnouncementReason::Resolved {
        announcement.alert.state = AlertState::Resolved;
        announcement.alert.resolved = Some(clock.now());
        announcement.alert.fired = Some(Timestamp::ZERO);
    }
    announcement
}
