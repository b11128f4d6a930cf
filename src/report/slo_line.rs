//! Where an objective stands in the SLO file.

use crate::gate::IndicatorName;

/// Returns the line of an objective in the text of an SLO file, counted from 1; `None` where no line names it plainly.
pub fn line_of(indicator: &IndicatorName, slo: &str) -> Option<usize> {
    let at = slo
        .lines()
        .position(|line| names(line, indicator.as_str()))?;
    Some(at + 1)
}

/// Tells whether a line gives the SLI of an objective: `- sli: error_rate`, quoted or not, in braces or not.
fn names(line: &str, indicator: &str) -> bool {
    let key = line.trim_start().trim_start_matches(['-', '{', ' ', '\t']);
    let Some(value) = key.strip_prefix("sli:").map(str::trim_start) else {
        return false;
    };
    let quote = value
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_prefix(indicator))
            .is_some_and(|rest| rest.starts_with(quote)),
        None => value
            .strip_prefix(indicator)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([',', '}', ' ', '\t', '\r'])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_is_found_however_it_is_written() {
        let slo = "objectives:\n  - sli: error_rate_5xx\n  - sli: \"error_rate\"\n  - {sli: cpu, weight: 2}\n  -\n    sli: 'a b' # why\n# sli: none\n  - displayName: x\n    sli: late\n";
        let line = |name: &str| line_of(&IndicatorName::new(name).unwrap(), slo);
        assert_eq!(line("error_rate_5xx"), Some(2));
        assert_eq!(line("error_rate"), Some(3));
        assert_eq!(line("cpu"), Some(4));
        assert_eq!(line("a b"), Some(6));
        assert_eq!(line("late"), Some(9));
        assert_eq!(line("none"), None);
        assert_eq!(line("error"), None);
    }
}
