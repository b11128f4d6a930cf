//! How a definition waits for results, and follows pages.

use std::time::Duration;

use serde_json_path::JsonPath;

use super::blueprint::{Blueprint, TokenUse};
use super::{Wrong, request};
use crate::provider::{Condition, NextPage, OtherParameters, Paging, Polling, RequestTemplate};
use crate::spec::reading::{Field, Fields};

/// How often to poll when nothing is said.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long to poll when nothing is said.
const MAX: Duration = Duration::from_secs(60);

/// How many pages there may be when nothing is said.
const MAX_PAGES: u32 = 20;

/// Reads `async`.
pub(super) fn polling(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
) -> Result<Option<Polling>, Wrong> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "async") else {
        return Ok(None);
    };
    let token = token(blueprint, &field, &mut inner);
    let before = std::mem::replace(&mut blueprint.token, TokenUse::Allowed);
    let then = then(blueprint, &mut inner);
    let poll = poll(blueprint, &field, &mut inner);
    let result = request::optional(blueprint, &mut inner, "result");
    let cancel = request::optional(blueprint, &mut inner, "cancel");
    blueprint.token = before;
    let done_when = condition(blueprint, &mut inner, "done_when");
    if done_when.is_none() {
        let example = "done_when: { jsonpath: $.state, in: [DONE] }";
        blueprint.missing(&field, "done_when", example);
    }
    let fail_when = condition(blueprint, &mut inner, "fail_when");
    let known = [
        "token",
        "then",
        "poll",
        "done_when",
        "fail_when",
        "result",
        "cancel",
    ];
    blueprint.reader.refuse_rest(inner, "`async`", &known);
    let (poll, interval, max) = poll.ok_or(Wrong)?;
    Ok(Some(Polling {
        token: token.ok_or(Wrong)?,
        then: then?,
        poll,
        interval,
        max,
        done_when: done_when.ok_or(Wrong)?,
        fail_when,
        result: result?,
        cancel: cancel?,
    }))
}

/// Reads `token`.
fn token(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<JsonPath> {
    let path = blueprint
        .reader
        .open(fields, "token")
        .and_then(|(_, mut inner)| {
            let path = blueprint.optional_path(&mut inner, "jsonpath");
            blueprint
                .reader
                .refuse_rest(inner, "`token`", &["jsonpath"]);
            path
        });
    if path.is_none() {
        blueprint.missing(owner, "token", "token: { jsonpath: $.requestToken }");
    }
    path
}

/// Reads `then`: a request whose answer has the token for what follows.
fn then(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
) -> Result<Option<(RequestTemplate, JsonPath)>, Wrong> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "then") else {
        return Ok(None);
    };
    let token = token(blueprint, &field, &mut inner);
    let request = request::read(blueprint, &field, &mut inner);
    let known = [&request::REQUEST_KEYS[..], &["token"]].concat();
    blueprint.reader.refuse_rest(inner, "`then`", &known);
    request.zip(token).map(Some).ok_or(Wrong)
}

/// Reads `poll`: a request, and how patient to be.
fn poll(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<(RequestTemplate, Duration, Duration)> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "poll") else {
        blueprint.missing(owner, "poll", "poll: { path: /query/${TOKEN} }");
        return None;
    };
    let interval = blueprint.duration(&mut inner, "interval", INTERVAL);
    let max = blueprint.duration(&mut inner, "max", MAX);
    let request = request::read(blueprint, &field, &mut inner);
    let known = [&request::REQUEST_KEYS[..], &["interval", "max"]].concat();
    blueprint.reader.refuse_rest(inner, "`poll`", &known);
    Some((request?, interval, max))
}

/// Reads `done_when` or `fail_when`.
fn condition(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<Condition> {
    let (field, mut inner) = blueprint.reader.open(fields, name)?;
    let path = blueprint.optional_path(&mut inner, "jsonpath");
    let values = blueprint.values(&mut inner);
    let known = ["jsonpath", "equals", "in"];
    blueprint
        .reader
        .refuse_rest(inner, &format!("`{name}`"), &known);
    let condition = path.filter(|_| !values.is_empty());
    if condition.is_none() {
        let message = format!("`{name}` needs a `jsonpath`, and `equals` or `in`");
        let hint = "such as `{ jsonpath: $.state, in: [DONE] }`";
        blueprint.reader.findings.error(field.key, message, hint);
    }
    condition.map(|path| Condition { path, values })
}

/// Reads `paginate`.
pub(super) fn paging(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
) -> Result<Option<Paging>, Wrong> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "paginate") else {
        return Ok(None);
    };
    let next = blueprint.optional_path(&mut inner, "next");
    if next.is_none() {
        blueprint.missing(&field, "next", "next: $.nextPageKey");
    }
    let param = super::raw_text(blueprint.reader, &mut inner, "param");
    let body_field = super::raw_text(blueprint.reader, &mut inner, "field");
    let link = blueprint.flag(&mut inner, "link").unwrap_or_default();
    let max_pages: Option<u32> = blueprint.reader.count(&mut inner, "max_pages");
    let others = match blueprint.flag(&mut inner, "drop_other_params") {
        Some(true) => OtherParameters::Dropped,
        Some(false) | None => OtherParameters::Kept,
    };
    let known = [
        "next",
        "param",
        "field",
        "link",
        "max_pages",
        "drop_other_params",
    ];
    blueprint.reader.refuse_rest(inner, "`paginate`", &known);
    let target = match (param, body_field, link) {
        (Some(param), None, false) => NextPage::Parameter(param),
        (None, Some(name), false) => NextPage::Field(name),
        (None, None, true) => NextPage::Link,
        _ => {
            let message = "`paginate` must say one of `param`, `field` and `link: true`";
            let hint = "`param` is a parameter of the URL, `field` one of the body";
            blueprint.reader.findings.error(field.key, message, hint);
            return Err(Wrong);
        }
    };
    let max_pages = max_pages.unwrap_or(MAX_PAGES);
    Ok(Some(Paging {
        next: next.ok_or(Wrong)?,
        target,
        max_pages: usize::try_from(max_pages).unwrap_or(usize::MAX),
        others,
    }))
}
