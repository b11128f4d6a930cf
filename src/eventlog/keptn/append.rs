//! Appending: each event is looked up, sent once, and waited for until it can be read.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::KeptnLog;
use super::dispatch::{Dispatch, Parcel};
use super::read::Pages;
use super::trouble::is_certainly_lost;
use crate::control::EventQuestion;
use crate::eventlog::failure::{AppendError, Cause, ReadError, RemoteFailure, Trouble};
use crate::gate::event::CloudEvent;

/// How long to wait before the second look for an event; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest wait between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl KeptnLog {
    /// Appends events one by one; those that Keptn takes from nobody come back as they are.
    pub(super) async fn append_stamped(
        &self,
        events: Vec<CloudEvent>,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        let parcels = events.into_iter().map(|event| self.parcel(event));
        let parcels: Vec<Parcel> = parcels.collect::<Result<_, _>>()?;
        let mut stored: Vec<CloudEvent> = Vec::with_capacity(parcels.len());
        let mut batch = Batch::Untouched;
        for parcel in parcels {
            let event = match parcel {
                Parcel::PassedOver(event) => event,
                Parcel::Sent(dispatch) => {
                    let same = |event: &&CloudEvent| {
                        event.id == dispatch.id && event.event_type == dispatch.event_type
                    };
                    if let Some(earlier) = stored.iter().find(same) {
                        earlier.clone()
                    } else {
                        let result = self.store(&dispatch).await;
                        let event = result.map_err(|error| batch.broken_by(error))?;
                        batch = Batch::Begun;
                        event
                    }
                }
            };
            stored.push(event);
        }
        Ok(stored)
    }

    /// Stores one event, unless it is there already; returns it as it can be read.
    async fn store(&self, dispatch: &Dispatch) -> Result<CloudEvent, AppendError> {
        if let Some(known) = self.look_up(dispatch, &dispatch.context).await? {
            return Ok(known);
        }
        match self.client.send(dispatch.body.clone()).await {
            Ok(context) => self.appears(dispatch, &context, None).await,
            Err(error) if is_certainly_lost(&error) => Err(self.failure(error).into()),
            Err(error) => {
                let context = &dispatch.context;
                self.appears(dispatch, context, Some(error.into())).await
            }
        }
    }

    /// Waits until an event that was sent can be read. It is not sent again: it may be stored late.
    async fn appears(
        &self,
        dispatch: &Dispatch,
        context: &str,
        mut doubt: Option<Cause>,
    ) -> Result<CloudEvent, AppendError> {
        let deadline = Instant::now() + self.timeout;
        let mut pause = FIRST_PAUSE;
        loop {
            match timeout_at(deadline, self.look_up(dispatch, context)).await {
                Ok(Ok(Some(event))) => return Ok(event),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => doubt = Some(error.into()),
                Err(_elapsed) => break,
            }
            if Instant::now() + pause > deadline {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let source = doubt.unwrap_or_else(|| {
            let seconds = self.timeout.as_secs_f64();
            format!(
                "Keptn accepted the event `{}`, but it could not be read within {seconds} s",
                dispatch.id
            )
            .into()
        });
        Err(RemoteFailure::new(&self.name, Trouble::InDoubt, source).into())
    }

    /// Looks for an event by our id, among those of its context; of several the oldest counts.
    async fn look_up(
        &self,
        dispatch: &Dispatch,
        context: &str,
    ) -> Result<Option<CloudEvent>, ReadError> {
        let question = EventQuestion {
            project: Some(dispatch.project.clone()),
            event_type: Some(dispatch.event_type.clone()),
            context: Some(context.to_owned()),
            ..EventQuestion::default()
        };
        let mut pages = Pages::new(self, question, 20);
        let mut oldest: Option<CloudEvent> = None;
        while let Some(events) = pages.next().await? {
            for event in events.into_iter().filter(|event| event.id == dispatch.id) {
                if oldest
                    .as_ref()
                    .is_none_or(|oldest| event.time < oldest.time)
                {
                    oldest = Some(event);
                }
            }
        }
        Ok(oldest)
    }
}

/// How far a batch came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    /// Nothing of it is stored.
    Untouched,
    /// Some of it is stored.
    Begun,
}

impl Batch {
    /// Says of an error that some events are stored, if they are.
    fn broken_by(self, error: AppendError) -> AppendError {
        let failure = match (self, error) {
            (Self::Begun, AppendError::Remote(failure)) => failure,
            (Self::Begun | Self::Untouched, error) => return error,
        };
        RemoteFailure::new(failure.log.clone(), Trouble::InDoubt, failure).into()
    }
}
