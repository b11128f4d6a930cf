//! How long something took, in few words.

use jiff::Timestamp;

/// Returns how long it took from one moment to another: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub fn span(from: Timestamp, to: Timestamp) -> String {
    let millis = to.duration_since(from).as_millis().max(0);
    let seconds = millis / 1000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, millis % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_two_figures_or_two_units() {
        let spans = [0, 449, 9_999, 59_999, 185_000, 7_800_000].map(|millis| {
            let from = Timestamp::UNIX_EPOCH;
            span(from, Timestamp::from_millisecond(millis).unwrap())
        });
        let expected = ["0.0 s", "0.4 s", "9.9 s", "59 s", "3 min 5 s", "2 h 10 min"];
        assert_eq!(spans, expected);
        let late = Timestamp::from_second(5).unwrap();
        assert_eq!(span(late, Timestamp::UNIX_EPOCH), "0.0 s");
    }
}
