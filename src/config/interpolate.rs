//! `${NAME}` and `${NAME:-default}` in `tidegate.yaml`.

/// Why a text can't be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The variable of this name is not set, and has no default.
    Unset(String),
    /// A `${` has no `}`.
    Unclosed,
    /// A default holds a `${` itself.
    Nested,
}

/// Fills variables in; `$${` stands for a literal `${`.
///
/// # Errors
/// Every [`Trouble`], in the order of the text.
pub(super) fn fill(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Vec<Trouble>> {
    let mut filled = String::with_capacity(text.len());
    let mut trouble = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from_dollar) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            filled.push_str(literal);
            filled.push_str("${");
            rest = from_dollar.get(2..).unwrap_or_default();
            continue;
        }
        filled.push_str(before);
        let Some((expression, after)) =
            from_dollar.get(2..).and_then(|inner| inner.split_once('}'))
        else {
            trouble.push(Trouble::Unclosed);
            rest = "";
            continue;
        };
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        if expression.contains("${") {
            trouble.push(Trouble::Nested);
            rest = after;
            continue;
        }
        match lookup(name).or_else(|| default.map(str::to_owned)) {
            Some(value) => filled.push_str(&value),
            None => trouble.push(Trouble::Unset(name.to_owned())),
        }
        rest = after;
    }
    filled.push_str(rest);
    if trouble.is_empty() {
        Ok(filled)
    } else {
        Err(trouble)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> Result<String, Vec<Trouble>> {
        fill(text, &|name| (name == "HOST").then(|| "h${X}".to_owned()))
    }

    #[test]
    fn variables_defaults_and_literals() {
        assert_eq!(
            filled("http://${HOST}:${PORT:-9090}/"),
            Ok("http://h${X}:9090/".to_owned())
        );
        assert_eq!(
            filled("$HOST $${HOST} $ ${HOST:-x} ${EMPTY:-}"),
            Ok("$HOST ${HOST} $ h${X} ".to_owned())
        );
        assert_eq!(
            filled("${A} ${HOST} ${B}"),
            Err(vec![
                Trouble::Unset("A".to_owned()),
                Trouble::Unset("B".to_owned())
            ])
        );
        assert_eq!(filled("${HOST"), Err(vec![Trouble::Unclosed]));
        assert_eq!(filled("${HOST:-${B}}"), Err(vec![Trouble::Nested]));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[$A-Z{}:é-]{0,30}") {
            let _filled = filled(&text);
        }
    }
}
