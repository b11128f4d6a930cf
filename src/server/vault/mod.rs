//! Secrets, encrypted at rest: ChaCha20-Poly1305, a nonce of its own for each record and each time it is written, and the
//! scope and name of a secret bound to its values, so that no record can stand in for another.
//!
//! The file has names and scopes in plain text; values are never anywhere outside of this process. It is replaced whole,
//! and a seal over all records shows that none was changed, taken away, or put back.

mod key;
mod sealed;
mod store;

pub use store::{Presence, Vault, VaultError, VaultRecord};
