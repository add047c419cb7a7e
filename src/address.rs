//! One mailbox that mail can be sent to.

use std::fmt;
use std::str::FromStr;

use crate::header_text::{HeaderText, HeaderTextError};

/// One mailbox, `local@domain`, in the form that every mail server takes.
///
/// Narrower than RFC 5321 §4.1.2 on purpose: an ASCII dot-atom of at most 64
/// octets, then a host name with a dot. No quotes, no literals, no comments, so
/// that nothing in an address can end an SMTP command. A domain in another
/// script becomes its A-label. The domain is kept in lower case, the local part
/// as typed (§2.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(lettre::Address);

/// Why a text is not an [`EmailAddress`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not an e-mail address: {reason}")]
pub struct AddressError {
    found: String,
    reason: &'static str,
}

impl EmailAddress {
    /// The address as lettre's builders and commands want it.
    pub fn as_lettre(&self) -> lettre::Address {
        self.0.clone()
    }

    /// The part after the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// The whole address, `local@domain`.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let refuse = |reason| AddressError {
            found: text.to_owned(),
            reason,
        };
        let (local, domain) = text
            .trim()
            .rsplit_once('@')
            .ok_or_else(|| refuse("it has no `@`"))?;
        if !is_dot_atom(local) {
            return Err(refuse(
                "the part before the `@` has a character that mail servers refuse",
            ));
        }
        let domain = idna::domain_to_ascii_strict(domain)
            .map_err(|_| refuse("the domain is not a host name"))?;
        if !is_host_name(&domain) {
            return Err(refuse(
                "the domain is not a host name with a dot, like example.org",
            ));
        }
        if local.len() + 1 + domain.len() > 254 {
            return Err(refuse("it is longer than 254 characters"));
        }
        lettre::Address::new(local, domain)
            .map(Self)
            .map_err(|_| refuse("it has a form that mail servers refuse"))
    }
}

/// RFC 5322 §3.2.3, within the length of RFC 5321 §4.5.3.1.1.
fn is_dot_atom(local: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= 64
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(atext))
}

/// RFC 1123 §2.1: letters, digits and hyphens, at least two labels.
fn is_host_name(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.as_str().to_owned()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An address and, mostly, a name: `Ada <ada@example.org>` (RFC 5322 §3.4).
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mailbox {
    pub name: Option<HeaderText>,
    pub address: EmailAddress,
}

/// Why a text is not a [`Mailbox`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Name(#[from] HeaderTextError),
}

impl FromStr for Mailbox {
    type Err = MailboxError;

    fn from_str(text: &str) -> Result<Self, MailboxError> {
        let Some((name, address)) = text
            .trim()
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'))
        else {
            return Ok(Self {
                name: None,
                address: text.parse()?,
            });
        };
        let name = name.trim().trim_matches('"');
        let name = if name.is_empty() {
            None
        } else {
            Some(name.parse()?)
        };
        Ok(Self {
            name,
            address: address.parse()?,
        })
    }
}

impl TryFrom<String> for Mailbox {
    type Error = MailboxError;

    fn try_from(text: String) -> Result<Self, MailboxError> {
        text.parse()
    }
}

impl From<Mailbox> for String {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.to_string()
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_servers_take_are_taken() {
        for (typed, kept) in [
            ("ada@Example.ORG", "ada@example.org"),
            (
                " Ada.Lovelace+news@example.org ",
                "Ada.Lovelace+news@example.org",
            ),
            ("o'brien@example.co.uk", "o'brien@example.co.uk"),
            ("ada@québec.example", "ada@xn--qubec-csa.example"),
        ] {
            assert_eq!(
                typed.parse::<EmailAddress>().map(String::from),
                Ok(kept.to_owned())
            );
        }
    }

    #[test]
    fn a_mailbox_has_a_name_or_none() {
        for text in ["Ada, Countess <ada@example.org>", "ada@example.org"] {
            assert_eq!(
                text.parse::<Mailbox>().map(String::from),
                Ok(text.to_owned())
            );
        }
        assert!(
            "Ada\r\nBcc: x <ada@example.org>"
                .parse::<Mailbox>()
                .is_err()
        );
    }

    #[test]
    fn addresses_that_could_harm_are_refused() {
        for typed in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "ada@[127.0.0.1]",
            "\"a b\"@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a@b@example.org",
            "a b@example.org",
            "é@example.org",
            "ada@exam\r\nple.org",
            "ada\r\nRCPT TO:<x@y.zz>@example.org",
            "ada@-x.org",
            "ada@example.org\0",
            "<ada@example.org>",
            "ada@example..org",
            "ada(x)@example.org",
        ] {
            assert!(typed.parse::<EmailAddress>().is_err(), "{typed:?}");
        }
    }
}
