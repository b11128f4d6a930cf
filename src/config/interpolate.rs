//! `${NAME}` and `${NAME:-default}` in `tidegate.yaml`.

/// Fills variables in; `$${` stands for a literal `${`.
///
/// # Errors
/// The names that are not set and have no default, in the order of the text.
pub(super) fn fill(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Vec<String>> {
    let mut filled = String::with_capacity(text.len());
    let mut unset = Vec::new();
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
            filled.push_str(from_dollar);
            rest = "";
            continue;
        };
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        match lookup(name).or_else(|| default.map(str::to_owned)) {
            Some(value) => filled.push_str(&value),
            None => unset.push(name.to_owned()),
        }
        rest = after;
    }
    filled.push_str(rest);
    if unset.is_empty() {
        Ok(filled)
    } else {
        Err(unset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> Result<String, Vec<String>> {
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
            Err(vec!["A".to_owned(), "B".to_owned()])
        );
        assert_eq!(filled("${HOST"), Ok("${HOST".to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[$A-Z{}:é-]{0,30}") {
            let _filled = filled(&text);
        }
    }
}
