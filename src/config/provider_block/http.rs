//! Any HTTP API in `tidegate.yaml`: written out in the entry, or by the name of a definition.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::connection::{Fallback, connection_or};
use crate::config::definition::{self, Named};
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{HttpSettings, Parameter};
use crate::spec::reading::{Field, Fields};

/// Reads an entry that says everything itself.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &mut PolicyLayer,
) -> Option<HttpSettings> {
    let variables = definition::given(reader, entry, fields, None);
    let declared = variables
        .keys()
        .map(|name| (name.clone(), Parameter::default()));
    let declared: BTreeMap<_, _> = declared.collect();
    let read = definition::read(reader, entry, fields, declared);
    if let Some(read) = &read {
        *policies = policies.over(&read.policies);
    }
    let max_is_unset = !fields.has("max_response_bytes");
    let connection = connection_or(reader, entry, fields, policies, Fallback::default());
    let mut connection = connection?;
    if max_is_unset {
        connection.max_response_bytes = HttpSettings::MAX_RESPONSE_BYTES;
    }
    Some(HttpSettings {
        type_name: "http".to_owned(),
        connection,
        definition: Arc::new(read?.definition),
        variables,
    })
}

/// Reads an entry whose definition has a name.
pub(super) fn read_named(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &mut PolicyLayer,
    named: &Named,
) -> Option<HttpSettings> {
    let read = definition::read_entry(reader, entry, fields, named);
    let max_is_unset = !fields.has("max_response_bytes");
    let (fallback, rest) = match read {
        Some(read) => {
            *policies = policies.over(&read.policies);
            (read.fallback, Some((read.definition, read.variables)))
        }
        None => (Fallback::default(), None),
    };
    let connection = connection_or(reader, entry, fields, policies, fallback);
    let mut connection = connection?;
    if max_is_unset {
        connection.max_response_bytes = HttpSettings::MAX_RESPONSE_BYTES;
    }
    let (definition, variables) = rest?;
    Some(HttpSettings {
        type_name: named.name.clone(),
        connection,
        definition: Arc::new(definition),
        variables,
    })
}
