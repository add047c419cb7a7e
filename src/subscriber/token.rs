//! The token in an unsubscribe link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use super::pass::Pass;
use super::recipient::SubscriberId;
use crate::issue::IssueNumber;
use crate::key::{Key, Purpose};

/// What an unsubscribe link carries (RFC 8058 §6): good for ever, whatever became of
/// the secrets since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub subscriber: SubscriberId,
    /// The issue that carried it; none where another mail did.
    pub issue: Option<IssueNumber>,
}

/// The first form: version, subscriber, issue; then the signature.
const FIRST: u8 = 1;
const SIGNED: usize = 1 + 8 + 4;

impl Token {
    /// The text that stands in the link: it needs no escape in an address.
    pub fn encode(self, key: &Key, now: DateTime<Utc>) -> String {
        let pass = Pass::for_ever(Purpose::Unsubscribe, self.subscriber.0, now);
        pass.of_issue(self.issue.map_or(0, IssueNumber::get))
            .encode(key)
    }

    /// What `text` says, where a secret of `key` signed it.
    pub fn decode(text: &str, key: &Key) -> Option<Self> {
        if text.len() != Pass::LENGTH {
            return decode_first(text, key);
        }
        // It has no end, so any time will do.
        let pass = Pass::decode(text, Purpose::Unsubscribe, key, DateTime::UNIX_EPOCH).ok()?;
        Some(Self {
            subscriber: SubscriberId(pass.subject),
            issue: pass.issue.try_into().ok(),
        })
    }

    /// Whether nobody else can have signed `text`, which [`Token::decode`] could read: who
    /// knows an old secret may make others leave, and be led nowhere else from there.
    pub fn is_trusted(text: &str, key: &Key) -> bool {
        if text.len() != Pass::LENGTH {
            // There was one secret, as they were written.
            return key.trusted() == 1;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        bytes.get(1).is_some_and(|number| *number >= key.trusted())
    }
}

/// The form of the mails that left before links had other purposes.
fn decode_first(text: &str, key: &Key) -> Option<Token> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (signed, signature) = bytes.split_at_checked(SIGNED)?;
    let text = URL_SAFE_NO_PAD.encode(signed);
    let right = key.verify(Purpose::Unsubscribe, &text, signature);
    (right && signed[0] == FIRST).then_some(())?;
    let issue = u32::from_be_bytes(signed[9..].try_into().ok()?);
    Some(Token {
        subscriber: SubscriberId(i64::from_be_bytes(signed[1..9].try_into().ok()?)),
        issue: Some(issue.try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token {
            subscriber: SubscriberId(77),
            issue: Some(IssueNumber::FIRST),
        }
    }

    /// As the first courrier wrote it.
    fn first(key: &Key) -> String {
        let mut bytes = vec![FIRST];
        bytes.extend(77_i64.to_be_bytes());
        bytes.extend(1_u32.to_be_bytes());
        let signature = key.sign(Purpose::Unsubscribe, &URL_SAFE_NO_PAD.encode(&bytes));
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[test]
    fn a_token_is_read_back_and_no_character_of_it_can_change() {
        let key = Key::from([3; 32]);
        for text in [token().encode(&key, Utc::now()), first(&key)] {
            assert_eq!(Token::decode(&text, &key), Some(token()));
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

    #[test]
    fn every_issue_ever_sent_lets_its_readers_leave() {
        // What stood in a mail of October 2026, before there was a second secret.
        let sent = "AQAAAAAAAABNAAAAAWkU4bT_Qs9CX4eRoBa67qE";
        assert_eq!(first(&Key::from([3; 32])), sent);

        let after_two_rotations = Key::of(vec![[3; 32], [4; 32], [5; 32]], 3).expect("three");
        assert_eq!(Token::decode(sent, &after_two_rotations), Some(token()));
    }

    #[test]
    fn who_knows_an_old_secret_is_not_trusted_with_more_than_leaving() {
        let old = Key::from([3; 32]);
        let texts = [token().encode(&old, Utc::now()), first(&old)];
        for (trusted, is_trusted) in [(1, true), (2, false)] {
            let key = Key::of(vec![[3; 32], [4; 32]], trusted).expect("two");
            for text in &texts {
                assert_eq!(Token::decode(text, &key), Some(token()));
                assert_eq!(Token::is_trusted(text, &key), is_trusted, "{text}");
            }
            let own = token().encode(&key, Utc::now());
            assert!(Token::is_trusted(&own, &key));
        }
    }

    #[test]
    fn a_mail_that_is_no_issue_has_a_token_too() {
        let key = Key::from([3; 32]);
        let token = Token {
            issue: None,
            ..token()
        };
        let text = token.encode(&key, Utc::now());
        assert_eq!(Token::decode(&text, &key), Some(token));
    }
}
