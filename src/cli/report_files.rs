//! The files that `--report` names: which format goes where.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::command::Configured;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use super::whole_file::{remove_stale, write_whole};
use crate::config::{Origin, Setting};
use crate::gate::{Ending, Series};
use crate::report::{
    Account, Charset, Colour, Detail, Format, TextStyle, Unjudged, write, write_unjudged,
};

/// The placeholders that name what is evaluated.
const NAMES: [&str; 3] = ["{project}", "{stage}", "{service}"];

/// How text in files is drawn.
const PLAIN: TextStyle = TextStyle {
    colour: Colour::Off,
    charset: Charset::Unicode,
    width: 100,
};

/// One report to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// Its format.
    pub format: Format,
    /// Where it goes, with placeholders.
    template: String,
}

/// The reports of one evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFiles {
    /// The files.
    files: Vec<ReportFile>,
    /// Where relative paths start.
    folder: PathBuf,
    /// What is evaluated, for placeholders.
    names: [String; 3],
}

impl ReportFiles {
    /// Reads what a target's settings name.
    pub fn of(
        configured: &Configured,
        series: &Series,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let files = configured.settings.read(Setting::Report, parse)?;
        let folder = match configured.settings.origin(Setting::Report) {
            Origin::Flag(_) | Origin::Environment(_) | Origin::Default => PathBuf::new(),
            Origin::File { .. } => environment.near(&configured.places.root),
        };
        let Series {
            project,
            stage,
            service,
        } = series;
        Ok(Self {
            files: files.unwrap_or_default(),
            folder,
            names: [project.as_str(), stage.as_str(), service.as_str()].map(as_file_name),
        })
    }

    /// Reads what flags and the environment name, where the settings of a target can't be read. Paths that hold the name
    /// of what is evaluated are not known then.
    pub fn announced(typed: &[String], environment: &Environment) -> Self {
        let text = if typed.is_empty() {
            let variable = environment.get("TIDEGATE_REPORT");
            variable.unwrap_or_default().to_owned()
        } else {
            typed.join(",")
        };
        // What can't be read is told by whoever reads the settings; the rest must not stay as it was.
        let parts = text.split(',').map(str::trim);
        let mut files: Vec<ReportFile> = parts.filter_map(|part| parse_one(part).ok()).collect();
        let is_named = |file: &ReportFile| NAMES.iter().any(|name| file.template.contains(name));
        files.retain(|file| !is_named(file));
        Self {
            files,
            ..Self::default()
        }
    }

    /// Tells whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the formats.
    pub fn formats(&self) -> impl Iterator<Item = Format> {
        self.files.iter().map(|file| file.format)
    }

    /// Returns each path as far as it is known before the evaluation, to find those that two evaluations would share.
    pub fn early_paths(&self) -> Vec<PathBuf> {
        let paths = self.files.iter().map(|file| self.path(file, None));
        paths.collect()
    }

    /// Writes every report; returns the path of each, or why it can't be written.
    pub fn write(&self, account: &Account<'_>) -> Vec<Result<(Format, PathBuf), Failure>> {
        let record = account.record;
        let ending = Ending::of(record).as_str();
        let write_one = |file: &ReportFile| {
            let path = self.path(file, Some((ending, record.time)));
            let text = write(file.format, account, Detail::Brief, PLAIN);
            match write_whole(&path, text.as_bytes()) {
                Ok(()) => Ok((file.format, path)),
                Err(failure) => Err(without_stale(failure, &path)),
            }
        };
        at_once(&self.files, write_one)
    }

    /// Says in every report that there is no verdict, or takes an older one away, so that nobody takes it for that of
    /// this call. Returns the failures.
    pub fn write_unjudged(&self, unjudged: &Unjudged<'_>, now: Timestamp) -> Vec<Failure> {
        let write_one = |file: &ReportFile| {
            let path = self.path(file, Some(("error", now)));
            match write_unjudged(file.format, unjudged) {
                Some(text) => match write_whole(&path, text.as_bytes()) {
                    Ok(()) => None,
                    Err(failure) => Some(without_stale(failure, &path)),
                },
                None => remove_stale(&path).err(),
            }
        };
        let written = at_once(&self.files, write_one);
        written.into_iter().flatten().collect()
    }

    /// Fills the placeholders of a path.
    fn path(&self, file: &ReportFile, late: Option<(&str, Timestamp)>) -> PathBuf {
        let [project, stage, service] = &self.names;
        let mut text = file.template.clone();
        for (placeholder, name) in NAMES.into_iter().zip([project, stage, service]) {
            text = text.replace(placeholder, name);
        }
        if let Some((verdict, time)) = late {
            let time = time.strftime("%Y%m%dT%H%M%SZ").to_string();
            text = text
                .replace("{verdict}", verdict)
                .replace("{timestamp}", &time);
        }
        self.folder.join(Path::new(&text))
    }
}

/// Does the same with every file, all at once: each waits for the disk.
fn at_once<T: Send>(files: &[ReportFile], act: impl Fn(&ReportFile) -> T + Sync) -> Vec<T> {
    let act = &act;
    std::thread::scope(|scope| {
        let started: Vec<_> = files
            .iter()
            .map(|file| {
                let builder = std::thread::Builder::new();
                let thread = builder.spawn_scoped(scope, move || act(file));
                (file, thread)
            })
            .collect();
        let done = started.into_iter().map(|(file, thread)| match thread {
            Ok(thread) => match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(_no_more_threads) => act(file),
        });
        done.collect()
    })
}

/// Takes away what an earlier call left where a report can't be written; where that can't be done either it is said.
fn without_stale(failure: Failure, path: &Path) -> Failure {
    match remove_stale(path) {
        Err(_) if path.is_file() => {
            let path = path.display();
            failure.with_hint(format!(
                "{path} still holds the report of an earlier call: don't trust it"
            ))
        }
        Ok(_) | Err(_) => failure,
    }
}

/// Reads a list of reports: `junit=gate.xml,html=gate.html`.
fn parse(text: &str) -> Result<Vec<ReportFile>, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(parse_one).collect()
}

/// Reads one report: `junit=gate.xml`.
fn parse_one(text: &str) -> Result<ReportFile, String> {
    let Some((format, path)) = text.split_once('=') else {
        return Err(format!(
            "`{text}` is not FORMAT=PATH, such as junit=gate.xml"
        ));
    };
    let format: Format = format
        .parse()
        .map_err(|error| format!("`{format}` is no format: {error}"))?;
    match path {
        "" => Err(format!("`{text}` names no file")),
        "-" => Err(format!(
            "`-` is no file: --output {} writes to stdout",
            format.name()
        )),
        path => match unknown_placeholder(path) {
            Some(name) => Err(format!(
                "`{name}` in `{path}` is not known: {{project}}, {{stage}}, {{service}}, {{verdict}} and {{timestamp}} are"
            )),
            None => Ok(ReportFile {
                format,
                template: path.to_owned(),
            }),
        },
    }
}

/// Returns the first placeholder that nobody fills.
fn unknown_placeholder(path: &str) -> Option<&str> {
    const KNOWN: [&str; 5] = [
        "{project}",
        "{stage}",
        "{service}",
        "{verdict}",
        "{timestamp}",
    ];
    let mut rest = path;
    while let Some(start) = rest.find('{') {
        let tail = rest.get(start..)?;
        let end = tail.find('}')?;
        let name = tail.get(..=end)?;
        if !KNOWN.contains(&name) {
            return Some(name);
        }
        rest = tail.get(end + 1..)?;
    }
    None
}

/// Makes a name harmless in a path.
fn as_file_name(name: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name
        .chars()
        .map(|c| if harmless(c) { c } else { '_' })
        .collect();
    if name.chars().all(|c| c == '.') {
        return name.replace('.', "_");
    }
    name
}

/// Refuses calls in which two evaluations would write to the same file.
pub fn refuse_shared<'a>(all: impl IntoIterator<Item = &'a ReportFiles>) -> Result<(), Failure> {
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for path in all.into_iter().flat_map(ReportFiles::early_paths) {
        // `./gate.xml` is `gate.xml`; what is in `/dev` may be written to more than once.
        let plain = path.components().filter(|part| *part != Component::CurDir);
        if !path.starts_with("/dev") && !seen.insert(plain.collect()) {
            let message = format!("two reports would be written to {}", path.display());
            let hint = "put {service} into the path, as in --report junit={service}.xml, or name another file";
            return Err(Failure::new(Exit::Usage, message).with_hint(hint));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_reports_is_read() {
        let files = parse("junit=a/gate.xml, html={service}.html").unwrap();
        let formats: Vec<Format> = files.iter().map(|file| file.format).collect();
        assert_eq!(formats, [Format::Junit, Format::Html]);
    }

    #[test]
    fn what_is_wrong_with_a_report_is_said() {
        let why = |text: &str| parse(text).unwrap_err();
        assert!(why("junit").contains("FORMAT=PATH"));
        assert!(why("xml=a").contains("known are"));
        assert!(why("junit=").contains("no file"));
        assert!(why("junit=-").contains("--output junit"));
        assert!(why("junit={svc}.xml").contains("`{svc}`"));
    }

    #[test]
    fn a_name_cant_leave_its_folder() {
        assert_eq!(as_file_name("../../etc"), ".._.._etc");
        assert_eq!(as_file_name(".."), "__");
        assert_eq!(as_file_name("bücher/7"), "bücher_7");
    }
}
