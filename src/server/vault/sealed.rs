//! Bytes that only the key opens, and only in their own place.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::key::VaultKey;

/// A nonce, and what was encrypted with it; both in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The nonce, never used twice.
    nonce: String,
    /// What was encrypted, and what shows that it is whole.
    text: String,
}

impl Sealed {
    /// Encrypts bytes for a place.
    pub fn seal(key: &VaultKey, place: &[u8], content: &[u8]) -> Option<Self> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut text = content.to_vec();
        cipher(key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut text,
            )
            .ok()?;
        Some(Self {
            nonce: BASE64_STANDARD.encode(nonce),
            text: BASE64_STANDARD.encode(text),
        })
    }

    /// Decrypts bytes of a place; `None` where the key, the place, or the bytes are not those that were sealed.
    pub fn open(&self, key: &VaultKey, place: &[u8]) -> Option<Vec<u8>> {
        let nonce = BASE64_STANDARD.decode(&self.nonce).ok()?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let mut text = BASE64_STANDARD.decode(&self.text).ok()?;
        let opened = cipher(key)?.open_in_place(nonce, Aad::from(place), &mut text);
        opened.ok().map(|content| content.to_vec())
    }
}

/// Returns the cipher.
fn cipher(key: &VaultKey) -> Option<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.bytes()).ok()?;
    Some(LessSafeKey::new(key))
}
