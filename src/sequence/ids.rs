//! Ids of the events that the engine makes: the same event has the same id however often it is decided upon.

use uuid::Uuid;

/// The namespace of our ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x7469_6465_6761_7465_8d3a_51c2_6f0e_9b17);

/// Returns the id of what follows from something with an id of its own: a UUID (version 5), always the same for the same
/// parts.
#[must_use]
pub fn derived_id(cause: &str, parts: &[&str]) -> String {
    let mut name = cause.to_owned();
    for part in parts {
        name.push('\0');
        name.push_str(part);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cause_gives_the_same_id_and_another_gives_another() {
        assert_eq!(derived_id("a", &["b", "c"]), derived_id("a", &["b", "c"]));
        assert_ne!(derived_id("a", &["b", "c"]), derived_id("a", &["bc"]));
        assert_ne!(derived_id("a", &["b"]), derived_id("b", &["a"]));
    }
}
