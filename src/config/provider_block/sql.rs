//! A database in `tidegate.yaml`.

use std::num::NonZeroUsize;

use super::connection;
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{Database, RetrySettings, SqlSettings, retry_over};
use crate::spec::reading::{Field, Fields};

/// What the URL of a database looks like.
const EXAMPLE: &str =
    "such as `url: sqlite:metrics.db`, or `url: \"postgres://USER:${PASSWORD}@HOST/DATABASE\"`";

/// Reads how to ask a database. Everything is read even where the URL is wrong, so that every problem is told.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<SqlSettings> {
    let database = database(reader, entry, fields);
    let password = connection::secret(reader, fields, "password", "password_file");
    let tls = connection::tls(reader, fields);
    let concurrency: Option<u32> = reader.count(fields, "concurrency");
    let max_response_bytes: Option<u32> = reader.count(fields, "max_response_bytes");
    let mut settings = SqlSettings::new(database?);
    if let Database::Postgres(url) = &mut settings.database {
        url.password = password.or(url.password.take());
    }
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    settings.tls = tls;
    settings.timeout = policies.timeout.unwrap_or(settings.timeout);
    settings.retry = retry_over(policies.retry, RetrySettings::default());
    settings.concurrency = concurrency
        .and_then(|count| NonZeroUsize::new(size(count)))
        .unwrap_or(settings.concurrency);
    settings.max_response_bytes = max_response_bytes.map_or(settings.max_response_bytes, size);
    Some(settings)
}

/// Reads `url`.
fn database(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<Database> {
    let Some(field) = fields.take_set("url") else {
        let message = format!("the provider `{}` needs a `url`", entry.name);
        reader.findings.error(entry.key, message, EXAMPLE);
        return None;
    };
    let text = reader.field_text(&field)?;
    match Database::parse(&text) {
        Ok(Database::Sqlite(path)) => Some(Database::Sqlite(reader.surroundings.folder.join(path))),
        Ok(server @ Database::Postgres(_)) => Some(server),
        Err(error) => {
            reader
                .findings
                .error(field.span(), error.to_string(), EXAMPLE);
            None
        }
    }
}
