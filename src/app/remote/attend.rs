//! Waits until a delivery has come to its end, and tells what happens meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::outcome::Delivery;
use super::queue::{predecessor, waits};
use super::untaken::Vigil;
use crate::control::{CallError, EventQuestion, KeptnClient, SequenceState};
use crate::gate::event::CloudEvent;
use crate::sequence::Shipyard;

/// How much older than the newest event an event may be that comes after it.
const LATE: SignedDuration = SignedDuration::from_secs(60);
/// The most failures in a row that are waited out.
const MOST_FAILURES: u32 = 5;

/// How often to look, and how long to wait for what must follow.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long to wait before the second look; longer before each further one.
    pub first: Duration,
    /// The longest wait between two looks.
    pub longest: Duration,
    /// How long what must follow may be missing after the server says that all is finished.
    pub grace: Duration,
}

/// What is waited for.
#[derive(Debug)]
pub struct Attendance<'a> {
    /// Speaks to the control plane.
    pub client: &'a KeptnClient,
    /// The project.
    pub project: &'a str,
    /// The context.
    pub context: &'a str,
    /// The shipyard, where it is known.
    pub shipyard: Option<&'a Shipyard>,
    /// How often to look.
    pub pace: Pace,
}

/// Hears what happens while a delivery is waited for.
pub trait Attendant {
    /// An event has come.
    fn event(&mut self, event: &CloudEvent);

    /// The delivery stands otherwise than before.
    fn standing(&mut self, delivery: &Delivery);

    /// The delivery waits in line; where it is known, behind this context.
    fn in_line(&mut self, behind: Option<&str>);

    /// A task has been out for long, and nobody has taken it.
    fn untaken(&mut self, task: &str, stage: &str);
}

/// What was seen of a delivery.
#[derive(Clone, Debug, Default)]
pub struct Attended {
    /// How it stands.
    pub delivery: Delivery,
    /// Its events, oldest first.
    pub events: Vec<CloudEvent>,
    /// The context behind which it waits in line, where that is known.
    pub behind: Option<String>,
}

impl Pace {
    /// How often a control plane is asked.
    pub const USUAL: Self = Self {
        first: Duration::from_millis(200),
        longest: Duration::from_secs(5),
        grace: Duration::from_secs(60),
    };
}

/// Waits until a delivery has come to its end. What is known so far is kept in `attended`, for whoever stops waiting.
pub async fn attend(
    attendance: &Attendance<'_>,
    attended: &mut Attended,
    onlooker: &mut dyn Attendant,
) -> Result<(), CallError> {
    let pace = attendance.pace;
    let mut pause = pace.first;
    let mut failures = 0;
    let mut settled = false;
    let mut lacking = Duration::ZERO;
    let mut ids = BTreeSet::new();
    let (mut vigil, mut passed) = (Vigil::default(), Duration::ZERO);
    loop {
        let since = if settled {
            None
        } else {
            cursor(&attended.events)
        };
        match look(attendance, since).await {
            Ok((state, events)) => {
                failures = 0;
                let has_news = take(attended, &mut ids, events, onlooker);
                stand(attendance, attended, state.as_ref(), onlooker).await;
                let delivery = &attended.delivery;
                for one in vigil.look(&attended.events, &delivery.open, passed) {
                    onlooker.untaken(&one.task, &one.stage);
                }
                // The second look is at the whole history: nothing that came late is overlooked.
                if delivery.has_ended() && settled && !has_news {
                    return Ok(());
                }
                settled = delivery.has_ended();
                if !delivery.lacks_follow_ups() {
                    lacking = Duration::ZERO;
                }
                if lacking >= pace.grace {
                    return Ok(());
                }
                if has_news || settled {
                    pause = pace.first;
                }
            }
            Err(error) if failures < MOST_FAILURES && may_pass(&error) => failures += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause).await;
        lacking += pause;
        passed += pause;
        pause = (pause * 3 / 2).min(pace.longest);
    }
}

/// Takes note of how the delivery stands now.
async fn stand(
    attendance: &Attendance<'_>,
    attended: &mut Attended,
    state: Option<&SequenceState>,
    onlooker: &mut dyn Attendant,
) {
    let delivery = Delivery::of(attendance.shipyard, &attended.events, state);
    if delivery == attended.delivery {
        return;
    }
    let begins_to_wait = waits(&delivery.state) && !waits(&attended.delivery.state);
    attended.delivery = delivery;
    onlooker.standing(&attended.delivery);
    if !begins_to_wait {
        return;
    }
    if let Some(state) = state {
        // It is told for people only: whoever can't be asked leaves the wait as it is.
        let found = predecessor(attendance.client, state).await;
        attended.behind = found.unwrap_or_default();
    }
    onlooker.in_line(attended.behind.as_deref());
}

/// Asks how the context stands, and for its events.
async fn look(
    attendance: &Attendance<'_>,
    since: Option<Timestamp>,
) -> Result<(Option<SequenceState>, Vec<CloudEvent>), CallError> {
    let Attendance {
        client,
        project,
        context,
        ..
    } = *attendance;
    // The state first: what it speaks of is in the history by then.
    let state = client.sequence(project, context).await?;
    let question = EventQuestion {
        project: Some(project.to_owned()),
        context: Some(context.to_owned()),
        since,
        ..EventQuestion::default()
    };
    let events = client.history(&question, usize::MAX).await?;
    Ok((state, events))
}

/// Returns from when on events are asked for.
fn cursor(events: &[CloudEvent]) -> Option<Timestamp> {
    let newest = events.iter().filter_map(|event| event.time).max()?;
    newest.checked_sub(LATE).ok()
}

/// Takes the events that are new; tells whether there were any.
fn take(
    attended: &mut Attended,
    ids: &mut BTreeSet<String>,
    mut events: Vec<CloudEvent>,
    onlooker: &mut dyn Attendant,
) -> bool {
    events.retain(|event| ids.insert(event.id.clone()));
    // They come newest first.
    events.reverse();
    for event in &events {
        onlooker.event(event);
    }
    let has_news = !events.is_empty();
    attended.events.extend(events);
    attended.events.sort_by_key(|event| event.time);
    has_news
}

/// Tells whether the same call may do better in a while.
fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Unsent(_) => true,
        CallError::Refused { status, .. } => *status == 429 || *status >= 500,
        CallError::NoToken { .. } | CallError::Unreadable { .. } => false,
    }
}
