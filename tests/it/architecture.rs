//! The layers of `lib.rs`, and the shape of files: read from the sources, so that the picture stays true.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// Which module may name which others. `cli` may name all.
const LAYERS: [(&str, &[&str]); 14] = [
    ("gate", &[]),
    ("net", &[]),
    ("process", &["net"]),
    ("sequence", &["gate"]),
    ("spec", &["gate", "sequence"]),
    ("provider", &["gate", "net", "process"]),
    ("control", &["gate", "sequence", "net"]),
    ("executor", &["gate", "sequence", "net", "process", "spec"]),
    ("eventlog", &["gate", "net", "control"]),
    ("report", &["gate"]),
    (
        "config",
        &[
            "gate", "sequence", "spec", "provider", "executor", "eventlog", "report", "server",
        ],
    ),
    (
        "app",
        &[
            "gate", "sequence", "spec", "provider", "executor", "eventlog", "control",
        ],
    ),
    (
        "server",
        &[
            "gate", "sequence", "net", "spec", "provider", "control", "executor", "eventlog",
            "report", "config", "app",
        ],
    ),
    (
        "cli",
        &[
            "gate", "sequence", "net", "spec", "provider", "control", "executor", "eventlog",
            "report", "config", "app", "server",
        ],
    ),
];

/// The most lines that a file may have before its tests.
const MOST_LINES: usize = 400;

/// Functions in a `mod.rs` that are the verbs of their module.
const FREE_FUNCTIONS: [&str; 4] = [
    "report::write",
    "report::write_unjudged",
    "report::pretty",
    "report::yaml",
];

/// A file of the sources, without its tests and comments.
struct Source {
    /// The path below the package.
    path: String,
    /// The modules on the way to it: `["gate", "event", "past"]`.
    modules: Vec<String>,
    /// The lines before its tests, comments emptied.
    code: Vec<String>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let modules = path
            .trim_start_matches("src/")
            .trim_end_matches(".rs")
            .split('/')
            .filter(|name| *name != "mod")
            .map(str::to_owned)
            .collect();
        let lines: Vec<&str> = text.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        });
        let code = lines[..tests.unwrap_or(lines.len())].iter().map(|line| {
            if line.trim_start().starts_with("//") {
                String::new()
            } else {
                (*line).to_owned()
            }
        });
        Self {
            path: path.to_owned(),
            modules,
            code: code.collect(),
        }
    }

    /// Returns the top-level modules that the file names, each with a line.
    fn named(&self) -> BTreeSet<(String, usize)> {
        static NAME: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\bcrate::(\w+|\{)|\b((?:super::)+)(\w+)").unwrap());
        let text = self.code.join("\n");
        let mut named = BTreeSet::new();
        for found in NAME.captures_iter(&text) {
            let place = found.get(0).unwrap();
            let line = text[..place.start()].matches('\n').count() + 1;
            if let Some(supers) = found.get(2) {
                let depth = self.modules.len() + usize::from(self.is_inline(line));
                if supers.as_str().matches("super").count() >= depth {
                    named.insert((found[3].to_owned(), line));
                }
            } else if &found[1] == "{" {
                named.extend(group(&text[place.end()..]).map(|name| (name, line)));
            } else {
                named.insert((found[1].to_owned(), line));
            }
        }
        named
    }

    /// Tells whether a line stands in a module that is written out in the file.
    fn is_inline(&self, line: usize) -> bool {
        let above = self.code[..line].iter().rev();
        let mut edges = above.filter(|line| !line.is_empty() && !line.starts_with([' ', '#']));
        edges
            .next()
            .is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
    }

    /// Says what breaks the table of layers.
    fn broken_layers(&self) -> Vec<String> {
        let Some(own) = self.modules.first().filter(|_| !self.is_root()) else {
            return Vec::new();
        };
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| layer == own) else {
            return vec![format!("{}: the table has no layer `{own}`", self.path)];
        };
        let rule = if allowed.is_empty() {
            "no other module".to_owned()
        } else {
            allowed.join(", ")
        };
        self.named()
            .into_iter()
            .filter(|(name, _)| name != own && !allowed.contains(&name.as_str()))
            .map(|(name, line)| {
                format!(
                    "{}:{line}: names `{name}`; `{own}` may name {rule}",
                    self.path
                )
            })
            .collect()
    }

    /// Says whether the file is too long.
    fn too_long(&self) -> Option<String> {
        let lines = self.code.len();
        (lines > MOST_LINES).then(|| {
            format!(
                "{}: {lines} lines before its tests; {MOST_LINES} at most",
                self.path
            )
        })
    }

    /// Says which functions stand alone in a `mod.rs`, which is for docs, modules, and the one type they share.
    fn loose_functions(&self) -> Vec<String> {
        static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^(?:pub(?:\(\w+\))? )?(?:async |const )*fn (\w+)").unwrap()
        });
        let module = self.modules.join("::");
        if !self.path.ends_with("/mod.rs") || module == "cli" {
            return Vec::new();
        }
        let functions = self.code.iter().filter_map(|line| FUNCTION.captures(line));
        functions
            .map(|found| found[1].to_owned())
            .map(|name| format!("{module}::{name}"))
            .filter(|name| !FREE_FUNCTIONS.contains(&name.as_str()))
            .map(|name| format!("{}: `{name}` belongs into a file of its own", self.path))
            .collect()
    }

    /// Tells whether the file is `lib.rs` or `main.rs`.
    fn is_root(&self) -> bool {
        matches!(self.path.as_str(), "src/lib.rs" | "src/main.rs")
    }
}

/// Returns the first names of a group, `{a::{b, c}, d}`, whose opening brace was read.
fn group(text: &str) -> impl Iterator<Item = String> {
    let mut depth = 1;
    let mut first = String::new();
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 1 => first.push(character),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    let names: Vec<String> = first
        .split(',')
        .filter_map(|path| path.trim().split("::").next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    names.into_iter()
}

/// Returns every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    files.sort();
    files
}

/// Reads the sources in a folder of the package; files that only tests include are left out.
fn sources(folder: &str) -> Vec<Source> {
    static TEST_FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"#\[cfg\(test\)\]\n(?:#\[[^\n]*\n)*(?:pub(?:\(\w+\))? )?mod (\w+);").unwrap()
    });
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all: Vec<(PathBuf, String)> = files(&package.join(folder))
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect();
    let tests: BTreeSet<PathBuf> = all
        .iter()
        .flat_map(|(path, text)| {
            let folder = match path.file_name().unwrap().to_str().unwrap() {
                "mod.rs" | "lib.rs" => path.parent().unwrap().to_owned(),
                _ => path.with_extension(""),
            };
            let names = TEST_FILE.captures_iter(text);
            let paths = names.map(move |name| folder.join(&name[1]).with_extension("rs"));
            paths.collect::<Vec<_>>()
        })
        .collect();
    all.iter()
        .filter(|(path, _)| !tests.contains(path))
        .map(|(path, text)| {
            let path = path.strip_prefix(package).unwrap();
            Source::new(&path.to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

/// Fails with what was found.
#[track_caller]
fn none(found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn names_point_inward_only() {
    none(sources("src").iter().flat_map(Source::broken_layers));
}

#[test]
fn every_folder_of_the_sources_has_a_layer_and_every_layer_a_folder() {
    let found: BTreeSet<String> = sources("src")
        .into_iter()
        .filter(|source| !source.is_root())
        .map(|source| source.modules[0].clone())
        .collect();
    let known: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, known);
}

#[test]
fn no_file_is_longer_than_400_lines_before_its_tests() {
    none(sources("src").iter().filter_map(Source::too_long));
    none(sources("tests/it").iter().filter_map(Source::too_long));
}

#[test]
fn a_mod_rs_holds_no_functions_of_its_own() {
    none(sources("src").iter().flat_map(Source::loose_functions));
}

#[test]
fn only_what_others_need_is_public() {
    // The benchmarks open logs, as the program does.
    let lib = Source::new("src/lib.rs", include_str!("../../src/lib.rs"));
    let public = lib.code.iter().filter(|line| line.starts_with("pub mod"));
    assert_eq!(
        public.collect::<Vec<_>>(),
        [
            "pub mod eventlog;",
            "pub mod gate;",
            "pub mod sequence;",
            "pub mod spec;"
        ]
    );
}

#[test]
fn a_planted_violation_is_found() {
    let broken = |path, text| Source::new(path, text).broken_layers();
    for text in [
        "use crate::app::Prepared;",
        "use crate::{gate::Slo, app::{Asked, Prepared}};",
        "fn f() { crate::app::prepare() }",
        "use super::super::app::Prepared;",
        "// fine: crate::net\nuse crate::app;",
    ] {
        let found = broken("src/spec/load.rs", text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(
            found[0].contains("names `app`; `spec` may name gate, sequence"),
            "{}",
            found[0]
        );
    }
    for text in [
        "use crate::gate::Slo;",
        "use crate::{gate::{app, Slo}, spec};",
        "use super::app::Prepared;",
        "/// See [`crate::app`].\n#[cfg(test)]\nmod tests {\n    use crate::app;\n}",
    ] {
        assert_eq!(
            broken("src/spec/load.rs", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
    assert_eq!(broken("src/elsewhere/mod.rs", "").len(), 1);
    let long = "fn f() {}\n".repeat(401);
    assert!(Source::new("src/gate/a.rs", &long).too_long().is_some());
    let tested = format!("{}#[cfg(test)]\nmod tests {{\n{long}}}", "//\n".repeat(400));
    assert_eq!(Source::new("src/gate/a.rs", &tested).too_long(), None);
    let loose =
        |path| Source::new(path, "impl A {\n    pub fn g() {}\n}\npub fn f() {}").loose_functions();
    assert_eq!(loose("src/gate/mod.rs").len(), 1);
    assert_eq!(loose("src/gate/a.rs").len(), 0);
}
