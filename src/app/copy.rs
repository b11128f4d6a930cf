//! Copies a whole log into another one, and checks that everything arrived.

use std::collections::BTreeMap;

use super::chronology::Chronology;
use super::deliver::{DeliverError, Delivered, deliver, known_ids};
use crate::eventlog::{EventLog, Filter, ReadError};

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// What became of the events.
    pub delivered: Delivered,
    /// How many events of each series there are in the log that was copied, and how many of them in the other one.
    pub series: BTreeMap<String, (usize, usize)>,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

impl Copied {
    /// Returns how many events did not arrive: those that were added meanwhile.
    #[must_use]
    pub fn missing(&self) -> usize {
        let series = self.series.values();
        series.map(|(all, found)| all.saturating_sub(*found)).sum()
    }
}

/// A log could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The log that was to be copied.
    #[error(transparent)]
    From(ReadError),
    /// The log that it was to be copied into.
    #[error(transparent)]
    To(DeliverError),
}

/// Copies every event with its time, oldest first, and looks again whether each is there. What is there already is not
/// sent again, so a copy that was interrupted goes on.
pub async fn copy(
    from: &dyn EventLog,
    to: &dyn EventLog,
    progress: &dyn Fn(Delivered),
) -> Result<Copied, CopyError> {
    let mut copied = Copied::default();
    let mut chronology = Chronology::new(from, Filter::default());
    while let Some(events) = chronology.next().await.map_err(CopyError::From)? {
        let delivered = deliver(to, events).await.map_err(CopyError::To)?;
        copied.delivered.fresh += delivered.fresh;
        copied.delivered.known += delivered.known;
        progress(copied.delivered);
    }
    copied.warnings = chronology.warnings;
    let mut again = Chronology::new(from, Filter::default());
    while let Some(events) = again.next().await.map_err(CopyError::From)? {
        let known = known_ids(to, &events).await;
        let known = known.map_err(|error| CopyError::To(error.into()))?;
        for event in &events {
            let [project, stage, service] =
                ["project", "stage", "service"].map(|name| event.data_text(name));
            let series = format!("{project}/{stage}/{service}");
            let (all, found) = copied.series.entry(series).or_default();
            *all += 1;
            *found += usize::from(known.contains(&event.id));
        }
    }
    Ok(copied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{evaluation, event, memory, store};
    use crate::eventlog::Times;

    #[tokio::test]
    async fn a_copy_that_was_interrupted_goes_on_and_doubles_nothing() {
        let (from, to) = (memory(), memory());
        let events: Vec<_> = (0..40)
            .flat_map(|at| evaluation(&format!("e{at:02}"), at, "pass", 90.0))
            .collect();
        store(from.as_ref(), events.clone()).await;
        store(to.as_ref(), events[..31].to_vec()).await;
        let copied = copy(from.as_ref(), to.as_ref(), &|_| ()).await.unwrap();
        let expected = Delivered {
            fresh: 49,
            known: 31,
        };
        assert_eq!(copied.delivered, expected);
        assert_eq!(copied.missing(), 0);
        assert_eq!(copied.series["sockshop/staging/carts"], (80, 80));
        let read = |log: Box<dyn EventLog>| async move {
            log.events(&Filter::default(), 100).await.unwrap().events
        };
        assert_eq!(read(from).await, read(to).await);
    }

    #[tokio::test]
    async fn times_stay_as_they_are_even_before_what_is_there() {
        let (from, to) = (memory(), memory());
        store(from.as_ref(), vec![event("old", Some(1))]).await;
        let newer = vec![event("new", Some(9))];
        to.append(newer, Times::Stamped).await.unwrap();
        copy(from.as_ref(), to.as_ref(), &|_| ()).await.unwrap();
        let page = to.events(&Filter::default(), 9).await.unwrap();
        assert_eq!(page.events[1], event("old", Some(1)));
    }
}
