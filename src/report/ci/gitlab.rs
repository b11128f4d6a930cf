//! The language of GitLab's log: a section that can be folded. All else it takes from files that `--report` writes.

use super::quiet;
use super::said::{headline, identifier, series};
use super::speech::Utterance;
use crate::report::Account;
use crate::report::text::printable;

/// Says an evaluation.
pub(super) fn speak(account: &Account<'_>) -> Utterance {
    let record = account.record;
    let name = identifier(&format!("tidegate_{}", series(&record.series)), 80);
    let time = record.time.as_second();
    let header = printable(&headline(record));
    Utterance {
        before: vec![format!(
            "\x1b[0Ksection_start:{time}:{name}\r\x1b[0K{}",
            quiet(&header)
        )],
        after: vec![format!("\x1b[0Ksection_end:{time}:{name}\r\x1b[0K")],
        ..Utterance::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{all, record};

    #[test]
    fn the_report_stands_in_a_section() {
        let record = record(all(900.0, 0.5), &[]);
        let Utterance { before, after, .. } = speak(&Account::of(&record));
        let [before, after] = [before, after].map(|lines| lines.join("\n"));
        assert_eq!(
            before,
            "\x1b[0Ksection_start:1706781901:tidegate_sockshop_staging_carts_a58630e7ba8d55c9\r\x1b[0Ksockshop/staging/carts: fail, score 33.33"
        );
        assert!(after.contains("section_end:1706781901:tidegate_sockshop_staging_carts_"));
    }
}
