//! A number in the file itself, in `tidegate.yaml`.

use crate::config::reader::Reader;
use crate::gate::Finite;
use crate::provider::StaticSettings;
use crate::spec::reading::Fields;

/// Reads `value`: the number of SLIs that state none themselves.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<StaticSettings> {
    let Some(field) = fields.take_set("value") else {
        return Some(StaticSettings::default());
    };
    let text = reader.field_text(&field)?;
    let value = text.trim().parse().ok().and_then(Finite::new);
    if value.is_none() {
        let message = format!("`value` must be a number, not `{text}`");
        reader
            .findings
            .error(field.span(), message, "such as `value: 0.01`");
    }
    Some(StaticSettings {
        value: Some(value?),
    })
}
