//! `tidegate man`.

use super::World;
use crate::cli::args::ManArgs;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manual::{Page, pages};
use crate::cli::whole_file::write_whole;

/// Writes the manual pages.
pub fn man(args: &ManArgs, world: &World<'_>) -> Exit {
    let ManArgs { dir } = args;
    let written = pages()
        .map_err(|error| Failure::new(Exit::Bug, format!("no manual pages: {error}")))
        .and_then(|pages| {
            for Page { file_name, text } in &pages {
                write_whole(&dir.join(file_name), text)?;
            }
            Ok(pages.len())
        });
    match written {
        Ok(count) => {
            let folder = dir.display();
            world
                .console
                .say(&format!("{count} manual pages are in {folder}"));
            Exit::Pass
        }
        Err(failure) => {
            complain(&failure.text());
            failure.exit
        }
    }
}
