//! Did you mean …?

use std::collections::BTreeSet;

use strsim::damerau_levenshtein;

/// Returns the known word that is most like this one, where one is.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let bare = bare(word);
    let longest = word.chars().count().min(40);
    known
        .iter()
        .map(|candidate| {
            (
                damerau_levenshtein(&bare, &self::bare(candidate)),
                *candidate,
            )
        })
        .filter(|(distance, _)| *distance == 0 || distance * 3 <= longest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns a word without what people mix up: case, `_` and `-`. What is longer than any key is cut.
fn bare(word: &str) -> String {
    let kept = word.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    kept.take(40).flat_map(char::to_lowercase).collect()
}

/// Returns a hint that names the nearest word, or all of them, each once.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    let mut seen = BTreeSet::new();
    let known: Vec<&str> = known
        .iter()
        .copied()
        .filter(|word| seen.insert(*word))
        .collect();
    let known = known.as_slice();
    let all = list(known);
    match nearest(word, known) {
        Some(nearest) if (2..=4).contains(&known.len()) => {
            format!("did you mean `{nearest}`? Known are {all}")
        }
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("known are {all}"),
    }
}

/// Returns words in backticks: `a`, `b`, and `c`.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, [first])) => format!("{first} and {last}"),
        Some((last, others)) => format!("{}, and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_and_of_the_convention_are_found() {
        let keys = ["sli", "displayName", "pass", "warning", "weight", "key_sli"];
        assert_eq!(nearest("wieght", &keys), Some("weight"));
        assert_eq!(nearest("display_name", &keys), Some("displayName"));
        assert_eq!(nearest("keySli", &keys), Some("key_sli"));
        assert_eq!(nearest("warnings", &keys), Some("warning"));
        assert_eq!(nearest("description", &keys), None);
        assert_eq!(nearest("SLI", &keys), Some("sli"));
        assert_eq!(nearest("x", &keys), None);
    }
}
