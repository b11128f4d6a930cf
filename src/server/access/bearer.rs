//! Whoever shows a token.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::server::problem::Problem;
use crate::server::settings::{AccessSettings, Anonymous, Scope, TokenDigest, TokenSettings};

/// Whoever shows a token: what a request may do. Handlers that list things of all projects ask it which to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The name of the token.
    pub name: String,
    /// What it is good for.
    scopes: BTreeSet<Scope>,
    /// The projects it is good for; `None`: all.
    projects: Option<BTreeSet<String>>,
}

impl Bearer {
    /// Makes somebody who may do everything.
    #[must_use]
    pub fn of_everything(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scopes: [Scope::Admin].into(),
            projects: None,
        }
    }

    /// Tells whether it may see and change a project.
    #[must_use]
    pub fn may_enter(&self, project: &str) -> bool {
        let projects = self.projects.as_ref();
        projects.is_none_or(|projects| projects.contains(project))
    }

    /// Tells whether it may see and change every project.
    #[must_use]
    pub fn may_enter_all(&self) -> bool {
        self.projects.is_none()
    }

    /// Returns the projects that it is for; `None`: all.
    #[must_use]
    pub fn projects(&self) -> Option<&BTreeSet<String>> {
        self.projects.as_ref()
    }

    /// Refuses a project that is none of its own.
    pub fn enter(&self, project: &str) -> Result<(), Problem> {
        if self.may_enter(project) {
            return Ok(());
        }
        let shown = crate::report::printable(&project.chars().take(64).collect::<String>());
        let message = format!("the token `{}` is not for the project `{shown}`", self.name);
        Err(Problem::new(StatusCode::FORBIDDEN, message))
    }

    /// Refuses what spans projects, where the token is for some only.
    pub fn enter_all(&self, hint: &str) -> Result<(), Problem> {
        if self.may_enter_all() {
            return Ok(());
        }
        let message = format!(
            "the token `{}` is for some projects only: {hint}",
            self.name
        );
        Err(Problem::new(StatusCode::FORBIDDEN, message))
    }

    /// Refuses what needs a scope that it has not.
    pub fn need(&self, scope: Scope) -> Result<(), Problem> {
        let is_enough = scope == Scope::Read
            || self.scopes.contains(&Scope::Admin)
            || self.scopes.contains(&scope);
        if is_enough {
            return Ok(());
        }
        let own: Vec<&str> = self.scopes.iter().map(|scope| scope.name()).collect();
        let message = format!(
            "the token `{}` lacks the scope `{}`; it has {}",
            self.name,
            scope.name(),
            own.join(", ")
        );
        Err(Problem::new(StatusCode::FORBIDDEN, message))
    }

    /// Makes whoever shows a token of the settings.
    fn of(settings: &TokenSettings) -> Self {
        let TokenSettings {
            name,
            digest: _,
            scopes,
            projects,
        } = settings.clone();
        Self {
            name,
            scopes,
            projects,
        }
    }
}

/// Everybody who may come.
#[derive(Clone, Debug)]
pub struct Bearers {
    /// Each with the digest of its token.
    known: Vec<(TokenDigest, Arc<Bearer>)>,
    /// Who comes without a token; `None`: nobody may.
    anonymous: Option<Arc<Bearer>>,
}

/// What a request shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A token that is known, or none where none is needed.
    Known(Arc<Bearer>),
    /// A token that nobody knows.
    Unknown,
    /// No token.
    Nothing,
}

impl Bearers {
    /// Knows the tokens of the settings.
    #[must_use]
    pub fn of(settings: &AccessSettings) -> Self {
        let known = settings.tokens.iter();
        let known = known.map(|token| (token.digest.clone(), Arc::new(Bearer::of(token))));
        let anonymous = match settings.anonymous {
            Anonymous::Allowed => Some(Arc::new(Bearer::of_everything("anonymous"))),
            Anonymous::Refused => None,
        };
        Self {
            known: known.collect(),
            anonymous,
        }
    }

    /// Looks at the token of a request: `x-token`, or `Authorization: Bearer`.
    pub fn look(&self, headers: &HeaderMap) -> Shown {
        let keptn = headers.get("x-token").map(HeaderValue::as_bytes);
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
            let text = value.as_bytes();
            let (scheme, token) = text.split_at_checked(7)?;
            scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
        });
        let Some(token) = keptn.or(bearer) else {
            return match &self.anonymous {
                Some(anonymous) => Shown::Known(Arc::clone(anonymous)),
                None => Shown::Nothing,
            };
        };
        let digest = TokenDigest::of(&String::from_utf8_lossy(token));
        // All are compared, so that the time says nothing of which one it was.
        let found = self.known.iter().fold(None, |found, (known, bearer)| {
            if known.is(&digest) {
                Some(Arc::clone(bearer))
            } else {
                found
            }
        });
        match (found, &self.anonymous) {
            (Some(bearer), _) => Shown::Known(bearer),
            (None, Some(anonymous)) if self.known.is_empty() => Shown::Known(Arc::clone(anonymous)),
            (None, _) => Shown::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn token(name: &str, scopes: &[Scope], projects: Option<&[&str]>) -> TokenSettings {
        TokenSettings {
            name: name.to_owned(),
            digest: TokenDigest::of(&format!("secret-of-{name}")),
            scopes: scopes.iter().copied().collect(),
            projects: projects
                .map(|projects| projects.iter().map(|name| (*name).to_owned()).collect()),
        }
    }

    fn bearers(anonymous: Anonymous) -> Bearers {
        Bearers::of(&AccessSettings {
            tokens: vec![
                token("ci", &[Scope::Trigger], Some(&["shop"])),
                token("boss", &[Scope::Admin], None),
            ],
            anonymous,
            ..AccessSettings::default()
        })
    }

    fn shown(bearers: &Bearers, name: &'static str, value: &str) -> Shown {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        bearers.look(&headers)
    }

    #[test]
    fn a_token_is_known_in_either_header_and_nothing_like_it_is() {
        let bearers = bearers(Anonymous::Refused);
        let Shown::Known(ci) = shown(&bearers, "x-token", "secret-of-ci") else {
            panic!("it is known");
        };
        assert_eq!(ci.name, "ci");
        for value in ["Bearer secret-of-boss", "bearer secret-of-boss"] {
            let Shown::Known(boss) = shown(&bearers, "authorization", value) else {
                panic!("it is known");
            };
            assert_eq!(boss.name, "boss");
        }
        for wrong in ["", "secret-of-c", "secret-of-ci ", "SECRET-OF-CI"] {
            assert_eq!(shown(&bearers, "x-token", wrong), Shown::Unknown, "{wrong}");
        }
        let basic = shown(&bearers, "authorization", "Basic secret-of-boss");
        assert_eq!(basic, Shown::Nothing);
        assert_eq!(bearers.look(&HeaderMap::new()), Shown::Nothing);
    }

    #[test]
    fn without_a_token_everything_is_allowed_only_where_the_operator_says_so() {
        let bearers = bearers(Anonymous::Allowed);
        let Shown::Known(anybody) = bearers.look(&HeaderMap::new()) else {
            panic!("anybody may come");
        };
        assert_eq!(anybody.need(Scope::Admin), Ok(()));
        assert_eq!(shown(&bearers, "x-token", "guess"), Shown::Unknown);
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        let ci = Bearer::of(&token(
            "ci",
            &[Scope::Read, Scope::Trigger],
            Some(&["shop"]),
        ));
        assert_eq!(ci.need(Scope::Trigger), Ok(()));
        insta::assert_snapshot!(ci.need(Scope::Admin).unwrap_err().message, @"the token `ci` lacks the scope `admin`; it has read, trigger");
        assert_eq!(ci.enter("shop"), Ok(()));
        insta::assert_snapshot!(ci.enter("bank\n::set-output").unwrap_err().message, @r"the token `ci` is not for the project `bank\u{a}::set-output`");
        assert_eq!(ci.enter_all("").unwrap_err().status, StatusCode::FORBIDDEN);
    }
}
