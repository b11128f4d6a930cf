//! What to look for among the events, as SQL that one index answers in order.

use rusqlite::types::Value;

/// What to look for among the events: all that is said must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// Of this project.
    pub project: Option<String>,
    /// Of this stage.
    pub stage: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// Of this type.
    pub event_type: Option<String>,
    /// Of this context.
    pub context: Option<String>,
    /// With this id.
    pub id: Option<String>,
    /// From this source.
    pub source: Option<String>,
    /// At or after this moment: nanoseconds since 1970.
    pub since: Option<i64>,
    /// Before this moment: nanoseconds since 1970.
    pub before: Option<i64>,
    /// Only the first event of each context.
    pub only_roots: bool,
    /// Without those that an event of this type invalidates.
    pub invalidated_by: Option<String>,
    /// Whose members have one of these values.
    pub members: Vec<Member>,
}

/// A member of an event, and which values it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where it is: the names on the way there.
    pub path: Vec<String>,
    /// The values.
    pub values: Vec<String>,
}

/// A search as SQL.
pub(super) struct Question {
    /// `FROM …` and `WHERE …`
    pub from: String,
    /// What to put for its question marks.
    pub values: Vec<Value>,
}

impl Question {
    /// Returns the question that a search comes to.
    pub(super) fn of(search: &EventSearch) -> Self {
        let mut question = Self {
            from: format!("FROM events e{} WHERE 1", index(search)),
            values: Vec::new(),
        };
        for (column, value) in [
            ("id", &search.id),
            ("context", &search.context),
            ("project", &search.project),
            ("stage", &search.stage),
            ("service", &search.service),
            ("type", &search.event_type),
        ] {
            if let Some(value) = value {
                question.and(&format!("e.{column} = ?"), [value.clone()]);
            }
        }
        for (sign, moment) in [(">=", search.since), ("<", search.before)] {
            if let Some(moment) = moment {
                question.and(&format!("e.time {sign} ?"), [Value::Integer(moment)]);
            }
        }
        if let Some(source) = &search.source {
            let is = "json_extract(e.json, '$.source') = ?";
            question.and(is, [source.clone()]);
        }
        for member in &search.members {
            question.member(member);
        }
        if search.only_roots {
            let is_root = "EXISTS (SELECT 1 FROM server_roots r
                WHERE r.context = e.context AND r.position = e.position)";
            question.and::<Value>(is_root, []);
        }
        if let Some(event_type) = &search.invalidated_by {
            let counts = "NOT EXISTS (SELECT 1 FROM events i INDEXED BY server_events_by_type
                WHERE i.project = e.project AND i.type = ? AND i.triggeredid = e.triggeredid)";
            question.and(counts, [event_type.clone()]);
        }
        question
    }

    /// Adds a condition.
    fn and<V: Into<Value>>(&mut self, condition: &str, values: impl IntoIterator<Item = V>) {
        self.from.push_str(" AND ");
        self.from.push_str(condition);
        self.values.extend(values.into_iter().map(Into::into));
    }

    /// Adds a condition on a member.
    fn member(&mut self, member: &Member) {
        // The path is a value, too; its names hold no quotes, which JSON paths have no way to write.
        let path: String = member.path.iter().fold("$".to_owned(), |mut path, name| {
            path.push_str(".\"");
            path.push_str(&name.replace('"', ""));
            path.push('"');
            path
        });
        let marks = vec!["?"; member.values.len()].join(", ");
        let is_one = format!("CAST(json_extract(e.json, ?) AS TEXT) IN ({marks})");
        let values = std::iter::once(path).chain(member.values.iter().cloned());
        self.and(&is_one, values);
    }
}

/// Returns the index that gives what is looked for in the order of the times. SQLite knows nothing of how events are
/// spread.
fn index(search: &EventSearch) -> &'static str {
    let is_series = search.project.is_some() && search.stage.is_some() && search.service.is_some();
    if search.id.is_some() {
        ""
    } else if search.context.is_some() {
        " INDEXED BY by_context"
    } else if search.project.is_some() && search.event_type.is_some() {
        " INDEXED BY server_events_by_type"
    } else if is_series {
        " INDEXED BY by_series"
    } else if search.project.is_some() {
        " INDEXED BY server_events_by_project"
    } else {
        " INDEXED BY by_time"
    }
}
