//! Cells of PostgreSQL, as the server sends them in binary.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

use super::table::Cell;

/// A cell is shorter or longer than its type.
#[derive(Debug, thiserror::Error)]
#[error("a value of type {kind} has the wrong length")]
struct WrongLength {
    /// The type.
    kind: String,
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        if let Some(other) = refusal(kind) {
            return Ok(other);
        }
        let number = if *kind == Type::NUMERIC {
            numeric(raw)
        } else {
            plain(kind, raw)
        };
        number.map(Self::Number).ok_or_else(|| {
            WrongLength {
                kind: kind.name().to_owned(),
            }
            .into()
        })
    }

    fn from_sql_null(_kind: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }
}

/// Says that a type is no number, and what to do; known before the query runs.
pub(super) fn refusal(kind: &Type) -> Option<Cell> {
    let hint = match *kind {
        Type::INT2 | Type::INT4 | Type::INT8 => return None,
        Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC => return None,
        Type::BOOL => "count instead: `count(*) filter (where …)`, or write `(…)::int`",
        Type::INTERVAL => "make seconds of it: `extract(epoch from …)`",
        Type::TIMESTAMP | Type::TIMESTAMPTZ | Type::DATE => {
            "make seconds of it: `extract(epoch from …)`"
        }
        _ => "make it one: `(…)::float8`",
    };
    Some(Cell::Other {
        kind: kind.name().to_owned(),
        hint,
    })
}

/// Reads a number of a fixed length.
#[expect(
    clippy::cast_precision_loss,
    reason = "beyond 2^53 the nearest number is what any database client shows"
)]
fn plain(kind: &Type, raw: &[u8]) -> Option<f64> {
    Some(match *kind {
        Type::INT2 => f64::from(i16::from_be_bytes(raw.try_into().ok()?)),
        Type::INT4 => f64::from(i32::from_be_bytes(raw.try_into().ok()?)),
        Type::INT8 => i64::from_be_bytes(raw.try_into().ok()?) as f64,
        Type::FLOAT4 => f64::from(f32::from_be_bytes(raw.try_into().ok()?)),
        Type::FLOAT8 => f64::from_be_bytes(raw.try_into().ok()?),
        _ => return None,
    })
}

/// Reads a `numeric`: groups of four digits, the place of the first one, and a sign.
fn numeric(raw: &[u8]) -> Option<f64> {
    let mut words = raw.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let count = usize::from(words.next()?);
    let weight = i64::from(words.next()?.cast_signed());
    let sign = match words.next()? {
        0x0000 => "",
        0x4000 => "-",
        0xC000 => return Some(f64::NAN),
        0xD000 => return Some(f64::INFINITY),
        0xF000 => return Some(f64::NEG_INFINITY),
        _ => return None,
    };
    let _scale = words.next()?;
    let groups: Vec<String> = words.map(|group| format!("{group:04}")).collect();
    if groups.len() != count {
        return None;
    }
    if groups.is_empty() {
        return Some(0.0);
    }
    let exponent = (weight + 1 - i64::try_from(count).ok()?) * 4;
    format!("{sign}{}e{exponent}", groups.concat()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u16]) -> Option<f64> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        numeric(&bytes)
    }

    #[test]
    fn a_numeric_is_read_exactly() {
        for (words, expected) in [
            (&[0, 0, 0, 0][..], 0.0),
            (&[1, 0, 0, 0, 5], 5.0),
            (&[2, 0, 0x4000, 2, 12, 3400], -12.34),
            (&[1, 0xFFFF, 0, 4, 1], 0.0001),
            (&[1, 2, 0, 0, 3], 300_000_000.0),
            (&[0, 0, 0xD000, 0], f64::INFINITY),
        ] {
            assert_eq!(of(words), Some(expected), "{words:?}");
        }
        assert!(of(&[0, 0, 0xC000, 0]).unwrap().is_nan());
        for words in [&[][..], &[1, 0, 0, 0], &[0, 0, 7, 0], &[1, 0, 0, 0, 1, 2]] {
            assert_eq!(of(words), None, "{words:?}");
        }
    }

    #[test]
    fn a_cell_of_the_wrong_length_is_an_error() {
        assert!(Cell::from_sql(&Type::INT4, &[1, 2]).is_err());
        assert_eq!(
            Cell::from_sql(&Type::INT2, &[0, 7]).unwrap(),
            Cell::Number(7.0)
        );
        let other = Cell::from_sql(&Type::BOOL, &[1]).unwrap();
        assert!(matches!(other, Cell::Other { .. }));
    }
}
