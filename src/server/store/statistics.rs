//! Counting events.

use jiff::Timestamp;

use super::Store;
use crate::eventlog::ReadError;

/// How many events there are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCount {
    /// The project.
    pub project: String,
    /// The service.
    pub service: String,
    /// The type.
    pub event_type: String,
    /// Who sent them.
    pub source: String,
    /// How many.
    pub count: u64,
}

impl Store {
    /// Counts the events of a time by project, service, type and source; only those that name a project and a service.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn counts(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<EventCount>, ReadError> {
        let nanoseconds = |time: Timestamp| {
            i64::try_from(time.as_nanosecond()).unwrap_or(if time < Timestamp::UNIX_EPOCH {
                i64::MIN
            } else {
                i64::MAX
            })
        };
        let (from, to) = (nanoseconds(from), nanoseconds(to));
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT project, service, type, coalesce(json_extract(json, '$.source'), ''), count(*) FROM events \
                 WHERE time >= ? AND time <= ? AND project <> '' AND service <> '' GROUP BY 1, 2, 3, 4",
            )?;
            let rows = statement.query_map([from, to], |row| {
                let count: i64 = row.get(4)?;
                Ok(EventCount {
                    project: row.get(0)?,
                    service: row.get(1)?,
                    event_type: row.get(2)?,
                    source: row.get(3)?,
                    count: u64::try_from(count).unwrap_or_default(),
                })
            })?;
            rows.collect()
        })
        .await
    }
}
