//! A definition as a whole.

use std::collections::BTreeMap;
use std::time::Duration;

use super::blueprint::{Blueprint, TokenUse};
use super::parameters::declared;
use super::{polling, request, response};
use crate::config::reader::Reader;
use crate::gate::{Escape, PolicyLayer};
use crate::provider::{Definition, Parameter};
use crate::spec::reading::{Field, Fields, hint};

/// A definition as it was read, and the policies that go with it.
pub(in crate::config) struct Read {
    /// The definition.
    pub definition: Definition,
    /// What it says about the handling of its answers.
    pub policies: PolicyLayer,
}

/// Reads a definition; `variables` are what its `vars` declare. `None` where something that it needs is wrong.
pub(in crate::config) fn read(
    reader: &mut Reader<'_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
    variables: BTreeMap<String, Parameter>,
) -> Option<Read> {
    let about = raw_text(reader, fields, "about").unwrap_or_default();
    let parameters = reader
        .open(fields, "params")
        .map(|(_, inner)| declared(reader, inner));
    let escape = escape(reader, fields);
    let defaults = defaults(reader, fields);
    let shared = fields.take_set("shared_response");
    let mut blueprint = Blueprint {
        reader,
        variables: &variables,
        parameters: parameters.as_ref(),
        token: TokenUse::Refused,
    };
    let request = request::required(&mut blueprint, owner, fields, "request");
    let response = response::read(&mut blueprint, owner, fields);
    let polling = polling::polling(&mut blueprint, fields);
    let paging = polling::paging(&mut blueprint, fields);
    let probe = request::optional(&mut blueprint, fields, "probe");
    let reader = blueprint.reader;
    if let (Some(field), Some(request)) = (&shared, &request) {
        let is_shared = reader.findings.boolean(field.value, "shared_response");
        if is_shared == Some(true) && request.uses("QUERY") {
            let message = "`shared_response` needs a request that is the same for every SLI, and this one holds ${QUERY}";
            let hint = "put ${QUERY} into `extract`, or remove `shared_response`";
            reader.findings.error(field.key, message, hint);
        }
    }
    let (response, policies) = response?;
    let definition = Definition {
        about,
        escape,
        delay: Duration::ZERO,
        defaults,
        request: request?,
        response,
        polling: polling.ok()?,
        paging: paging.ok()?,
        probe: probe.ok()?,
        variables,
        parameters,
    };
    Some(Read {
        definition,
        policies,
    })
}

/// A part of a definition is wrong; that is told already.
pub(super) struct Wrong;

/// Reads a text as it stands in the file.
pub(super) fn raw_text(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<String> {
    let field = fields.take_set(name)?;
    reader.findings.text(field.value, name)
}

/// Reads `escape`: the language of queries.
fn escape(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Escape {
    let Some(field) = fields.take_set("escape") else {
        return Escape::Refuse;
    };
    let text = reader.findings.text(field.value, "escape");
    let text = text.unwrap_or_default();
    Escape::named(&text).unwrap_or_else(|| {
        let message = format!("`escape` can't be `{text}`");
        reader
            .findings
            .error(field.span(), message, hint(&text, &Escape::NAMES));
        Escape::Refuse
    })
}

/// Reads `defaults`: the queries of indicators that no file defines.
fn defaults(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> BTreeMap<String, String> {
    let Some((_, inner)) = reader.open(fields, "defaults") else {
        return BTreeMap::new();
    };
    let fields = inner.rest();
    let read = |field: Field<'_>| {
        let query = reader.findings.text(field.value, &field.name)?;
        Some((field.name, query))
    };
    fields.into_iter().filter_map(read).collect()
}
