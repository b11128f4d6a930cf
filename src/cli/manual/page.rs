//! One manual page.

use std::io;

use clap::{Arg, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::facts::{FILES, VARIABLES, meaning};
use crate::cli::args::Cli;
use crate::cli::exit::Exit;

/// What the pages belong to.
const MANUAL: &str = "tidegate manual";

/// A manual page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its file: `tidegate-evaluate.1`.
    pub file_name: String,
    /// What it says, as roff.
    pub text: Vec<u8>,
}

/// Returns the page of every command that help lists.
pub fn pages() -> io::Result<Vec<Page>> {
    let mut program = Cli::command();
    program.build();
    let mut pages = vec![main_page(&program)?];
    collect(&program, &mut pages)?;
    Ok(pages)
}

/// Adds the pages of what is below a command.
fn collect(command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    for below in shown(command) {
        let mut text = front(below)?;
        notes(below).to_writer(&mut text)?;
        environment(below, &[]).to_writer(&mut text)?;
        see_also("tidegate(1)").to_writer(&mut text)?;
        pages.push(Page {
            file_name: file_name(below),
            text,
        });
        collect(below, pages)?;
    }
    Ok(())
}

/// Returns the page of the program.
fn main_page(program: &Command) -> io::Result<Page> {
    let mut text = front(program)?;
    notes(program).to_writer(&mut text)?;
    exit_status().to_writer(&mut text)?;
    environment(program, &VARIABLES).to_writer(&mut text)?;
    let mut files = Roff::new();
    files.control("SH", ["FILES"]);
    for (path, what) in FILES {
        entry(&mut files, path, what);
    }
    files.to_writer(&mut text)?;
    let names: Vec<String> = shown(program)
        .map(|below| format!("{}(1)", name(below)))
        .collect();
    see_also(&names.join(", ")).to_writer(&mut text)?;
    Ok(Page {
        file_name: file_name(program),
        text,
    })
}

/// Returns the commands below one that help lists.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
}

/// Returns the name of a command: `tidegate-evaluate`.
fn name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

/// Returns the name of the file of a command.
fn file_name(command: &Command) -> String {
    format!("{}.1", name(command))
}

/// Writes what clap knows: the name, the synopsis, the description, the options and the commands below.
///
/// The title is written here: clap's writer leaves out a date that is empty, and what follows takes its place.
fn front(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let version = env!("CARGO_PKG_VERSION");
    let name = name(command);
    let title = format!(".TH \"{name}\" \"1\" \"\" \"tidegate {version}\" \"{MANUAL}\"\n");
    let mut text = title.into_bytes();
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if shown(command).next().is_some() {
        man.render_subcommands_section(&mut text)?;
    }
    Ok(text)
}

/// Writes what stands below the help, as it stands there: each part under a heading of its own.
fn notes(command: &Command) -> Roff {
    let text = command
        .get_after_long_help()
        .or_else(|| command.get_after_help());
    let text = text.map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    let mut is_open = false;
    for line in text.lines() {
        let heading = line
            .strip_suffix(':')
            .filter(|heading| !heading.starts_with(' '));
        if let Some(heading) = heading {
            let heading = if heading == "Exit codes" {
                "EXIT STATUS".to_owned()
            } else {
                heading.to_uppercase()
            };
            roff.control("SH", [heading.as_str()]).control("nf", []);
            is_open = true;
        } else if is_open {
            roff.text([roman(line)]);
        }
    }
    if is_open {
        roff.control("fi", []);
    }
    roff
}

/// Writes the list of exit codes, in the order of the codes.
fn exit_status() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    let mut all = Exit::ALL;
    all.sort_by_key(|exit| exit.code());
    for exit in all {
        entry(&mut roff, &exit.code().to_string(), meaning(exit));
    }
    roff
}

/// Writes the variables that stand for options, and others.
fn environment(command: &Command, others: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    let own: Vec<(String, String)> = command.get_arguments().filter_map(variable).collect();
    if own.is_empty() && others.is_empty() {
        return roff;
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, option) in own {
        entry(
            &mut roff,
            &variable,
            &format!("What {option} says, where that is not given."),
        );
    }
    for (variable, what) in others {
        entry(&mut roff, variable, what);
    }
    roff
}

/// Returns the variable that stands for an option, and the option.
fn variable(arg: &Arg) -> Option<(String, String)> {
    let help = arg.get_help()?.to_string();
    let (_, rest) = help.split_once("[env: ")?;
    let (variable, _) = rest.split_once(']')?;
    Some((variable.to_owned(), format!("--{}", arg.get_long()?)))
}

/// Names related pages.
fn see_also(pages: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]).text([roman(pages)]);
    roff
}

/// Writes a term and what it means.
fn entry(roff: &mut Roff, term: &str, meaning: &str) {
    roff.control("TP", [])
        .text([bold(term)])
        .text([roman(meaning)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file_name: &str) -> String {
        let page = pages()
            .unwrap()
            .into_iter()
            .find(|page| page.file_name == file_name);
        String::from_utf8(page.unwrap().text).unwrap()
    }

    #[test]
    fn every_command_has_a_page() {
        let names: Vec<String> = pages()
            .unwrap()
            .into_iter()
            .map(|page| page.file_name)
            .collect();
        for name in [
            "tidegate.1",
            "tidegate-evaluate.1",
            "tidegate-events-list.1",
            "tidegate-import-keptn.1",
        ] {
            assert!(
                names.iter().any(|known| known == name),
                "{name} of {names:?}"
            );
        }
        let mut once = names.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }

    #[test]
    fn pages_are_the_same_each_time_and_carry_no_date() {
        assert_eq!(pages().unwrap(), pages().unwrap());
        let title = format!(
            ".TH \"tidegate\" \"1\" \"\" \"tidegate {}\" \"tidegate manual\"\n",
            env!("CARGO_PKG_VERSION")
        );
        assert!(text("tidegate.1").starts_with(&title));
    }

    #[test]
    fn the_main_page_has_every_exit_code_and_file() {
        let main = text("tidegate.1");
        for exit in Exit::ALL {
            assert!(
                main.contains(&format!("\\fB{}\\fR\n", exit.code())),
                "{exit:?}"
            );
        }
        for (path, _) in FILES {
            assert!(
                main.contains(&format!("\\fB{path}\\fR").replace("\\fB.", "\\fB\\&."))
                    || main.contains(path),
                "{path}"
            );
        }
    }

    #[test]
    fn the_page_of_a_command_has_its_variables_examples_and_codes() {
        let evaluate = text("tidegate-evaluate.1");
        for part in [
            ".SH EXAMPLES",
            ".SH \"EXIT STATUS\"",
            ".SH ENVIRONMENT",
            "\\fBTIDEGATE_STAGE\\fR\nWhat \\-\\-stage says, where that is not given.",
        ] {
            assert!(evaluate.contains(part), "{part} of {evaluate}");
        }
    }
}
