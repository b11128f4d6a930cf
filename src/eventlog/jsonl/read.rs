//! Reading a page: by links, and else by the catalogue, for which the whole file is read once.

use std::fs::File;

use super::LineFile;
use super::catalogue::Catalogue;
use super::opened;
use super::reader::{Doubt, Reader};
use super::walk;
use crate::eventlog::failure::ReadError;
use crate::eventlog::filter::Filter;
use crate::eventlog::page::Page;

/// Reads a page.
pub(super) fn page(
    log: &LineFile,
    catalogue: &mut Catalogue,
    filter: &Filter,
    limit: usize,
) -> Result<Page, ReadError> {
    let Some((file, end)) = opened::to_read(log)? else {
        return Ok(Page::default());
    };
    match walk::page(Reader::new(&file, end), filter, limit) {
        // A file that is linked to its end has nothing to warn of.
        Ok(events) => Ok(Page {
            events,
            warnings: Vec::new(),
        }),
        Err(Doubt::Failed(error)) => Err(ReadError::from_io(&log.path, error)),
        Err(Doubt::Unlinked) => whole(log, catalogue, (&file, end), filter, limit),
    }
}

/// Reads a page by all lines of the file.
pub(super) fn whole(
    log: &LineFile,
    catalogue: &mut Catalogue,
    (file, end): (&File, u64),
    filter: &Filter,
    limit: usize,
) -> Result<Page, ReadError> {
    let failed = |error| ReadError::from_io(&log.path, error);
    catalogue.catch_up(file, end).map_err(failed)?;
    catalogue.check(&log.path)?;
    let mut warnings = catalogue.warnings(&log.path);
    let mut events = Vec::new();
    for entry in catalogue.index.matching(filter) {
        if events.len() == limit {
            break;
        }
        let number = entry.place.number;
        let place = format_args!("{}:{number}", log.path.display());
        match entry.place.read(file).map_err(failed)? {
            Ok(event) => {
                warnings.check_time(place, &event);
                events.push(event);
            }
            Err(problem) => warnings.add(place, format_args!("not an event: {problem}")),
        }
    }
    Ok(Page {
        events,
        warnings: warnings.into_lines(),
    })
}
