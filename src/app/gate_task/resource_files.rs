//! The files of an evaluation, read from the resources of a project into Keptn's layout.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::executor::{ResourcePlace, ResourceReader, UnreadableResource};
use crate::gate::{ProviderName, Series};

/// How many levels lie above a service: its stage and its project.
pub(super) const LEVELS_ABOVE: usize = 2;

/// The file with the objectives.
const SLO: &str = "slo.yaml";
/// A file with indicators.
const SLI: &str = "sli.yaml";
/// The folder of Keptn's Dynatrace service, and its configuration there.
const DYNATRACE: (&str, &str) = ("dynatrace", "dynatrace.conf.yaml");

/// The files of an evaluation with their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ResourceFiles {
    /// The files.
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
    /// The folder of the service.
    pub(super) folder: PathBuf,
}

/// Why the files can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoFiles {
    /// A name can't be that of a folder.
    #[error("`{0}` can't be the name of a project, a stage or a service: it is no single folder")]
    Name(String),
    /// A resource can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableResource),
}

impl ResourceFiles {
    /// Returns where the objectives are, or would be.
    pub(super) fn slo(&self) -> PathBuf {
        self.folder.join(SLO)
    }

    /// Tells whether there are objectives.
    pub(super) fn has_slo(&self) -> bool {
        self.files.contains_key(&self.slo())
    }
}

/// Reads the files of a series.
pub(super) struct Shelving<'a> {
    /// Where from.
    pub(super) reader: &'a dyn ResourceReader,
    /// Whose.
    pub(super) series: &'a Series,
    /// At which commit.
    pub(super) commit: Option<&'a str>,
}

impl Shelving<'_> {
    /// Reads the objectives, and the indicators for the first of the providers that has any.
    pub(super) async fn files(
        &self,
        providers: &[&ProviderName],
    ) -> Result<ResourceFiles, NoFiles> {
        let levels = self.levels()?;
        let mut found = ResourceFiles::default();
        let Some((service, folder)) = levels.last() else {
            return Ok(found);
        };
        found.folder.clone_from(folder);
        self.add(&mut found, service, folder, SLO).await?;
        if !self.add(&mut found, service, folder, SLI).await? {
            for provider in providers.iter().filter(|name| is_folder(name.as_str())) {
                let file = format!("{provider}/{SLI}");
                if self.add_levels(&mut found, &levels, &file).await? {
                    break;
                }
            }
        }
        let (dynatrace, conf) = DYNATRACE;
        if providers.iter().any(|name| name.as_str() == dynatrace) {
            let file = format!("{dynatrace}/{conf}");
            self.add_levels(&mut found, &levels, &file).await?;
        }
        Ok(found)
    }

    /// Reads a file of every level; tells whether one has it.
    async fn add_levels(
        &self,
        found: &mut ResourceFiles,
        levels: &[(ResourcePlace, PathBuf)],
        file: &str,
    ) -> Result<bool, UnreadableResource> {
        let mut any = false;
        for (place, folder) in levels {
            any |= self.add(found, place, folder, file).await?;
        }
        Ok(any)
    }

    /// Reads a file; tells whether it is there.
    async fn add(
        &self,
        found: &mut ResourceFiles,
        place: &ResourcePlace,
        folder: &Path,
        file: &str,
    ) -> Result<bool, UnreadableResource> {
        let content = self.reader.resource(place, file, self.commit).await?;
        let is_there = content.is_some();
        let path = folder.join(file);
        found.files.extend(content.map(|content| (path, content)));
        Ok(is_there)
    }

    /// Returns project, stage, and service, each with its folder.
    fn levels(&self) -> Result<Vec<(ResourcePlace, PathBuf)>, NoFiles> {
        let Series {
            project,
            stage,
            service,
        } = self.series;
        let names = [project.as_str(), stage.as_str(), service.as_str()];
        if let Some(name) = names.into_iter().find(|name| !is_folder(name)) {
            return Err(NoFiles::Name(name.to_owned()));
        }
        let place = |stage: Option<&str>, service: Option<&str>| ResourcePlace {
            project: project.as_str().to_owned(),
            stage: stage.map(str::to_owned),
            service: service.map(str::to_owned),
        };
        let of_project = PathBuf::from(project.as_str());
        let of_stage = of_project.join(stage.as_str());
        let of_service = of_stage.join(service.as_str());
        Ok(vec![
            (place(None, None), of_project),
            (place(Some(stage.as_str()), None), of_stage),
            (
                place(Some(stage.as_str()), Some(service.as_str())),
                of_service,
            ),
        ])
    }
}

/// Tells whether a name can be that of a folder.
fn is_folder(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let only = (components.next(), components.next());
    matches!(only, (Some(Component::Normal(part)), None) if part == name)
}
