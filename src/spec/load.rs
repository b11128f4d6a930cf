//! All files of one evaluation at once, with the problems of all of them.

use std::path::{Path, PathBuf};

use super::layout::SliFiles;
use super::problem::{Problem, ProblemKind, sort};
use super::shelf::Shelf;
use super::sli_file::{SliFile, parse_sli};
use super::slo_file::SloFile;
use super::source::Source;
use super::values_file::{Values, parse_values};
use super::{Parsed, dynatrace_conf, layout};
use crate::gate::ProviderName;

/// What to do where there is no SLO.
const NO_SLO: &str =
    "`tidegate init` writes one to begin with; `--slo FILE` names one that lies elsewhere";

/// What to do where there is nothing at a path.
const NO_PATH: &str =
    "check the path: it names a file with objectives, or a folder that holds slo.yaml";

/// The folder of Keptn's Dynatrace service.
const DYNATRACE: &str = "dynatrace";

/// Which files are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where the files are read from.
    pub shelf: Shelf<'a>,
    /// The SLO, a folder that holds one, or `-` for standard input.
    pub slo: &'a Path,
    /// Whether there must be an SLO.
    pub need: SloNeed,
    /// The files with indicators.
    pub sli: SliChoice<'a>,
    /// A file with values that were measured elsewhere.
    pub values: Option<&'a Path>,
    /// The providers whose folders may hold indicators, in the order in which they are tried.
    pub providers: &'a [ProviderName],
    /// How many folders above the SLO's belong to the project, and may hold Keptn's levels: 0, 1 or 2.
    pub levels_above: usize,
}

/// Whether there must be an SLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SloNeed {
    /// It is a problem if there is none.
    Required,
    /// A folder without one is fine.
    IfAny,
}

/// Which files with indicators are wanted.
#[derive(Clone, Copy, Debug)]
pub enum SliChoice<'a> {
    /// Those that lie where they belong; it is a problem if there are none.
    Find,
    /// Those that lie where they belong, if there are any.
    FindIfAny,
    /// These, laid over each other; the last one wins.
    Files(&'a [PathBuf]),
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The SLO; `None` where it has an error.
    pub slo: Option<SloFile>,
    /// The indicators; `None` where there is no file, or one has an error.
    pub sli: Option<SliFile>,
    /// The values; `None` where there is no file, or it has an error.
    pub values: Option<Values>,
    /// The files that were read, in order.
    pub files: Vec<PathBuf>,
    /// The problems of all files, sorted. Where none is an error, all that was asked for is there.
    pub problems: Vec<Problem>,
}

impl Loaded {
    /// Tells whether there is an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}

/// Reads all files.
#[must_use]
pub fn load(request: &Request<'_>) -> Loaded {
    let shelf = request.shelf;
    let mut loader = Loader {
        shelf,
        loaded: Loaded::default(),
    };
    let slo = layout::slo_file(shelf, request.slo);
    let is_folder = shelf.is_folder(request.slo);
    let is_needless = request.need == SloNeed::IfAny && is_folder && !shelf.has_file(&slo);
    if !is_needless {
        loader.loaded.slo = loader.read(&slo, Source::MOST_YAML_BYTES, SloFile::parse);
    }
    for problem in &mut loader.loaded.problems {
        if problem.kind == ProblemKind::Missing {
            let hint = if is_folder { NO_SLO } else { NO_PATH };
            problem.hint = Some(hint.to_owned());
        }
    }
    loader.loaded.sli = loader.read_sli(request, &layout::folder_of(&slo));
    loader.loaded.values = request
        .values
        .and_then(|path| loader.read(path, Source::MOST_JSON_BYTES, parse_values));
    sort(&mut loader.loaded.problems);
    loader.loaded
}

/// The state of loading.
struct Loader<'a> {
    /// Where the files are read from.
    shelf: Shelf<'a>,
    /// What was read so far.
    loaded: Loaded,
}

impl Loader<'_> {
    /// Reads and parses one file.
    fn read<T>(
        &mut self,
        path: &Path,
        most_bytes: usize,
        parse: impl FnOnce(&Source) -> Parsed<T>,
    ) -> Option<T> {
        let is_stdin = path == Path::new("-");
        if is_stdin && self.loaded.files.iter().any(|file| file == path) {
            let message = "standard input can be read once only, and `-` stands for two files";
            self.loaded
                .problems
                .push(Problem::malformed("<stdin>", None, message));
            return None;
        }
        self.loaded.files.push(path.to_owned());
        match self.shelf.read(path, most_bytes) {
            Ok(source) => {
                let parsed = parse(&source);
                self.loaded.problems.extend(parsed.problems);
                parsed.value
            }
            Err(problem) => {
                self.loaded.problems.push(problem);
                None
            }
        }
    }

    /// Finds, reads, and merges the files with indicators.
    fn read_sli(&mut self, request: &Request<'_>, folder: &Path) -> Option<SliFile> {
        let Request {
            providers,
            levels_above,
            ..
        } = *request;
        let (files, provider) = match request.sli {
            SliChoice::Files(files) => (files.to_vec(), None),
            SliChoice::Find | SliChoice::FindIfAny => {
                let found = layout::sli_files(self.shelf, folder, providers, levels_above);
                self.read_dynatrace_conf(request, folder, &found);
                (found.files, found.provider)
            }
        };
        if files.is_empty() && matches!(request.sli, SliChoice::Find) {
            let problem = not_found(&layout::places(folder, providers, levels_above));
            self.loaded.problems.push(problem);
        }
        let read: Vec<Option<SliFile>> = files
            .iter()
            .map(|file| self.read(file, Source::MOST_YAML_BYTES, parse_sli))
            .collect();
        let all: Option<Vec<SliFile>> = read.into_iter().collect();
        let merged = all?.into_iter().reduce(SliFile::overlaid_by)?;
        Some(match &provider {
            Some(provider) => merged.or_provider(provider),
            None => merged,
        })
    }

    /// Reads the configuration of Keptn's Dynatrace service, where its queries would be asked: it may say that they lie
    /// elsewhere.
    fn read_dynatrace_conf(&mut self, request: &Request<'_>, folder: &Path, found: &SliFiles) {
        let mut providers = request.providers.iter();
        let Some(provider) = providers.find(|name| name.as_str() == DYNATRACE) else {
            return;
        };
        let is_asked = match &found.provider {
            Some(named) => named == provider,
            None => found.files.is_empty(),
        };
        let conf = layout::dynatrace_conf(self.shelf, folder, provider, request.levels_above);
        if let Some(path) = conf.filter(|_| is_asked) {
            self.read(&path, Source::MOST_YAML_BYTES, dynatrace_conf::parse);
        }
    }
}

/// Says that there are no indicators, and where they were looked for.
fn not_found(places: &[PathBuf]) -> Problem {
    const MOST: usize = 8;
    let path = places.first().map(|place| place.display().to_string());
    let path = path.unwrap_or_else(|| "sli.yaml".to_owned());
    let problem = Problem::missing(&path, "no file with indicators was found")
        .with_hint("write sli.yaml beside the SLO, or name the file with `--sli`");
    let looked = places.iter().skip(1).take(MOST);
    looked.fold(problem, |problem, place| {
        problem.with_note(format!("looked for {} as well", place.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::test_folder::TestFolder;
    use crate::spec::{Style, render};

    /// An SLO that can be read.
    const SLO: &str = "objectives: [{sli: a}]\ntotal_score: {pass: 90%}\n";

    /// Makes a request for the files of a folder.
    fn request<'a>(slo: &'a Path, providers: &'a [ProviderName]) -> Request<'a> {
        Request {
            shelf: Shelf::Disk,
            slo,
            need: SloNeed::Required,
            sli: SliChoice::Find,
            values: None,
            providers,
            levels_above: 2,
        }
    }

    #[test]
    fn only_the_nearest_configuration_of_dynatrace_counts() {
        const FINE: &str = "spec_version: '0.1.0'\n";
        const DASHBOARD: &str = "spec_version: '0.1.0'\ndashboard: query\n";
        let has_error = |project: &str, service: Option<&str>, sli: &str| {
            let mut files = vec![
                ("dev/carts/slo.yaml", SLO),
                ("dynatrace/dynatrace.conf.yaml", project),
                (sli, "indicators: {a: x}\n"),
            ];
            files.extend(service.map(|text| ("dev/carts/dynatrace/dynatrace.conf.yaml", text)));
            let root = TestFolder::new(&files);
            let providers =
                ["dynatrace", "prometheus"].map(|name| ProviderName::new(name).unwrap());
            load(&request(&root.path().join("dev/carts"), &providers)).has_error()
        };
        let of_keptn = "dynatrace/sli.yaml";
        assert!(has_error(DASHBOARD, None, of_keptn));
        assert!(!has_error(DASHBOARD, Some(FINE), of_keptn));
        assert!(has_error(FINE, Some(DASHBOARD), of_keptn));
        // Other queries are asked, so the dashboard is none of theirs.
        assert!(!has_error(DASHBOARD, None, "prometheus/sli.yaml"));
        assert!(!has_error(DASHBOARD, None, "dev/carts/sli.yaml"));
    }

    #[test]
    fn the_levels_are_merged_and_the_service_wins() {
        let root = TestFolder::new(&[
            ("dev/carts/slo.yaml", SLO),
            (
                "prometheus/sli.yaml",
                "indicators: {a: project, b: project, c: project}\n",
            ),
            (
                "dev/prometheus/sli.yaml",
                "provider: other\nindicators: {b: stage}\n",
            ),
            (
                "dev/carts/prometheus/sli.yaml",
                "indicators:\n  c: of $SERVICE\n",
            ),
        ]);
        let providers = [ProviderName::new("prometheus").unwrap()];
        let loaded = load(&request(&root.path().join("dev/carts"), &providers));
        assert!(!loaded.has_error(), "{:?}", loaded.problems);
        assert_eq!(loaded.files.len(), 4);
        let file = loaded.sli.unwrap();
        let queries: Vec<&str> = file
            .sli
            .indicators
            .values()
            .map(|d| d.query.as_str())
            .collect();
        assert_eq!(queries, ["project", "stage", "of $SERVICE"]);
        assert_eq!(file.sli.provider.as_ref().unwrap().as_str(), "prometheus");
        let b = crate::gate::IndicatorName::new("b").unwrap();
        assert_eq!(
            file.sli.indicators[&b].provider.as_ref().unwrap().as_str(),
            "other"
        );
        let c = crate::gate::IndicatorName::new("c").unwrap();
        let at = file.locate(&c, "$SERVICE", 0).unwrap();
        assert_eq!((at.line, at.column), (2, 9));
        let problem = file.problem(&c, crate::spec::sli_file::Token::default(), "x");
        assert!(problem.path.ends_with("dev/carts/prometheus/sli.yaml"));
    }

    #[test]
    fn the_problems_of_all_files_come_at_once() {
        let root = TestFolder::new(&[
            (
                "slo.yaml",
                "objectives: [{sli: a, pass: [{criteria: [\"=<5\"]}]}]\n",
            ),
            ("sli.yaml", "indicators: [a]\n"),
            ("values.json", "{\"a\": \"5\"}"),
        ]);
        let values = root.path().join("values.json");
        let mut request = request(root.path(), &[]);
        request.values = Some(&values);
        let mut loaded = load(&request);
        assert!(loaded.slo.is_none() && loaded.sli.is_none() && loaded.values.is_none());
        for problem in &mut loaded.problems {
            problem.path = problem.path.rsplit('/').next().unwrap().to_owned();
        }
        insta::assert_snapshot!(render(&loaded.problems, Style::Plain), @r#"
        sli.yaml:1:13: error: `indicators` must be a mapping, not a list
          |
        1 | indicators: [a]
          |             ^^^

        slo.yaml:1:1: error: `total_score` is missing: nothing says how many points are enough
          |
        1 | objectives: [{sli: a, pass: [{criteria: ["=<5"]}]}]
          | ^
          = hint: add `total_score: {pass: "90%", warning: "75%"}`

        slo.yaml:1:42: error: `=<5` is not a criterion
          |
        1 | objectives: [{sli: a, pass: [{criteria: ["=<5"]}]}]
          |                                          ^^^^^
          = hint: write `<=5`

        values.json:1:7: error: `a` must be a number, not the text `5`
          |
        1 | {"a": "5"}
          |       ^^^
          = hint: write it without quotes: `5`
        "#);
    }

    #[test]
    fn a_missing_file_is_missing_not_malformed() {
        let root = TestFolder::new(&[]);
        let loaded = load(&request(root.path(), &[]));
        let kinds: Vec<ProblemKind> = loaded.problems.iter().map(|p| p.kind).collect();
        assert_eq!(kinds, [ProblemKind::Missing, ProblemKind::Missing]);
        assert!(loaded.has_error());
    }

    #[test]
    fn indicators_are_not_needed_where_the_caller_says_so() {
        let root = TestFolder::new(&[("slo.yaml", SLO)]);
        let mut request = request(root.path(), &[]);
        request.sli = SliChoice::FindIfAny;
        let loaded = load(&request);
        assert!(loaded.sli.is_none() && loaded.problems.is_empty());
    }

    #[test]
    fn an_slo_is_not_needed_where_the_caller_says_so_but_a_broken_one_is_a_problem() {
        let root = TestFolder::new(&[("sli.yaml", "indicators: {a: up}\n")]);
        let mut request = request(root.path(), &[]);
        request.need = SloNeed::IfAny;
        let loaded = load(&request);
        assert!(loaded.slo.is_none() && loaded.sli.is_some() && loaded.problems.is_empty());
        let named = root.path().join("other.yaml");
        request.slo = &named;
        assert!(load(&request).has_error());
        let broken = TestFolder::new(&[("slo.yaml", "objectives: 5\n")]);
        request.slo = broken.path();
        assert!(load(&request).has_error());
    }
}
