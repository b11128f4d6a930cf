//! `tidegate ci init`: the recipe of a CI system, never over files that exist unless that is asked for.

#![expect(
    clippy::disallowed_methods,
    reason = "looking at the files that are there is what this command is for"
)]

use std::path::Path;

use super::World;
use super::ci_recipes::{RECIPES, Recipe, RecipeFile};
use crate::cli::args::CiInitArgs;
use crate::cli::console::{complain, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::whole_file::write_whole;
use crate::report::printable;

/// Writes the recipe for a CI system, prints it, or lists those that there are.
pub fn ci_init(args: &CiInitArgs, world: &World<'_>) -> Exit {
    let CiInitArgs {
        system,
        dir,
        force,
        print: on_stdout,
    } = args;
    if system == "list" {
        return print(&list());
    }
    let Some(recipe) = RECIPES.iter().find(|recipe| recipe.system == system) else {
        complain(&unknown(system));
        return Exit::Usage;
    };
    if *on_stdout {
        return print(&printed(recipe));
    }
    let folder = dir.as_deref().unwrap_or(Path::new(""));
    let mode = if *force { Mode::Replace } else { Mode::Keep };
    write_recipe(recipe, folder, mode, world)
}

/// What becomes of files that are there and say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// They stay.
    Keep,
    /// They are written over.
    Replace,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was written.
    Written,
    /// It says the same already.
    Same,
    /// It says something else, and stays.
    Kept,
}

/// Writes the files, and says what became of each and what to do next.
fn write_recipe(recipe: &Recipe, folder: &Path, mode: Mode, world: &World<'_>) -> Exit {
    let mut kept = false;
    for file in recipe.files {
        let path = folder.join(file.path);
        match write_file(file, &path, mode) {
            Ok(fate) => {
                let told = match fate {
                    Fate::Written => format!("wrote  {}", path.display()),
                    Fate::Same => format!("same   {} (it is there already)", path.display()),
                    Fate::Kept => format!("kept   {} (it says something else)", path.display()),
                };
                kept |= fate == Fate::Kept;
                world.console.say(&told);
            }
            Err(failure) => {
                complain(&told(&failure));
                return failure.exit;
            }
        }
    }
    if kept {
        complain(&format!(
            "error: the recipe is not complete: what is there was not touched\n  = hint: see it with `tidegate ci init {0} \
             --print` and merge it by hand, or write over what is there with --force",
            recipe.system
        ));
        return Exit::CannotCreate;
    }
    world.console.say(&format!("\nnext:\n  {}", recipe.next));
    Exit::Pass
}

/// Writes a file unless it is there.
fn write_file(file: &RecipeFile, path: &Path, mode: Mode) -> Result<Fate, Failure> {
    if std::fs::symlink_metadata(path).is_err() {
        return written(file, path);
    }
    // What can't be read is not known to say the same.
    let is_same = std::fs::read(path).is_ok_and(|bytes| bytes == file.text.as_bytes());
    match mode {
        Mode::Keep | Mode::Replace if is_same => Ok(Fate::Same),
        Mode::Keep => Ok(Fate::Kept),
        Mode::Replace => written(file, path),
    }
}

/// Writes a file.
fn written(file: &RecipeFile, path: &Path) -> Result<Fate, Failure> {
    write_whole(path, file.text.as_bytes()).map(|()| Fate::Written)
}

/// Puts a failure into words.
fn told(failure: &Failure) -> String {
    let hint = failure.hint.as_deref();
    let hint = hint.map_or_else(String::new, |hint| format!("\n  = hint: {hint}"));
    format!("error: {}{hint}", failure.message)
}

/// Lists the systems, each with its files.
fn list() -> String {
    let row = |recipe: &Recipe| {
        let paths: Vec<&str> = recipe.files.iter().map(|file| file.path).collect();
        format!("{:<17} {}\n", recipe.system, paths.join(", "))
    };
    RECIPES.iter().map(row).collect()
}

/// Returns what `--print` shows: the file, or each with its name above it.
fn printed(recipe: &Recipe) -> String {
    if let [only] = recipe.files {
        return only.text.to_owned();
    }
    let part = |file: &RecipeFile| format!("==> {} <==\n{}", file.path, file.text);
    let parts: Vec<String> = recipe.files.iter().map(part).collect();
    parts.join("\n")
}

/// Says that there is no such recipe, and which there are.
fn unknown(system: &str) -> String {
    let names: Vec<&str> = RECIPES.iter().map(|recipe| recipe.system).collect();
    let near = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, system), name))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    let hint = near.map_or_else(String::new, |(_, name)| {
        format!("\n  = hint: did you mean `{name}`?")
    });
    format!(
        "error: there is no recipe for `{}`: there are {}{hint}",
        printable(system),
        names.join(", ")
    )
}
