//! The secret that a newsletter signs with.

use std::fmt;

use aws_lc_rs::{hmac, rand};

/// The secret of one newsletter: what is signed with it can be told from what
/// others invent. It lives in the store and nowhere else; `Debug` hides it.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; Key::LENGTH],
    hmac: hmac::Key,
}

/// What a signature is for. One made for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    MessageId,
    Unsubscribe,
    Bounce,
    Schedule,
}

impl Key {
    /// Bytes of the secret.
    pub const LENGTH: usize = 32;
    /// Bytes of a short signature.
    pub const SHORT: usize = 10;

    /// A new secret from the system's source of randomness.
    ///
    /// # Errors
    ///
    /// Where the system gives no randomness.
    pub fn generate() -> std::io::Result<Self> {
        let mut bytes = [0; Self::LENGTH];
        rand::fill(&mut bytes)
            .map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
        Ok(Self::from(bytes))
    }

    /// The secret itself, for the store to keep.
    pub fn expose(&self) -> &[u8; Self::LENGTH] {
        &self.bytes
    }

    /// The first 128 bits of the HMAC-SHA-256 (RFC 2104) of `text` for `purpose`.
    pub fn sign(&self, purpose: Purpose, text: &str) -> [u8; 16] {
        let tag = hmac::sign(&self.hmac, Self::input(purpose, text).as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&tag.as_ref()[..16]);
        short
    }

    /// Whether `signature` is that of `text` for `purpose`, in constant time.
    pub fn verify(&self, purpose: Purpose, text: &str, signature: &[u8]) -> bool {
        let right = self.sign(purpose, text);
        aws_lc_rs::constant_time::verify_slices_are_equal(&right, signature).is_ok()
    }

    /// The first 80 bits of [`Key::sign`], for where room is scarce: nobody guesses them either.
    pub fn sign_short(&self, purpose: Purpose, text: &str) -> [u8; Self::SHORT] {
        let mut short = [0; Self::SHORT];
        short.copy_from_slice(&self.sign(purpose, text)[..Self::SHORT]);
        short
    }

    /// Whether `signature` is that of [`Key::sign_short`], in constant time.
    pub fn verify_short(&self, purpose: Purpose, text: &str, signature: &[u8]) -> bool {
        let right = self.sign_short(purpose, text);
        aws_lc_rs::constant_time::verify_slices_are_equal(&right, signature).is_ok()
    }

    fn input(purpose: Purpose, text: &str) -> String {
        let purpose = match purpose {
            Purpose::MessageId => "message-id",
            Purpose::Unsubscribe => "unsubscribe",
            Purpose::Bounce => "bounce",
            Purpose::Schedule => "schedule",
        };
        format!("courrier {purpose}\0{text}")
    }
}

impl From<[u8; Key::LENGTH]> for Key {
    fn from(bytes: [u8; Key::LENGTH]) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Self { bytes, hmac }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_its_text_its_purpose_and_its_key_alone() {
        let key = Key::from([7; 32]);
        let signature = key.sign(Purpose::Unsubscribe, "12");

        assert!(key.verify(Purpose::Unsubscribe, "12", &signature));
        assert!(!key.verify(Purpose::Unsubscribe, "13", &signature));
        assert!(!key.verify(Purpose::Bounce, "12", &signature));
        assert!(!key.verify(Purpose::Unsubscribe, "12", &signature[..15]));
        assert!(!Key::from([8; 32]).verify(Purpose::Unsubscribe, "12", &signature));
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(format!("{:?}", Key::from([7; 32])), "Key(…)");
    }
}
