//! Git with an upstream repository: pushed first, made again where somebody was faster, and never half here and there.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at the files themselves"
)]

use std::path::Path;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::contract_tests::{change, git, has_git, main_branch, user_git};
use super::git::GitRepository;
use super::repository::{Repository as _, RepositoryError};
use super::upstream::{Upstream, UpstreamPlace, UpstreamSecrets};
use crate::net::Secret;

fn upstream(url: String) -> Upstream {
    Upstream {
        place: UpstreamPlace {
            url,
            ..UpstreamPlace::default()
        },
        secrets: UpstreamSecrets::default(),
    }
}

/// Makes an upstream repository in a folder; returns one that uses it.
async fn linked(folder: &Path, branch: &str) -> GitRepository {
    user_git(folder, &["init", "-q", "--bare", "-b", branch, "upstream"]);
    let url = format!("file://{}", folder.join("upstream").display());
    let repository = GitRepository::open(&folder.join("bare"), git(), Some(upstream(url)));
    repository.create().await.unwrap();
    repository
}

#[tokio::test]
async fn a_change_is_upstream_when_it_is_answered() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = linked(folder.path(), "main").await;
    let made = repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let there = user_git(&folder.path().join("upstream"), &["rev-parse", "main"]);
    assert_eq!(made["main"], there);
}

#[tokio::test]
async fn a_change_is_made_again_on_top_of_what_others_pushed() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = linked(folder.path(), "main").await;
    repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let work = folder.path().join("work");
    user_git(folder.path(), &["clone", "-q", "upstream", "work"]);
    std::fs::write(work.join("theirs"), "t").unwrap();
    user_git(&work, &["add", "-A"]);
    user_git(&work, &["commit", "-qm", "theirs"]);
    user_git(&work, &["push", "-q"]);
    repository
        .commit(&[change(&[("a", Some("2"))])])
        .await
        .unwrap();
    user_git(&work, &["pull", "-q"]);
    assert_eq!(std::fs::read_to_string(work.join("a")).unwrap(), "2");
    assert_eq!(std::fs::read_to_string(work.join("theirs")).unwrap(), "t");
    assert_eq!(
        repository.list(&main_branch(), "").await.unwrap(),
        ["a", "theirs"]
    );
}

#[tokio::test]
async fn what_others_push_is_seen_after_a_pull() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = linked(folder.path(), "main").await;
    repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let work = folder.path().join("work");
    user_git(folder.path(), &["clone", "-q", "upstream", "work"]);
    std::fs::write(work.join("a"), "theirs").unwrap();
    user_git(&work, &["commit", "-qam", "theirs"]);
    user_git(&work, &["push", "-q"]);
    assert_eq!(
        repository.read(&main_branch(), "a").await.unwrap().unwrap(),
        b"1"
    );
    repository.pull().await.unwrap();
    assert_eq!(
        repository.read(&main_branch(), "a").await.unwrap().unwrap(),
        b"theirs"
    );
}

#[tokio::test]
async fn a_refused_push_leaves_everything_as_it_was() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = linked(folder.path(), "main").await;
    let before = repository
        .commit(&[change(&[("a", Some("1"))])])
        .await
        .unwrap();
    let there = folder.path().join("upstream");
    std::fs::rename(&there, folder.path().join("away")).unwrap();
    let failed = repository.commit(&[change(&[("a", Some("2"))])]).await;
    assert!(
        matches!(failed, Err(RepositoryError::UpstreamMissing)),
        "{failed:?}"
    );
    assert_eq!(repository.heads().await.unwrap(), before);
    std::fs::rename(folder.path().join("away"), &there).unwrap();
    repository
        .commit(&[change(&[("a", Some("3"))])])
        .await
        .unwrap();
    assert_eq!(user_git(&there, &["show", "main:a"]), "3");
}

#[tokio::test]
async fn the_branch_of_the_project_is_the_one_that_upstream_names() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    user_git(folder.path(), &["init", "-q", "-b", "trunk", "upstream"]);
    let there = folder.path().join("upstream");
    std::fs::write(there.join("README"), "x").unwrap();
    user_git(&there, &["add", "-A"]);
    user_git(&there, &["commit", "-qm", "first"]);
    let url = format!("file://{}", there.display());
    let repository = GitRepository::open(&folder.path().join("bare"), git(), Some(upstream(url)));
    assert_eq!(repository.create().await.unwrap(), "trunk");
}

/// Answers every request with a status; returns its URL, and the first request.
async fn http_server(status: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/p.git", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).await.unwrap();
            request.push(byte[0]);
        }
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nWWW-Authenticate: Basic\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, heard)
}

#[tokio::test]
async fn a_token_goes_to_the_server_alone_and_a_wrong_one_is_told() {
    if !has_git() {
        return;
    }
    for (status, says) in [
        (
            "401 Unauthorized",
            "Invalid git token: the upstream repository refuses the credentials",
        ),
        (
            "403 Forbidden",
            "Invalid git token: the upstream repository refuses the credentials",
        ),
        ("404 Not Found", "Upstream repository not found"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (url, heard) = http_server(status).await;
        let mut there = upstream(url);
        there.place.user = "ann".to_owned();
        there.secrets.token = Some(Secret::new("t0ken"));
        let repository = GitRepository::open(folder.path(), git(), Some(there));
        let failed = repository.create().await.unwrap_err();
        assert_eq!(failed.to_string(), says, "{status}");
        assert!(
            heard
                .await
                .unwrap()
                .contains("Authorization: Basic YW5uOnQwa2Vu"),
            "{status}"
        );
        let config = std::fs::read_to_string(folder.path().join("config")).unwrap();
        assert!(!config.contains("t0ken") && !config.contains("YW5uOnQwa2Vu"));
    }
}

#[tokio::test]
async fn a_redirect_to_elsewhere_is_not_followed() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, _heard) = http_server("200 OK").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/p.git", listener.local_addr().unwrap());
    let target = elsewhere.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0);
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: {target}/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    let repository = GitRepository::open(folder.path(), git(), Some(upstream(url)));
    let failed = repository.create().await.unwrap_err();
    assert!(matches!(failed, RepositoryError::Upstream(_)), "{failed:?}");
}

#[tokio::test]
async fn other_protocols_are_not_spoken() {
    if !has_git() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "ext::sh -c touch% ran",
        "git://127.0.0.1/p",
        "ssh://127.0.0.1/p",
    ] {
        let place = folder.path().join("bare");
        let repository = GitRepository::open(&place, git(), Some(upstream(url.to_owned())));
        let failed = repository.create().await.unwrap_err();
        assert!(failed.to_string().contains("not allowed"), "{failed}");
        assert!(!place.join("ran").exists());
    }
}
