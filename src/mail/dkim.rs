//! Signatures by which receivers know that a message is ours (DKIM: RFC 6376, 8301, 8463).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::relaxed;

const NAME: &str = "DKIM-Signature";

/// Signs for a domain, once with each of its keys.
pub struct Signer {
    domain: String,
    keys: Vec<(String, PrivateKey)>,
}

/// A private key that signs mail.
pub enum PrivateKey {
    Rsa(RsaKeyPair),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Which kind of key is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// 2048 bits: every receiver knows it.
    Rsa,
    /// Short and fast; not every receiver knows it yet (RFC 8463).
    Ed25519,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("it is no private key in PEM")]
    NoPem,
    #[error("it is neither an RSA key of 2048 to 8192 bits nor an ed25519 key")]
    Unknown,
    #[error("the system could not do it")]
    System,
}

/// What of a message is signed.
pub struct Signed<'a> {
    /// The names of the headers, as `h=` has them: those that are there, and each
    /// once more, so that nobody can add another one.
    pub names: &'a str,
    /// The headers that are there, in that order and in relaxed form.
    pub headers: &'a str,
    /// SHA-256 of the body in relaxed form.
    pub body_hash: [u8; 32],
    /// Seconds since 1970.
    pub at: i64,
}

/// A line of the DNS by which receivers find a public key (RFC 6376 §3.6).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Record {
    /// Of the type TXT.
    pub name: String,
    pub value: String,
}

impl Signer {
    /// Signs as `domain`; each key has its selector.
    pub fn new(domain: String, keys: Vec<(String, PrivateKey)>) -> Self {
        Self { domain, keys }
    }

    /// The `DKIM-Signature` headers, one a key, each with its line break: the same
    /// for the same message, since neither algorithm draws lots.
    ///
    /// # Errors
    ///
    /// Where a key does not sign.
    pub fn sign(&self, signed: &Signed<'_>) -> Result<String, KeyError> {
        let signatures = self
            .keys
            .iter()
            .map(|(selector, key)| self.signature(selector, key, signed));
        signatures.collect()
    }

    fn signature(
        &self,
        selector: &str,
        key: &PrivateKey,
        signed: &Signed<'_>,
    ) -> Result<String, KeyError> {
        let unsigned = format!(
            " v=1; a={}; c=relaxed/relaxed; d={}; s={selector};\r\n\tt={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
            key.algorithm(),
            self.domain,
            signed.at,
            signed.names,
            STANDARD.encode(signed.body_hash)
        );
        let mut input = String::with_capacity(signed.headers.len() + unsigned.len());
        input.push_str(signed.headers);
        relaxed::field(NAME, &unsigned, &mut input);
        // Its own line has no end (§3.7).
        let input = input.trim_end();
        let signature = STANDARD.encode(key.sign(input.as_bytes())?);
        Ok(folded(format!("{NAME}:{unsigned}"), &signature))
    }

    /// Whether a signature takes ten times as long as all else of a message.
    pub fn is_slow(&self) -> bool {
        let mut keys = self.keys.iter();
        keys.any(|(_, key)| matches!(key, PrivateKey::Rsa(_)))
    }

    /// What the DNS has to say.
    pub fn records(&self) -> Vec<Record> {
        let keys = self.keys.iter();
        keys.map(|(selector, key)| key.record(selector, &self.domain))
            .collect()
    }
}

/// `begin` and the signature, in lines of at most 76 octets.
fn folded(mut begin: String, signature: &str) -> String {
    let (first, mut rest) = signature.split_at(signature.len().min(72));
    begin.push_str(first);
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(74));
        begin.push_str("\r\n\t");
        begin.push_str(line);
        rest = more;
    }
    begin.push_str("\r\n");
    begin
}

impl PrivateKey {
    /// Reads PKCS #8 or PKCS #1 in PEM: what openssl writes and wrote.
    ///
    /// # Errors
    ///
    /// Where it is no key that signs mail.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let rsa = |key| Ok(Self::Rsa(key));
        match PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NoPem)? {
            PrivateKeyDer::Pkcs1(der) => {
                RsaKeyPair::from_der(der.secret_pkcs1_der()).map_or(Err(KeyError::Unknown), rsa)
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let ed25519 = |_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der);
                RsaKeyPair::from_pkcs8(der)
                    .map(Self::Rsa)
                    .or_else(|error| ed25519(error).map(|key| Self::Ed25519(Box::new(key))))
                    .map_err(|_| KeyError::Unknown)
            }
            _ => Err(KeyError::Unknown),
        }
    }

    /// A new key, as the PEM (PKCS #8) to be kept.
    ///
    /// # Errors
    ///
    /// Where the system has no random numbers.
    pub fn generate(algorithm: Algorithm) -> Result<String, KeyError> {
        let system = |_| KeyError::System;
        let der = match algorithm {
            Algorithm::Rsa => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(system)?;
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(system)?;
                der.as_ref().to_vec()
            }
            Algorithm::Ed25519 => {
                let key = Ed25519KeyPair::generate().map_err(system)?;
                key.to_pkcs8v1().map_err(system)?.as_ref().to_vec()
            }
        };
        Ok(pem(&STANDARD.encode(der)))
    }

    /// What the DNS of `domain` has to say of it.
    pub fn record(&self, selector: &str, domain: &str) -> Record {
        let (kind, public) = match self {
            Self::Rsa(key) => ("rsa", public_der(key)),
            // The bare 32 octets (RFC 8463 §4).
            Self::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        };
        Record {
            name: format!("{selector}._domainkey.{domain}"),
            value: format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public)),
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let random = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .map_err(|_| KeyError::System)?;
                Ok(signature)
            }
            // It signs the hash (RFC 8463 §3).
            Self::Ed25519(key) => Ok(key.sign(digest(&SHA256, input).as_ref()).as_ref().to_vec()),
        }
    }
}

/// A SubjectPublicKeyInfo, which no valid key lacks.
fn public_der(key: &RsaKeyPair) -> Vec<u8> {
    let der: Result<PublicKeyX509Der<'_>, _> = key.public_key().as_der();
    der.map_or_else(|_| vec![], |der| der.as_ref().to_vec())
}

fn pem(base64: &str) -> String {
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    let mut rest = base64;
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem + "-----END PRIVATE KEY-----\n"
}

impl Record {
    /// As a line of a zone file; a text of more than 255 octets in several strings.
    pub fn zone_line(&self) -> String {
        let mut strings = vec![];
        let mut rest = self.value.as_str();
        while !rest.is_empty() {
            let (string, more) = rest.split_at(rest.len().min(255));
            strings.push(format!("\"{string}\""));
            rest = more;
        }
        format!("{}. IN TXT ( {} )", self.name, strings.join(" "))
    }

    /// What is wrong with `published`, the text that the DNS has; nothing where it
    /// holds this key.
    pub fn differs_from(&self, published: &str) -> Option<&'static str> {
        let tag = |text: &str, name: &str| {
            let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
            tags.find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.split_whitespace().collect::<String>())
        };
        let public = tag(published, "p");
        if tag(published, "v").is_some_and(|version| version != "DKIM1") {
            return Some("it does not begin with v=DKIM1");
        }
        match &public {
            None => Some("it has no public key, p="),
            Some(key) if key.is_empty() => Some("the key in it is revoked: p= is empty"),
            Some(_) if public != tag(&self.value, "p") => Some("it holds another key"),
            Some(_) if tag(published, "k").unwrap_or_else(|| "rsa".into()) != self.kind() => {
                Some("it names another kind of key, k=")
            }
            Some(_) if tag(published, "t").is_some_and(|flags| flags.contains('y')) => {
                Some("it says that it is only a test, t=y")
            }
            Some(_) => None,
        }
    }

    fn kind(&self) -> &str {
        let kind = self.value.split("k=").nth(1);
        kind.and_then(|rest| rest.split(';').next())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_is_read_back_and_the_record_is_that_of_it() {
        for (algorithm, kind) in [(Algorithm::Rsa, "rsa"), (Algorithm::Ed25519, "ed25519")] {
            let pem = PrivateKey::generate(algorithm).expect("a key");
            let key = PrivateKey::from_pem(pem.as_bytes()).expect("that key");
            let record = key.record("letter", "example.org");

            assert_eq!(record.name, "letter._domainkey.example.org");
            assert!(record.value.starts_with(&format!("v=DKIM1; k={kind}; p=")));
            assert_eq!(record.differs_from(&record.value), None);
            let folded = record.value.replace("p=", "p= ");
            assert_eq!(record.differs_from(&folded), None);
            let test = format!("{}; t=y", record.value);
            assert!(record.differs_from(&test).is_some());
            assert!(record.differs_from("v=DKIM1; p=").is_some());
            assert!(record.differs_from("v=DKIM1; k=rsa; p=AAAA").is_some());
            let lines = record.zone_line();
            let longest = lines.split('"').map(str::len).max();
            assert!(longest <= Some(255), "{lines}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert!(PrivateKey::from_pem(text.as_bytes()).is_err(), "{text}");
        }
    }
}
