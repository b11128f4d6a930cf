//! Events into the table, and out of it for good.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::place::Place;
use super::question::{NO_TIME, nanoseconds, stored};
use super::schema::lock_key;
use super::session::Session;
use crate::eventlog::Times;
use crate::eventlog::envelope::{Envelope, SeriesKey, encode, stamp};
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;

/// The most rows of one statement.
const MOST_ROWS: usize = 500;
/// The bytes of events after which a statement is sent.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most series that are locked one by one: the server has room for a few thousand locks in all.
const MOST_LOCKS: usize = 32;

/// Stores events within the transaction, and returns them as stored.
pub(super) async fn insert(
    session: &Session<'_>,
    place: &Place,
    events: &[CloudEvent],
    times: Times,
) -> Result<Vec<CloudEvent>, Fault> {
    let envelopes: Vec<Envelope> = events.iter().map(Envelope::of).collect();
    let mut series: Vec<&SeriesKey> = Vec::new();
    for Envelope { series: own, .. } in &envelopes {
        if !series.contains(&own) {
            series.push(own);
        }
    }
    lock(session, place, &series).await?;
    let ids: Vec<String> = events.iter().map(|event| stored(&event.id)).collect();
    let mut known = by_id(session, place, &ids).await?;
    let mut newest = match times {
        Times::Stamped => newest_of(session, place, &series).await?,
        Times::Kept => HashMap::new(),
    };
    let mut rows = Rows::default();
    let mut answer = Vec::with_capacity(events.len());
    for (event, envelope) in events.iter().zip(envelopes) {
        if let Some(stored) = known.get(&event.id) {
            answer.push(stored.clone());
            continue;
        }
        let mut event = event.clone();
        if times == Times::Stamped {
            let newest = newest.entry(envelope.series.clone()).or_default();
            event.time = stamp(event.time, *newest);
            *newest = event.time.max(*newest);
        }
        rows.add(&event, &envelope).map_err(Fault::Event)?;
        known.insert(event.id.clone(), event.clone());
        answer.push(event);
        if rows.is_full() {
            std::mem::take(&mut rows).send(session, place).await?;
        }
    }
    rows.send(session, place).await?;
    Ok(answer)
}

/// Removes events; returns how many were there.
pub(super) async fn delete(
    session: &Session<'_>,
    place: &Place,
    ids: &[String],
) -> Result<usize, Fault> {
    let schema = place.quoted_schema();
    let statement = format!("DELETE FROM {schema}.events WHERE id = ANY($1)");
    let mut removed = 0;
    for some in ids.chunks(MOST_ROWS) {
        let some: Vec<String> = some.iter().map(|id| stored(id)).collect();
        let changed = session
            .change(&statement, &[(&some, Type::TEXT_ARRAY)])
            .await?;
        removed += usize::try_from(changed).unwrap_or(usize::MAX);
    }
    Ok(removed)
}

/// Waits until no other writer is at work in these series. Many series are locked as one: the whole log.
async fn lock(session: &Session<'_>, place: &Place, series: &[&SeriesKey]) -> Result<(), Fault> {
    let whole = lock_key(place, None);
    if series.len() > MOST_LOCKS {
        let lock = "SELECT pg_catalog.pg_advisory_xact_lock($1)::text";
        session.rows(lock, &[(&whole, Type::INT8)]).await?;
        return Ok(());
    }
    let mut keys: Vec<i64> = series
        .iter()
        .map(|series| lock_key(place, Some(series)))
        .collect();
    keys.sort_unstable();
    let lock = "SELECT pg_catalog.pg_advisory_xact_lock_shared($1)::text UNION ALL \
        SELECT pg_catalog.pg_advisory_xact_lock(key)::text FROM pg_catalog.unnest($2::bigint[]) AS key";
    session
        .rows(lock, &[(&whole, Type::INT8), (&keys, Type::INT8_ARRAY)])
        .await?;
    Ok(())
}

/// Returns the events that are stored under some ids.
async fn by_id(
    session: &Session<'_>,
    place: &Place,
    ids: &[String],
) -> Result<HashMap<String, CloudEvent>, Fault> {
    let schema = place.quoted_schema();
    let query = format!("SELECT id, json FROM {schema}.events WHERE id = ANY($1)");
    let mut found = HashMap::new();
    for some in ids.chunks(MOST_ROWS) {
        let some = some.to_vec();
        for row in session.rows(&query, &[(&some, Type::TEXT_ARRAY)]).await? {
            let id: &str = row.try_get(0)?;
            match serde_json::from_str::<CloudEvent>(row.try_get(1)?) {
                Ok(event) if stored(&event.id) == id => found.insert(event.id.clone(), event),
                Ok(_) | Err(_) => return Err(Fault::Unreadable(id.to_owned())),
            };
        }
    }
    Ok(found)
}

/// Returns the newest time of each series.
async fn newest_of(
    session: &Session<'_>,
    place: &Place,
    series: &[&SeriesKey],
) -> Result<HashMap<SeriesKey, Option<Timestamp>>, Fault> {
    let column = |name: fn(&SeriesKey) -> &String| -> Vec<String> {
        series.iter().map(|own| stored(name(own))).collect()
    };
    let projects = column(|own| &own.project);
    let stages = column(|own| &own.stage);
    let services = column(|own| &own.service);
    let schema = place.quoted_schema();
    let query = format!(
        "SELECT (SELECT max(e.time) FROM {schema}.events AS e
                WHERE e.project = s.project AND e.stage = s.stage AND e.service = s.service)
            FROM unnest($1::text[], $2::text[], $3::text[])
                WITH ORDINALITY AS s (project, stage, service, place)
            ORDER BY s.place"
    );
    let parameters: [super::session::Parameter<'_>; 3] = [
        (&projects, Type::TEXT_ARRAY),
        (&stages, Type::TEXT_ARRAY),
        (&services, Type::TEXT_ARRAY),
    ];
    let rows = session.rows(&query, &parameters).await?;
    let mut newest = HashMap::new();
    for (own, row) in series.iter().zip(&rows) {
        let time: Option<i64> = row.try_get(0)?;
        let time = time.filter(|time| *time != NO_TIME);
        let time = time.and_then(|time| Timestamp::from_nanosecond(time.into()).ok());
        newest.insert((*own).clone(), time);
    }
    Ok(newest)
}

/// Rows to store, column by column.
#[derive(Default)]
struct Rows {
    /// `id`
    ids: Vec<String>,
    /// `type`
    types: Vec<String>,
    /// `time`
    times: Vec<i64>,
    /// `project`
    projects: Vec<String>,
    /// `stage`
    stages: Vec<String>,
    /// `service`
    services: Vec<String>,
    /// `context`
    contexts: Vec<Option<String>>,
    /// `triggeredid`
    triggers: Vec<Option<String>>,
    /// `result`
    results: Vec<Option<&'static str>>,
    /// `json`
    events: Vec<String>,
    /// How many bytes the events have.
    bytes: usize,
}

impl Rows {
    /// Adds an event.
    fn add(
        &mut self,
        event: &CloudEvent,
        envelope: &Envelope,
    ) -> Result<(), crate::eventlog::AppendError> {
        let json = encode(event)?;
        self.bytes += json.len();
        self.events.push(json);
        self.ids.push(stored(&envelope.id));
        self.types.push(stored(&envelope.event_type));
        self.times.push(nanoseconds(event.time));
        self.projects.push(stored(&envelope.series.project));
        self.stages.push(stored(&envelope.series.stage));
        self.services.push(stored(&envelope.series.service));
        self.contexts.push(envelope.context.as_deref().map(stored));
        self.triggers
            .push(envelope.triggered_id.as_deref().map(stored));
        self.results.push(envelope.result.map(Verdict::as_str));
        Ok(())
    }

    /// Tells whether they are enough for one statement.
    fn is_full(&self) -> bool {
        self.events.len() >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    /// Stores the rows. One whose id another writer stored after we looked is not counted: then all begins again.
    async fn send(self, session: &Session<'_>, place: &Place) -> Result<(), Fault> {
        if self.events.is_empty() {
            return Ok(());
        }
        let statement = format!(
            "INSERT INTO {}.events
                (id, type, time, project, stage, service, context, triggeredid, result, json)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[],
                $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
            ON CONFLICT (id) DO NOTHING",
            place.quoted_schema()
        );
        let parameters: [super::session::Parameter<'_>; 10] = [
            (&self.ids, Type::TEXT_ARRAY),
            (&self.types, Type::TEXT_ARRAY),
            (&self.times, Type::INT8_ARRAY),
            (&self.projects, Type::TEXT_ARRAY),
            (&self.stages, Type::TEXT_ARRAY),
            (&self.services, Type::TEXT_ARRAY),
            (&self.contexts, Type::TEXT_ARRAY),
            (&self.triggers, Type::TEXT_ARRAY),
            (&self.results, Type::TEXT_ARRAY),
            (&self.events, Type::TEXT_ARRAY),
        ];
        let count = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        if session.change(&statement, &parameters).await? != count {
            return Err(Fault::Overtaken);
        }
        Ok(())
    }
}
