//! Events out of the table, page by page.

use tokio_postgres::Row;

use super::fault::Fault;
use super::place::Place;
use super::question::{NO_TIME, Question, Seen, nanoseconds, stored};
use super::session::Session;
use crate::eventlog::filter::Filter;
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::event::CloudEvent;

/// The most rows of one answer.
const MOST_ROWS: usize = 200;

/// Returns at most `limit` events that the filter lets through, newest first. The transaction sees one instant, however
/// many answers it takes.
pub(super) async fn select(
    session: &Session<'_>,
    place: &Place,
    filter: &Filter,
    limit: usize,
) -> Result<Page, Fault> {
    let mut found = Finds {
        place,
        events: Vec::new(),
        warnings: Warnings::default(),
    };
    let schema = place.quoted_schema();
    let mut before = filter.before.as_ref().map(Seen::from);
    while found.events.len() < limit {
        let most = limit.saturating_sub(found.events.len()).min(MOST_ROWS);
        let Some(question) = Question::new(&schema, filter, before.as_ref(), most) else {
            break;
        };
        let rows = session.rows(&question.sql, &question.parameters()).await?;
        for row in &rows {
            before = Some(found.add(row)?);
        }
        if rows.len() < most {
            break;
        }
    }
    Ok(Page {
        events: found.events,
        warnings: found.warnings.into_lines(),
    })
}

/// What was found so far.
struct Finds<'a> {
    /// Where.
    place: &'a Place,
    /// The events.
    events: Vec<CloudEvent>,
    /// What could not be read.
    warnings: Warnings,
}

impl Finds<'_> {
    /// Adds a row, or a warning; returns its place in the order. A row that can't be read costs no place of the limit.
    fn add(&mut self, row: &Row) -> Result<Seen, Fault> {
        let seen = Seen {
            id: row.try_get(0)?,
            time: row.try_get(1)?,
        };
        match read(&seen, row.try_get(2)?) {
            Ok(event) => {
                self.warnings.check_time(&self.place.name, &event);
                self.events.push(event);
            }
            Err(problem) => self.warnings.add(
                &self.place.name,
                format_args!("the event `{}` is unreadable: {problem}", seen.id),
            ),
        }
        Ok(seen)
    }
}

/// Reads an event; one that does not stand where it says would be found where it is not looked for.
fn read(seen: &Seen, json: &str) -> Result<CloudEvent, String> {
    let event: CloudEvent = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if stored(&event.id) != seen.id {
        return Err("its row has another id".to_owned());
    }
    if nanoseconds(event.time) != seen.time {
        let time = match seen.time {
            NO_TIME => "none".to_owned(),
            nanoseconds => nanoseconds.to_string(),
        };
        return Err(format!("its row has another time ({time})"));
    }
    Ok(event)
}
