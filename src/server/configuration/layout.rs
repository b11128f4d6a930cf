//! Where the files of projects, stages and services lie in a repository, as in Keptn (controlplane.md 1.9).

use serde::{Deserialize, Serialize};

use super::uri::STAGES_FOLDER;

/// How stages are kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Each stage is a branch of its own, and a service is a folder there.
    #[default]
    Branches,
    /// All stages are folders of one branch: `.keptn-stages/STAGE/SERVICE/`.
    Folders,
}

/// Whose files they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The project's.
    Project,
    /// A stage's.
    Stage(String),
    /// A service's in a stage.
    Service(String, String),
}

/// A folder of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The branch.
    pub branch: String,
    /// The folder, with a slash at its end; "" for the whole branch.
    pub folder: String,
}

impl Layout {
    /// Returns where the files of a scope lie.
    #[must_use]
    pub fn spot(self, main: &str, scope: &Scope) -> Spot {
        let (branch, folder) = match (self, scope) {
            (_, Scope::Project) => (main, String::new()),
            (Self::Branches, Scope::Stage(stage)) => (stage.as_str(), String::new()),
            (Self::Branches, Scope::Service(stage, service)) => {
                (stage.as_str(), format!("{service}/"))
            }
            (Self::Folders, Scope::Stage(stage)) => (main, format!("{STAGES_FOLDER}/{stage}/")),
            (Self::Folders, Scope::Service(stage, service)) => {
                (main, format!("{STAGES_FOLDER}/{stage}/{service}/"))
            }
        };
        Spot {
            branch: branch.to_owned(),
            folder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_layouts_are_keptns() {
        let scopes = [
            Scope::Project,
            Scope::Stage("dev".to_owned()),
            Scope::Service("dev".to_owned(), "cart".to_owned()),
        ];
        let spots = |layout: Layout| {
            let spots = scopes.iter().map(|scope| layout.spot("main", scope));
            let texts = spots.map(|spot| format!("{}:{}", spot.branch, spot.folder));
            texts.collect::<Vec<_>>()
        };
        assert_eq!(spots(Layout::Branches), ["main:", "dev:", "dev:cart/"]);
        assert_eq!(
            spots(Layout::Folders),
            [
                "main:",
                "main:.keptn-stages/dev/",
                "main:.keptn-stages/dev/cart/"
            ]
        );
    }
}
