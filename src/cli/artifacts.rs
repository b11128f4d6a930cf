//! What was built: the subjects of an attestation, as `--artifact` names them.

use super::command::Configured;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Setting;
use crate::report::ci::CiJob;
use crate::report::{Artifact, Format, has_subject};

/// The digests that are understood, each with how many hexadecimal digits it may have.
const DIGESTS: [(&str, &[usize]); 4] = [
    ("sha256", &[64]),
    ("sha384", &[96]),
    ("sha512", &[128]),
    ("gitCommit", &[40, 64]),
];

/// Reads what a target's settings name.
pub fn artifacts(configured: &Configured) -> Result<Vec<Artifact>, Failure> {
    let artifacts = configured.settings.read(Setting::Artifact, parse)?;
    Ok(artifacts.unwrap_or_default())
}

/// Refuses an attestation that would be about nothing.
pub fn refuse_without_subject(
    mut formats: impl Iterator<Item = Format>,
    artifacts: &[Artifact],
    job: Option<&CiJob>,
) -> Result<(), Failure> {
    if !formats.any(|format| format == Format::InToto) || has_subject(artifacts, job) {
        return Ok(());
    }
    let message = "the in-toto statement has no subject: it is not known what was built";
    let hint = "name it with --artifact NAME@sha256:DIGEST, or call tidegate in a CI job that tells its commit";
    Err(Failure::new(Exit::Usage, message).with_hint(hint))
}

/// Reads a list: `registry.example/carts@sha256:…,carts.tgz@sha512:…`.
fn parse(text: &str) -> Result<Vec<Artifact>, String> {
    let parts = text.split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(parse_one).collect()
}

/// Reads one artifact: `registry.example/carts@sha256:…`.
fn parse_one(text: &str) -> Result<Artifact, String> {
    let digest = text.rsplit_once('@').and_then(|(name, digest)| {
        let (algorithm, digest) = digest.split_once(':')?;
        Some((name, algorithm, digest))
    });
    let Some((name, algorithm, digest)) = digest.filter(|(name, ..)| !name.is_empty()) else {
        return Err(format!(
            "`{text}` is not NAME@sha256:DIGEST, such as registry.example/carts@sha256:9f86…"
        ));
    };
    let mut known = DIGESTS.into_iter();
    let Some((_, lengths)) = known.find(|(known, _)| *known == algorithm) else {
        let known = DIGESTS.map(|(known, _)| known).join(", ");
        return Err(format!(
            "`{algorithm}` in `{text}` is no digest: known are {known}"
        ));
    };
    let is_hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hexadecimal || !lengths.contains(&digest.len()) {
        let lengths = lengths.iter().map(usize::to_string).collect::<Vec<_>>();
        return Err(format!(
            "the digest in `{text}` is not {} hexadecimal digits long",
            lengths.join(" or ")
        ));
    }
    Ok(Artifact {
        name: name.to_owned(),
        algorithm: algorithm.to_owned(),
        digest: digest.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_with_a_port_and_a_tag_is_read() {
        let digest = "9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let text = format!("registry.example:5000/carts:1.2@sha256:{digest}, ");
        let artifacts = parse(&text).unwrap();
        assert_eq!(artifacts.len(), 1);
        assert_eq!(artifacts[0].name, "registry.example:5000/carts:1.2");
        assert_eq!(artifacts[0].digest, digest.to_ascii_lowercase());
    }

    #[test]
    fn what_is_wrong_with_an_artifact_is_said() {
        let why = |text: &str| parse(text).unwrap_err();
        assert!(why("carts").contains("NAME@sha256:DIGEST"));
        assert!(why("@sha256:00").contains("NAME@sha256:DIGEST"));
        assert!(why("carts@md5:00").contains("known are sha256"));
        assert!(why("carts@sha256:00").contains("64 hexadecimal digits"));
        assert!(why("carts@gitCommit:xyz").contains("40 or 64"));
    }
}
