//! Where files lie: beside each other, or in Keptn's folders `<project>/<stage>/<service>/<provider>/sli.yaml`.

use std::path::{Component, Path, PathBuf};

use super::shelf::Shelf;
use crate::gate::ProviderName;

/// The usual name of a file with objectives.
const SLO: &str = "slo.yaml";
/// The usual name of a file with indicators.
const SLI: &str = "sli.yaml";

/// The names of a file with objectives, the usual one first.
const SLO_NAMES: [&str; 2] = [SLO, "slo.yml"];

/// The names of a file with indicators, the usual one first.
const SLI_NAMES: [&str; 2] = [SLI, "sli.yml"];

/// Returns the file that a path to a file or a folder means.
pub(super) fn slo_file(shelf: Shelf<'_>, path: &Path) -> PathBuf {
    if shelf.is_folder(path) {
        first_file(shelf, path, &SLO_NAMES).unwrap_or_else(|| inside(path, SLO))
    } else {
        path.to_owned()
    }
}

/// Returns the folder in which things that belong to a file lie; for standard input that is the current one.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// What was found of files with indicators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SliFiles {
    /// The files to lay over each other, the one that wins last.
    pub files: Vec<PathBuf>,
    /// The provider that the folders are named after, in Keptn's layout.
    pub provider: Option<ProviderName>,
}

/// Finds the files with indicators that belong to the folder of an SLO: `sli.yaml` beside it, else, for the first
/// provider that has any, Keptn's levels project, stage, and service. Levels outside of the project are not looked at.
pub(super) fn sli_files(
    shelf: Shelf<'_>,
    folder: &Path,
    providers: &[ProviderName],
    levels_above: usize,
) -> SliFiles {
    if let Some(beside) = first_file(shelf, folder, &SLI_NAMES) {
        return SliFiles {
            files: vec![beside],
            provider: None,
        };
    }
    let levels = levels(folder, levels_above);
    for provider in providers.iter().filter(|provider| is_folder_name(provider)) {
        let files: Vec<PathBuf> = levels
            .iter()
            .filter_map(|level| first_file(shelf, &inside(level, provider.as_str()), &SLI_NAMES))
            .collect();
        if !files.is_empty() {
            return SliFiles {
                files,
                provider: Some(provider.clone()),
            };
        }
    }
    SliFiles::default()
}

/// Returns the places that were looked at, for a message.
pub(super) fn places(
    folder: &Path,
    providers: &[ProviderName],
    levels_above: usize,
) -> Vec<PathBuf> {
    let beside = folder.join(SLI);
    let of_provider = |provider: &ProviderName| {
        let upwards = levels(folder, levels_above).into_iter().rev();
        let provider = provider.clone();
        upwards.map(move |level| inside(&level, provider.as_str()).join(SLI))
    };
    std::iter::once(beside)
        .chain(providers.iter().flat_map(of_provider))
        .collect()
}

/// Returns the configuration of Keptn's Dynatrace service that counts for a folder: the nearest one alone.
pub(super) fn dynatrace_conf(
    shelf: Shelf<'_>,
    folder: &Path,
    provider: &ProviderName,
    levels_above: usize,
) -> Option<PathBuf> {
    let upwards = levels(folder, levels_above).into_iter().rev();
    let mut folders = upwards.map(|level| inside(&level, provider.as_str()));
    folders.find_map(|folder| first_file(shelf, &folder, &["dynatrace.conf.yaml"]))
}

/// Returns Keptn's levels above and with the folder of a service: project, stage, service.
fn levels(folder: &Path, above: usize) -> Vec<PathBuf> {
    let mut levels = vec![folder.to_owned()];
    for _ in 0..above.min(2) {
        let next = levels.last().map(|level| parent(level));
        levels.extend(next);
    }
    levels.reverse();
    levels
}

/// Returns the folder above, also of a path that does not name it.
fn parent(folder: &Path) -> PathBuf {
    let is_named = matches!(folder.components().next_back(), Some(Component::Normal(_)));
    match folder.parent() {
        Some(parent) if is_named && parent != Path::new("") => parent.to_owned(),
        Some(_) if is_named => PathBuf::from("."),
        _ if folder == Path::new(".") => PathBuf::from(".."),
        _ => folder.join(".."),
    }
}

/// Returns the first file of these names in a folder.
fn first_file(shelf: Shelf<'_>, folder: &Path, names: &[&str]) -> Option<PathBuf> {
    let mut candidates = names.iter().map(|name| inside(folder, name));
    candidates.find(|candidate| shelf.has_file(candidate))
}

/// Returns the path of a file in a folder, without a `./` that nobody typed.
fn inside(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") {
        PathBuf::from(name)
    } else {
        folder.join(name)
    }
}

/// Tells whether a provider's name can be the name of a folder.
fn is_folder_name(provider: &ProviderName) -> bool {
    let mut components = Path::new(provider.as_str()).components();
    matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(_)), None)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::test_folder::TestFolder;

    /// Makes a folder with empty files.
    fn folder(files: &[&str]) -> TestFolder {
        let files: Vec<(&str, &str)> = files.iter().map(|file| (*file, "")).collect();
        TestFolder::new(&files)
    }

    /// Makes names of providers.
    fn providers(names: &[&str]) -> Vec<ProviderName> {
        names
            .iter()
            .map(|name| ProviderName::new(*name).unwrap())
            .collect()
    }

    #[test]
    fn the_file_beside_the_slo_comes_first() {
        let root = folder(&["sli.yml", "prometheus/sli.yaml", "slo.yml"]);
        let found = sli_files(Shelf::Disk, root.path(), &providers(&["prometheus"]), 2);
        assert_eq!(found.files, [root.path().join("sli.yml")]);
        assert_eq!(found.provider, None);
        assert_eq!(
            slo_file(Shelf::Disk, root.path()),
            root.path().join("slo.yml")
        );
    }

    #[test]
    fn the_levels_of_keptn_are_found_from_the_project_down() {
        let root = folder(&[
            "prometheus/sli.yaml",
            "dev/prometheus/sli.yaml",
            "dev/carts/prometheus/sli.yaml",
            "dev/carts/slo.yaml",
        ]);
        let service = root.path().join("dev/carts");
        let found = sli_files(
            Shelf::Disk,
            &service,
            &providers(&["dynatrace", "prometheus"]),
            2,
        );
        let expected = ["prometheus", "dev/prometheus", "dev/carts/prometheus"];
        assert_eq!(
            found.files,
            expected.map(|level| root.path().join(level).join("sli.yaml"))
        );
        assert_eq!(found.provider.unwrap().as_str(), "prometheus");
    }

    #[test]
    fn nothing_outside_of_the_root_is_read() {
        let root = folder(&["prometheus/sli.yaml", "repo/carts/slo.yaml"]);
        let repository = root.path().join("repo");
        let found = sli_files(
            Shelf::Disk,
            &repository.join("carts"),
            &providers(&["prometheus"]),
            1,
        );
        assert_eq!(found, SliFiles::default());
        let found = sli_files(
            Shelf::Disk,
            &repository,
            &providers(&["../prometheus", "/etc", ".."]),
            2,
        );
        assert_eq!(found, SliFiles::default());
    }

    #[test]
    fn the_folder_above_a_relative_one_is_found() {
        assert_eq!(parent(Path::new("a/b")), Path::new("a"));
        assert_eq!(parent(Path::new("a")), Path::new("."));
        assert_eq!(parent(Path::new(".")), Path::new(".."));
        assert_eq!(parent(Path::new("../a/..")), Path::new("../a/../.."));
        assert_eq!(folder_of(Path::new("slo.yaml")), Path::new("."));
        assert_eq!(folder_of(Path::new("-")), Path::new("."));
    }
}
