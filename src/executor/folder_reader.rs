//! The resources of a project in a folder of this machine, in Keptn's layout or flat.

#![expect(
    clippy::disallowed_methods,
    reason = "reads the files that a folder holds for executors"
)]

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use async_trait::async_trait;

use super::reader::{ResourcePlace, ResourceReader, UnreadableResource};

/// The most bytes that a resource may have.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Reads the resources of one project from a folder. Those of a service are `STAGE/SERVICE/…`, else `SERVICE/…`, else
/// `STAGE/…`, else they lie in the folder itself, so that one file may serve all.
pub struct FolderReader {
    /// The folder.
    root: PathBuf,
}

impl FolderReader {
    /// Reads below a folder.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the folders to look in, in this order.
    fn folders(&self, place: &ResourcePlace) -> Vec<PathBuf> {
        let root = &self.root;
        match (&place.stage, &place.service) {
            (Some(stage), Some(service)) => vec![
                root.join(stage).join(service),
                root.join(service),
                root.join(stage),
                root.clone(),
            ],
            (Some(stage), None) => vec![root.join(stage)],
            (None, Some(service)) => vec![root.join(service), root.clone()],
            (None, None) => vec![root.clone()],
        }
    }
}

#[async_trait]
impl ResourceReader for FolderReader {
    async fn resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
        _commit: Option<&str>,
    ) -> Result<Option<Vec<u8>>, UnreadableResource> {
        let unreadable = |reason: String| UnreadableResource {
            uri: uri.to_owned(),
            reason,
        };
        let names = [&place.stage, &place.service].into_iter().flatten();
        if !is_below(uri) || !names.clone().all(|name| is_one_folder(name)) {
            return Err(unreadable("it lies outside of the project".to_owned()));
        }
        for folder in self.folders(place) {
            let found = read(&folder.join(uri));
            if let Some(content) = found.map_err(unreadable)? {
                return Ok(Some(content));
            }
        }
        Ok(None)
    }
}

/// Reads a file; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(error.to_string()),
    };
    let mut content = Vec::new();
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut content);
    match read {
        Ok(count) if u64::try_from(count).is_ok_and(|count| count <= MOST_BYTES) => {
            Ok(Some(content))
        }
        Ok(_) => Err(format!("it has more than {MOST_BYTES} bytes")),
        Err(error) if error.kind() == ErrorKind::IsADirectory => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Tells whether a path stays below where it starts.
fn is_below(uri: &str) -> bool {
    let mut parts = Path::new(uri).components();
    !uri.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Tells whether a name is that of one folder.
fn is_one_folder(name: &str) -> bool {
    let parts: Vec<Component<'_>> = Path::new(name).components().collect();
    matches!(parts[..], [Component::Normal(_)]) && !name.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(stage: Option<&str>, service: Option<&str>) -> ResourcePlace {
        ResourcePlace {
            project: "shop".to_owned(),
            stage: stage.map(str::to_owned),
            service: service.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn the_nearest_file_wins_and_one_may_serve_all() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "slo.yaml",
            "prod/slo.yaml",
            "prod/carts/slo.yaml",
            "dev/x/slo.yaml",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        let reader = FolderReader::new(folder.path().to_owned());
        let mut found = Vec::new();
        for (stage, service) in [
            (Some("prod"), Some("carts")),
            (Some("prod"), Some("orders")),
            (Some("dev"), Some("carts")),
            (Some("dev"), None),
            (None, None),
        ] {
            let content = reader
                .resource(&place(stage, service), "slo.yaml", None)
                .await;
            let content = content.unwrap().unwrap_or_default();
            found.push(String::from_utf8(content).unwrap());
        }
        assert_eq!(
            found,
            [
                "prod/carts/slo.yaml",
                "prod/slo.yaml",
                "slo.yaml",
                "",
                "slo.yaml"
            ]
        );
    }

    #[tokio::test]
    async fn nothing_outside_of_the_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shop");
        std::fs::create_dir_all(root.join("dev")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let reader = FolderReader::new(root);
        for (stage, uri) in [
            ("dev", "../secret"),
            ("dev", "/etc/hostname"),
            ("..", "secret"),
            ("a/..", "x"),
            ("dev", ""),
        ] {
            let answer = reader.resource(&place(Some(stage), None), uri, None).await;
            assert!(answer.is_err(), "{stage} {uri}");
        }
    }
}
