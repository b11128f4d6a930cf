//! Which tidegate this is, and what it can read and write.

use crate::provider::ProviderKind;
use crate::report::Format;

/// The event logs, as they are written in front of the colon.
const EVENT_LOGS: &str = "sqlite, jsonl, memory, postgres, s3, gs, az, nats, https (Keptn)";

/// What is known of how the program was built.
///
/// Releases set two variables. Otherwise git is asked at compile time, where there is a checkout, for the commit only.
#[derive(Clone, Copy, Debug)]
struct Build {
    /// The version of the package.
    version: &'static str,
    /// The commit, where it is known.
    commit: Option<&'static str>,
    /// Its date, such as 2026-08-01.
    date: Option<&'static str>,
}

/// This program.
const THIS: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    commit: match option_env!("TIDEGATE_COMMIT") {
        None => CHECKOUT,
        released => released,
    },
    date: option_env!("TIDEGATE_COMMIT_DATE"),
};

/// The commit of the checkout; `-modified` follows where files differ from it. Empty where there is no git.
const CHECKOUT: Option<&str> = Some(git_version::git_version!(
    args = [
        "--always",
        "--abbrev=40",
        "--exclude=*",
        "--dirty=-modified"
    ],
    fallback = ""
));

/// Returns the version on one line: `0.1.0 (abc1234 2026-08-01)`, or `0.1.0` where no commit was recorded.
pub fn short() -> String {
    THIS.short()
}

/// Returns the version, how it was built, and what it can read and write.
pub fn long() -> String {
    THIS.long()
}

impl Build {
    /// Returns the version on one line.
    fn short(self) -> String {
        let commit = self.commit.and_then(|commit| commit.get(..7));
        let known: Vec<&str> = commit
            .into_iter()
            .chain(self.date.filter(|_| commit.is_some()))
            .collect();
        if known.is_empty() {
            self.version.to_owned()
        } else {
            format!("{} ({})", self.version, known.join(" "))
        }
    }

    /// Returns everything.
    fn long(self) -> String {
        let commit = self.commit.filter(|commit| !commit.is_empty());
        let providers = ProviderKind::ALL.map(|kind| kind.to_string());
        [
            self.short(),
            format!("commit: {}", commit.unwrap_or("not recorded")),
            format!("target: {}", target()),
            format!(
                "providers: {}, and those of `tidegate providers`",
                providers.join(", ")
            ),
            format!("event logs: {EVENT_LOGS}"),
            format!("reports: {}", Format::names().join(", ")),
        ]
        .join("\n")
    }
}

/// Returns what the program was built for.
fn target() -> String {
    let library = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!(
        "{}-{}{library}",
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASED: Build = Build {
        version: "0.1.0",
        commit: Some("abc1234def5678"),
        date: Some("2026-08-01"),
    };

    #[test]
    fn a_release_names_its_commit_and_the_day() {
        assert_eq!(RELEASED.short(), "0.1.0 (abc1234 2026-08-01)");
        assert!(
            RELEASED
                .long()
                .starts_with("0.1.0 (abc1234 2026-08-01)\ncommit: abc1234def5678\n")
        );
    }

    #[test]
    fn a_build_without_a_commit_names_the_version_alone() {
        for commit in [None, Some(""), Some("abc")] {
            let build = Build { commit, ..RELEASED };
            assert_eq!(build.short(), "0.1.0");
        }
        let build = Build {
            commit: None,
            ..RELEASED
        };
        assert!(build.long().contains("\ncommit: not recorded\n"));
        let build = Build {
            date: None,
            ..RELEASED
        };
        assert_eq!(build.short(), "0.1.0 (abc1234)");
    }

    #[test]
    fn every_format_and_provider_is_named() {
        let text = long();
        for name in Format::names() {
            assert!(text.contains(name), "{name}");
        }
        for kind in ProviderKind::ALL {
            assert!(text.contains(kind.as_str()), "{kind}");
        }
    }
}
