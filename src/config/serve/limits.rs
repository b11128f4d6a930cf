//! `limits`: how much, how long, and how often is too much.

use super::block::{Rates, duration};
use crate::config::reader::Reader;
use crate::server::Limits;
use crate::spec::reading::Fields;

/// The keys.
pub(super) const KEYS: [&str; 10] = [
    "body_bytes",
    "resource_bytes",
    "header_bytes",
    "connections",
    "receive_timeout",
    "answer_timeout",
    "stop_timeout",
    "requests_per_second",
    "wrong_tokens_per_second",
    "wrong_tokens_burst",
];

/// Reads `limits`.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> (Limits, Rates) {
    let (mut limits, mut rates) = (Limits::default(), Rates::default());
    let Some((_, mut inner)) = reader.open(fields, "limits") else {
        return (limits, rates);
    };
    let inner_fields = &mut inner;
    for (name, count) in [
        ("body_bytes", &mut limits.body_bytes),
        ("resource_bytes", &mut limits.resource_bytes),
        ("header_bytes", &mut limits.header_bytes),
        ("connections", &mut limits.connections),
    ] {
        let given = reader.count::<u32>(inner_fields, name);
        *count = given.map_or(*count, |given| usize::try_from(given).unwrap_or(usize::MAX));
    }
    for (name, length) in [
        ("receive_timeout", &mut limits.receive_timeout),
        ("answer_timeout", &mut limits.answer_timeout),
        ("stop_timeout", &mut limits.stop_timeout),
    ] {
        *length = duration(reader, inner_fields, name).unwrap_or(*length);
    }
    let mut rate = |name: &str| reader.count::<u32>(inner_fields, name).map(f64::from);
    rates.requests_per_second = rate("requests_per_second");
    rates.failures_per_second =
        rate("wrong_tokens_per_second").unwrap_or(rates.failures_per_second);
    rates.failure_burst = rate("wrong_tokens_burst").unwrap_or(rates.failure_burst);
    reader.refuse_rest(inner, "`limits`", &KEYS);
    (limits, rates)
}
