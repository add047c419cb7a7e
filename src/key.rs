//! The secret that a newsletter signs with.

use std::fmt;

use aws_lc_rs::{hmac, rand};

/// The secrets of one newsletter: what is signed with them can be told from what
/// others invent. They live in the store and nowhere else; `Debug` hides them.
///
/// The newest signs. Older ones go on being known, so that the links of mails
/// that left long ago go on working.
#[derive(Clone)]
pub struct Key {
    /// The oldest first; never empty. Their numbers count from 1.
    secrets: Vec<Secret>,
    /// The number of the oldest that nobody else may know.
    trusted: u8,
}

#[derive(Clone)]
struct Secret {
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
    Confirm,
    Preferences,
    Stay,
    Agree,
    Form,
    Forgotten,
}

impl Key {
    /// Bytes of a secret.
    pub const LENGTH: usize = 32;
    /// Bytes of a short signature.
    pub const SHORT: usize = 10;
    /// Secrets that one newsletter can have had.
    pub const MOST: usize = u8::MAX as usize;

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

    /// All secrets that there were, the oldest first; those before the number
    /// `trusted` may be known to others. Nothing where there are none, or too many.
    pub fn of(secrets: Vec<[u8; Self::LENGTH]>, trusted: u8) -> Option<Self> {
        let secrets: Vec<Secret> = secrets.into_iter().map(Secret::from).collect();
        let trusted = trusted.max(1);
        (usize::from(trusted)..=Self::MOST)
            .contains(&secrets.len())
            .then_some(Self { secrets, trusted })
    }

    /// The newest secret itself, for the store to keep.
    pub fn expose(&self) -> &[u8; Self::LENGTH] {
        &self.newest().bytes
    }

    /// The number of the secret that signs.
    pub fn number(&self) -> u8 {
        u8::try_from(self.secrets.len()).unwrap_or(u8::MAX)
    }

    /// The number of the oldest secret that is good for more than leaving.
    pub fn trusted(&self) -> u8 {
        self.trusted
    }

    /// The first 128 bits of the HMAC-SHA-256 (RFC 2104) of `text` for `purpose`.
    pub fn sign(&self, purpose: Purpose, text: &str) -> [u8; 16] {
        match purpose {
            // Compared, and never verified: they have to be the same for ever.
            Purpose::Schedule | Purpose::Forgotten => self.secrets[0].sign(purpose, text),
            Purpose::MessageId
            | Purpose::Unsubscribe
            | Purpose::Bounce
            | Purpose::Confirm
            | Purpose::Preferences
            | Purpose::Stay
            | Purpose::Agree
            | Purpose::Form => self.newest().sign(purpose, text),
        }
    }

    /// Whether `signature` is that of `text` for `purpose`, in constant time.
    pub fn verify(&self, purpose: Purpose, text: &str, signature: &[u8]) -> bool {
        self.good_for(purpose)
            .any(|secret| is_same(&secret.sign(purpose, text), signature))
    }

    /// The same by the secret with this number alone.
    pub fn verify_by(&self, number: u8, purpose: Purpose, text: &str, signature: &[u8]) -> bool {
        let secret = usize::from(number).checked_sub(1);
        let secret = secret.and_then(|at| self.secrets.get(at));
        secret
            .filter(|_| self.is_good_for(number, purpose))
            .is_some_and(|secret| is_same(&secret.sign(purpose, text), signature))
    }

    /// The first 80 bits of [`Key::sign`], for where room is scarce: nobody guesses them either.
    pub fn sign_short(&self, purpose: Purpose, text: &str) -> [u8; Self::SHORT] {
        short(self.sign(purpose, text))
    }

    /// Whether `signature` is that of [`Key::sign_short`], in constant time.
    pub fn verify_short(&self, purpose: Purpose, text: &str, signature: &[u8]) -> bool {
        self.good_for(purpose)
            .any(|secret| is_same(&short(secret.sign(purpose, text)), signature))
    }

    fn newest(&self) -> &Secret {
        &self.secrets[self.secrets.len() - 1]
    }

    /// Whoever knows an old secret can make others leave, and nothing else: people
    /// who want to leave must be able to, by the oldest of mails.
    fn is_good_for(&self, number: u8, purpose: Purpose) -> bool {
        number >= self.trusted || purpose == Purpose::Unsubscribe
    }

    fn good_for(&self, purpose: Purpose) -> impl Iterator<Item = &Secret> {
        let numbered = (1..=u8::MAX).zip(&self.secrets);
        numbered
            .filter(move |(number, _)| self.is_good_for(*number, purpose))
            .map(|(_, secret)| secret)
    }
}

impl Secret {
    fn sign(&self, purpose: Purpose, text: &str) -> [u8; 16] {
        let input = ["courrier ", purpose.word(), "\0", text].concat();
        let tag = hmac::sign(&self.hmac, input.as_bytes());
        let mut signature = [0; 16];
        signature.copy_from_slice(&tag.as_ref()[..16]);
        signature
    }
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::MessageId => "message-id",
            Self::Unsubscribe => "unsubscribe",
            Self::Bounce => "bounce",
            Self::Schedule => "schedule",
            Self::Confirm => "confirm",
            Self::Preferences => "preferences",
            Self::Stay => "stay",
            Self::Agree => "agree",
            Self::Form => "form",
            Self::Forgotten => "forgotten",
        }
    }
}

fn short(signature: [u8; 16]) -> [u8; Key::SHORT] {
    let mut short = [0; Key::SHORT];
    short.copy_from_slice(&signature[..Key::SHORT]);
    short
}

fn is_same(right: &[u8], signature: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(right, signature).is_ok()
}

impl From<[u8; Key::LENGTH]> for Secret {
    fn from(bytes: [u8; Key::LENGTH]) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Self { bytes, hmac }
    }
}

impl From<[u8; Key::LENGTH]> for Key {
    fn from(bytes: [u8; Key::LENGTH]) -> Self {
        Self {
            secrets: vec![Secret::from(bytes)],
            trusted: 1,
        }
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
    fn an_old_secret_goes_on_being_known_and_signs_no_more() {
        let (old, new) = (Key::from([7; 32]), Key::from([8; 32]));
        let both = Key::of(vec![[7; 32], [8; 32]], 1).expect("two secrets");

        let signature = old.sign(Purpose::Confirm, "12");
        assert!(both.verify(Purpose::Confirm, "12", &signature));
        assert!(both.verify_by(1, Purpose::Confirm, "12", &signature));
        for number in [0, 2, 3, 255] {
            assert!(!both.verify_by(number, Purpose::Confirm, "12", &signature));
        }
        assert_eq!(
            both.sign(Purpose::Confirm, "12"),
            new.sign(Purpose::Confirm, "12")
        );
        assert_eq!(
            both.sign(Purpose::Schedule, ""),
            old.sign(Purpose::Schedule, ""),
            "the minutes at which issues leave stay what they are"
        );
    }

    #[test]
    fn who_knows_an_old_secret_can_do_no_more_than_leave() {
        let old = Key::from([7; 32]);
        let both = Key::of(vec![[7; 32], [8; 32]], 2).expect("two secrets");
        let is_good = |purpose| both.verify(purpose, "12", &old.sign(purpose, "12"));

        assert!(is_good(Purpose::Unsubscribe));
        assert!(!is_good(Purpose::Confirm) && !is_good(Purpose::Preferences));
        let bounce = old.sign_short(Purpose::Bounce, "12");
        assert!(!both.verify_short(Purpose::Bounce, "12", &bounce));
        assert!(Key::of(vec![], 0).is_none());
        assert!(Key::of(vec![[7; 32]], 2).is_none());
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(format!("{:?}", Key::from([7; 32])), "Key(…)");
    }
}
