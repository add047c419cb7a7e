//! The token in an unsubscribe link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::recipient::SubscriberId;
use crate::issue::IssueNumber;
use crate::key::{Key, Purpose};

/// What an unsubscribe link carries (RFC 8058 §6): opaque, hard to forge,
/// without an address; good for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub subscriber: SubscriberId,
    /// The issue that carried it.
    pub issue: IssueNumber,
}

const VERSION: u8 = 1;
/// Version, subscriber, issue; then the signature.
const SIGNED: usize = 1 + 8 + 4;

impl Token {
    /// The text that stands in the link: 39 characters that need no escape in an address.
    pub fn encode(self, key: &Key) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.subscriber.0.to_be_bytes());
        bytes.extend(self.issue.get().to_be_bytes());
        let signature = key.sign(Purpose::Unsubscribe, &URL_SAFE_NO_PAD.encode(&bytes));
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What `text` says, where `key` signed it.
    pub fn decode(text: &str, key: &Key) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, signature) = bytes.split_at_checked(SIGNED)?;
        let right = key.verify(
            Purpose::Unsubscribe,
            &URL_SAFE_NO_PAD.encode(signed),
            signature,
        );
        let (version, subscriber, issue) = (
            signed[0],
            signed[1..9].try_into().ok()?,
            signed[9..].try_into().ok()?,
        );
        (right && version == VERSION).then_some(())?;
        Some(Self {
            subscriber: SubscriberId(i64::from_be_bytes(subscriber)),
            issue: u32::from_be_bytes(issue).try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_no_bit_of_it_can_change() {
        let key = Key::from([3; 32]);
        let token = Token {
            subscriber: SubscriberId(77),
            issue: IssueNumber::FIRST,
        };
        let text = token.encode(&key);

        assert_eq!(Token::decode(&text, &key), Some(token));
        assert_eq!(Token::decode(&text, &Key::from([4; 32])), None);
        assert_eq!(Token::decode(&format!("{text}="), &key), None);
        for at in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(Token::decode(&forged, &key), None, "{forged}");
            assert_eq!(Token::decode(&text[..at], &key), None);
        }
    }
}
