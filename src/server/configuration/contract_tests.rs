//! The contract of repositories, kept by both.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at the files themselves"
)]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::git::GitRepository;
use super::git_program::GitProgram;
use super::plain::PlainRepository;
use super::repository::{Change, Edit, Repository, RepositoryError, Revision};

/// A repository under test, in a folder of its own.
pub struct Place {
    /// The folder, which is there as long as this.
    _folder: TempDir,
    /// The repository.
    pub repository: Box<dyn Repository>,
}

/// Tells whether git is installed; a missing one fails where everything has to run.
pub fn has_git() -> bool {
    let there = Command::new("git").arg("--version").output().is_ok();
    let required = std::env::var("TIDEGATE_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    assert!(there || !required, "git is not installed");
    if !there {
        println!("skipped: git is not installed");
    }
    there
}

/// Returns git as it is used in tests, which may speak to repositories in folders.
pub fn git() -> GitProgram {
    GitProgram {
        protocols: "file:http".to_owned(),
        ..GitProgram::default()
    }
}

/// Runs git as a user would; returns what it prints.
pub fn user_git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=ann", "-c", "user.email=ann@example"])
        .args(arguments)
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {talk}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Returns every kind of repository that can be tested here.
async fn places() -> Vec<Place> {
    let folder = tempfile::tempdir().unwrap();
    let repository = PlainRepository::open(folder.path()).unwrap();
    let mut places = vec![Place {
        _folder: folder,
        repository: Box::new(repository),
    }];
    if has_git() {
        let folder = tempfile::tempdir().unwrap();
        let repository = GitRepository::open(folder.path(), git(), None);
        assert_eq!(repository.create().await.unwrap(), "main");
        places.push(Place {
            _folder: folder,
            repository: Box::new(repository),
        });
    }
    places
}

/// Returns a change of the branch `main`.
pub fn change(edits: &[(&str, Option<&str>)]) -> Change {
    let edits = edits.iter().map(|(path, content)| Edit {
        path: (*path).to_owned(),
        content: content.map(|content| content.as_bytes().to_vec()),
    });
    Change {
        branch: "main".to_owned(),
        message: "Updated resource".to_owned(),
        time: "2024-05-01T10:00:00Z".parse().unwrap(),
        edits: edits.collect(),
    }
}

pub fn main_branch() -> Revision {
    Revision::Branch("main".to_owned())
}

async fn text(repository: &dyn Repository, revision: &Revision, path: &str) -> Option<String> {
    let content = repository.read(revision, path).await.unwrap();
    content.map(|content| String::from_utf8(content).unwrap())
}

#[tokio::test]
async fn every_commit_can_be_read_as_it_was() {
    for Place { repository, .. } in places().await {
        let repository = repository.as_ref();
        assert!(repository.heads().await.unwrap().is_empty());
        assert_eq!(text(repository, &main_branch(), "a").await, None);
        let first = change(&[
            ("a", Some("1")),
            ("d/b \"q\" ü", Some("2")),
            ("d/e/f", Some("")),
        ]);
        let first = repository.commit(&[first]).await.unwrap()["main"].clone();
        let second = change(&[("a", Some("3")), ("d/b \"q\" ü", None)]);
        let second = repository.commit(&[second]).await.unwrap()["main"].clone();
        assert_ne!(first, second);
        assert_eq!(repository.heads().await.unwrap()["main"], second);
        let old = Revision::Commit(first);
        assert_eq!(text(repository, &old, "a").await.unwrap(), "1");
        assert_eq!(text(repository, &old, "d/b \"q\" ü").await.unwrap(), "2");
        assert_eq!(text(repository, &main_branch(), "a").await.unwrap(), "3");
        assert_eq!(text(repository, &main_branch(), "d/b \"q\" ü").await, None);
        assert_eq!(text(repository, &main_branch(), "d").await, None);
        assert_eq!(
            repository.list(&old, "").await.unwrap(),
            ["a", "d/b \"q\" ü", "d/e/f"]
        );
        assert_eq!(
            repository.list(&main_branch(), "d/").await.unwrap(),
            ["d/e/f"]
        );
        let folder = change(&[("d", None)]);
        repository.commit(&[folder]).await.unwrap();
        assert_eq!(repository.list(&main_branch(), "").await.unwrap(), ["a"]);
    }
}

#[tokio::test]
async fn a_change_of_nothing_makes_no_commit() {
    for Place { repository, .. } in places().await {
        let edit = change(&[("a", Some("1"))]);
        let first = repository
            .commit(std::slice::from_ref(&edit))
            .await
            .unwrap();
        assert_eq!(repository.commit(&[edit]).await.unwrap(), first);
        let absent = change(&[("b", None)]);
        assert_eq!(repository.commit(&[absent]).await.unwrap(), first);
    }
}

#[tokio::test]
async fn a_commit_that_is_none_is_told_whatever_it_is_called() {
    for Place { repository, .. } in places().await {
        repository
            .commit(&[change(&[("a", Some("1"))])])
            .await
            .unwrap();
        for name in [
            "",
            "main",
            "HEAD",
            "--help",
            "../HEAD",
            "0123456789012345678901234567890123456789",
            "main:a",
        ] {
            let revision = Revision::Commit(name.to_owned());
            let read = repository.read(&revision, "a").await;
            assert!(
                matches!(read, Err(RepositoryError::UnknownCommit(_))),
                "{name}: {read:?}"
            );
        }
    }
}

#[tokio::test]
async fn bytes_of_any_kind_come_back() {
    for Place { repository, .. } in places().await {
        let content: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let mut put = change(&[]);
        put.edits.push(Edit {
            path: "bin".to_owned(),
            content: Some(content.clone()),
        });
        repository.commit(&[put]).await.unwrap();
        assert_eq!(
            repository
                .read(&main_branch(), "bin")
                .await
                .unwrap()
                .unwrap(),
            content
        );
    }
}

#[tokio::test]
async fn what_is_written_half_is_not_seen_and_what_is_damaged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let repository = PlainRepository::open(folder.path()).unwrap();
    repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let head = std::fs::read(folder.path().join("HEAD")).unwrap();
    repository
        .commit(&[change(&[("a", Some("2"))])])
        .await
        .unwrap();
    // The process died before the new commit got the name of the newest.
    std::fs::write(folder.path().join("HEAD"), &head).unwrap();
    std::fs::write(folder.path().join(".partial-x"), "half").unwrap();
    let again = PlainRepository::open(folder.path()).unwrap();
    assert_eq!(text(&again, &main_branch(), "a").await.unwrap(), "1");
    repository
        .commit(&[change(&[("a", Some("2"))])])
        .await
        .unwrap();
    assert_eq!(text(&again, &main_branch(), "a").await.unwrap(), "2");

    let id = String::from_utf8(head).unwrap();
    std::fs::write(folder.path().join("commits").join(&id), "{}").unwrap();
    let read = again.read(&Revision::Commit(id), "a").await;
    assert!(
        matches!(read, Err(RepositoryError::Damaged { .. })),
        "{read:?}"
    );
}

#[tokio::test]
async fn a_plain_repository_that_cant_be_written_stays_as_it_was() {
    for broken in ["objects", "commits"] {
        let folder = tempfile::tempdir().unwrap();
        let repository = PlainRepository::open(folder.path()).unwrap();
        let first = repository
            .commit(&[change(&[("a", Some("1"))])])
            .await
            .unwrap();
        // A file in the place of the folder, so that nothing can be written there, not even by root.
        let place = folder.path().join(broken);
        std::fs::rename(&place, folder.path().join("away")).unwrap();
        std::fs::write(&place, "").unwrap();
        let failed = repository.commit(&[change(&[("a", Some("2"))])]).await;
        assert!(
            matches!(failed, Err(RepositoryError::Disk { .. })),
            "{failed:?}"
        );
        std::fs::remove_file(&place).unwrap();
        std::fs::rename(folder.path().join("away"), &place).unwrap();
        assert_eq!(repository.heads().await.unwrap(), first);
        assert_eq!(text(&repository, &main_branch(), "a").await.unwrap(), "1");
    }
}

#[tokio::test]
async fn links_in_a_repository_are_not_followed_and_hooks_do_not_run() {
    if !has_git() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let bare = place.path().join("bare");
    let repository = GitRepository::open(&bare, git(), None);
    repository.create().await.unwrap();
    repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let work = place.path().join("work");
    user_git(place.path(), &["clone", "-q", "-b", "main", "bare", "work"]);
    std::fs::write(place.path().join("secret"), "s3cret").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::os::unix::fs::symlink("../secret", work.join("link")).unwrap();
        std::os::unix::fs::symlink("..", work.join("folder")).unwrap();
        user_git(&work, &["add", "-A"]);
        user_git(&work, &["commit", "-qm", "links"]);
        user_git(&work, &["push", "-q", "origin", "main"]);
        for path in ["link", "folder", "folder/secret"] {
            assert_eq!(
                repository.read(&main_branch(), path).await.unwrap(),
                None,
                "{path}"
            );
        }
        assert_eq!(repository.list(&main_branch(), "").await.unwrap(), ["a"]);
        std::fs::create_dir_all(bare.join("hooks")).unwrap();
        for hook in ["reference-transaction", "post-update", "pre-push", "update"] {
            let script = format!(
                "#!/bin/sh\ntouch {}\nexit 1\n",
                place.path().join("ran").display()
            );
            let path = bare.join("hooks").join(hook);
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    repository
        .commit(&[change(&[("a", Some("2"))])])
        .await
        .unwrap();
    assert!(!place.path().join("ran").exists());
    let author = user_git(&bare, &["log", "-1", "--format=%an <%ae> %s", "main"]);
    assert_eq!(author, "keptn <keptn@keptn.sh> Updated resource");
    assert_eq!(user_git(&bare, &["for-each-ref", "refs/tidegate"]), "");
}

#[tokio::test]
async fn several_branches_change_together() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = GitRepository::open(folder.path(), git(), None);
    repository.create().await.unwrap();
    let on = |branch: &str, content: &str| Change {
        branch: branch.to_owned(),
        ..change(&[("a", Some(content))])
    };
    let made = repository
        .commit(&[on("main", "1"), on("dev", "2")])
        .await
        .unwrap();
    assert_eq!(made.keys().collect::<Vec<_>>(), ["dev", "main"]);
    // A branch that can't be: everything stays as it was.
    let failed = repository
        .commit(&[on("main", "9"), on("dev/x", "9")])
        .await;
    assert!(
        matches!(failed, Err(RepositoryError::Git { .. })),
        "{failed:?}"
    );
    assert_eq!(repository.heads().await.unwrap(), made);
    assert_eq!(text(&repository, &main_branch(), "a").await.unwrap(), "1");
}

#[tokio::test]
async fn a_machine_without_git_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let program = GitProgram {
        program: "tidegate-no-such-git".to_owned(),
        ..GitProgram::default()
    };
    let failed = GitRepository::open(folder.path(), program, None)
        .create()
        .await;
    assert_eq!(
        failed.unwrap_err().to_string(),
        "the program `tidegate-no-such-git` can't be started: install git, or use plain configuration"
    );
}
