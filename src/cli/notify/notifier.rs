//! Tells everyone who wants to hear of it, all at the same time.

use std::time::Duration;

use futures_util::future::join_all;

use super::addressee::{self, Addressee};
use super::delivery::deliver;
use crate::app::Beginning;
use crate::cli::clock;
use crate::cli::command::{Configured, World};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::{Goal, stopped};
use crate::gate::Ending;
use crate::report::notification::{Notice, What};
use crate::report::{Account, Unjudged, printable};

/// How long telling may take.
const LONGEST: Duration = Duration::from_secs(10);
/// How long it may take where `--timeout` leaves nothing.
const LEAST: Duration = Duration::from_secs(1);

/// Tells everyone whom the settings of a target name.
pub struct Notifier {
    /// They.
    addressees: Vec<Addressee>,
    /// How long the call may take.
    timeout: Option<Duration>,
}

impl Notifier {
    /// Reads whom the settings name.
    pub fn of(configured: &Configured, world: &World<'_>) -> Result<Self, Failure> {
        Ok(Self {
            addressees: addressee::all(configured, world.environment)?,
            timeout: configured.timeout,
        })
    }

    /// Tells whether someone wants to hear of changes only.
    pub fn looks_back(&self) -> bool {
        let mut addressees = self.addressees.iter();
        addressees.any(|one| one.settings.occasions.look_back())
    }

    /// Tells of an evaluation.
    pub async fn evaluated(
        &self,
        account: &Account<'_>,
        previous: Option<Ending>,
        began: Beginning,
        world: &World<'_>,
    ) {
        let ending = Ending::of(account.record);
        let wanting = |one: &&Addressee| one.settings.occasions.include(ending, previous);
        let notice = Notice {
            what: What::Judged { account, previous },
            link: account.job.and_then(|job| job.url.as_deref()),
        };
        let wanting = self.addressees.iter().filter(wanting).collect();
        self.tell(wanting, notice, began, world).await;
    }

    /// Tells that there is no verdict. Whoever ended the call knows that already.
    pub async fn unjudged(
        &self,
        unjudged: &Unjudged<'_>,
        exit: Exit,
        began: Beginning,
        world: &World<'_>,
    ) {
        if matches!(exit, Exit::Interrupted | Exit::HungUp | Exit::Terminated) {
            return;
        }
        let wanting = |one: &&Addressee| one.settings.occasions.include_errors();
        let notice = Notice {
            what: What::Unjudged(unjudged),
            link: None,
        };
        let wanting = self.addressees.iter().filter(wanting).collect();
        self.tell(wanting, notice, began, world).await;
    }

    /// Tells them, until that is done, or someone ends the call.
    async fn tell(
        &self,
        addressees: Vec<&Addressee>,
        notice: Notice<'_>,
        began: Beginning,
        world: &World<'_>,
    ) {
        if addressees.is_empty() {
            return;
        }
        let limit = self.patience(began);
        let now = clock::now();
        let deliveries = addressees.iter().map(|one| {
            let settings = &one.settings;
            let link = settings.link.as_deref().or(notice.link);
            let payload = settings.channel.payload(&Notice { link, ..notice });
            deliver(one, payload.to_string(), now, limit)
        });
        let delivered = tokio::select! {
            biased;
            _ended = stopped(None, Goal::Answers) => {
                world.console.say("warning: interrupted before everyone was told; the verdict stands");
                return;
            }
            delivered = join_all(deliveries) => delivered,
        };
        for (one, delivered) in addressees.iter().zip(delivered) {
            let channel = one.settings.channel;
            let text = match delivered {
                Ok(host) => format!("told {channel} at {host}"),
                Err(trouble) => {
                    let origin = &one.settings.origin;
                    format!("warning: {channel} was not told ({origin}): {trouble}")
                }
            };
            world.console.say(&printable(&text));
        }
    }

    /// Returns how long telling may take: what `--timeout` leaves, within reason.
    fn patience(&self, began: Beginning) -> Duration {
        let left = |timeout: Duration| timeout.saturating_sub(began.instant.elapsed());
        self.timeout.map_or(LONGEST, left).clamp(LEAST, LONGEST)
    }
}
