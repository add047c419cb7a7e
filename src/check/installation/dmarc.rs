//! DMARC (RFC 7489): what receivers are to make of mail that is not aligned.

use crate::dns::{Dns, DnsError};

/// The record that counts for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dmarc {
    /// The domain that has it: the sender's own, or one above it.
    pub domain: String,
    pub record: String,
    /// Records beside it: where there are several, receivers heed none (§6.6.3).
    pub others: usize,
}

/// How far apart two domains may be (§3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    Relaxed,
    Strict,
}

impl Dmarc {
    /// The record of `domain`, else that of the next domain above it that has one.
    ///
    /// # Errors
    ///
    /// Where the DNS does not answer.
    pub async fn find(dns: &Dns, domain: &str) -> Result<Option<Self>, DnsError> {
        let mut above = Some(domain);
        while let Some(domain) = above.filter(|domain| domain.contains('.')) {
            let texts = dns.texts(&format!("_dmarc.{domain}")).await?;
            let mut records = texts.into_iter().filter(|text| is_dmarc(text));
            if let Some(record) = records.next() {
                let (domain, others) = (domain.to_owned(), records.count());
                return Ok(Some(Self {
                    domain,
                    record,
                    others,
                }));
            }
            above = domain.split_once('.').map(|(_, above)| above);
        }
        Ok(None)
    }

    /// What is asked for mail of `domain` that fails: `none`, `quarantine` or `reject`.
    pub fn policy(&self, domain: &str) -> Option<&str> {
        let below = (domain != self.domain).then(|| self.tag("sp")).flatten();
        let policy = below.or_else(|| self.tag("p"))?;
        let known = ["none", "quarantine", "reject"];
        known
            .into_iter()
            .find(|known| policy.eq_ignore_ascii_case(known))
    }

    /// How the signature (`adkim`) or the return path (`aspf`) has to be aligned.
    pub fn alignment(&self, tag: &str) -> Alignment {
        match self.tag(tag) {
            Some(strict) if strict.eq_ignore_ascii_case("s") => Alignment::Strict,
            _ => Alignment::Relaxed,
        }
    }

    /// The domains of the mailboxes that reports go to, without their own.
    pub fn report_domains(&self) -> Vec<String> {
        let reports = self.tag("rua").unwrap_or_default();
        let domains = reports.split(',').filter_map(|uri| {
            let mailbox = uri.trim().strip_prefix("mailto:")?;
            let domain = mailbox.rsplit_once('@')?.1;
            Some(domain.split('!').next()?.to_ascii_lowercase())
        });
        domains.collect()
    }

    /// Whether mail from `sender` is aligned with `other`: the same domain, or two
    /// below the one that has the record.
    pub fn aligns(&self, alignment: Alignment, sender: &str, other: &str) -> bool {
        let is_below =
            |domain: &str| domain == self.domain || domain.ends_with(&format!(".{}", self.domain));
        match alignment {
            Alignment::Strict => sender == other,
            Alignment::Relaxed => {
                sender == other || related(sender, other) || is_below(sender) && is_below(other)
            }
        }
    }

    fn tag(&self, name: &str) -> Option<&str> {
        let mut tags = self.record.split(';').filter_map(|tag| tag.split_once('='));
        tags.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Whether one domain is the other, or above it.
fn related(one: &str, other: &str) -> bool {
    let is_above = |high: &str, low: &str| low.ends_with(&format!(".{high}"));
    one == other || is_above(one, other) || is_above(other, one)
}

/// §6.4: the version comes first.
fn is_dmarc(text: &str) -> bool {
    let version = text.split(';').next().and_then(|tag| tag.split_once('='));
    version.is_some_and(|(key, value)| {
        key.trim().eq_ignore_ascii_case("v") && value.trim() == "DMARC1"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dmarc(record: &str) -> Dmarc {
        Dmarc {
            domain: "example.org".to_owned(),
            record: record.to_owned(),
            others: 0,
        }
    }

    #[test]
    fn the_policy_of_a_subdomain_is_its_own_where_there_is_one() {
        let record = dmarc(
            "v=DMARC1; p=reject; sp = Quarantine; rua=mailto:a@x.example!5m,mailto:b@Y.example",
        );

        assert_eq!(record.policy("example.org"), Some("reject"));
        assert_eq!(record.policy("news.example.org"), Some("quarantine"));
        assert_eq!(record.report_domains(), ["x.example", "y.example"]);
        assert_eq!(dmarc("v=DMARC1").policy("example.org"), None);
        assert_eq!(dmarc("v=DMARC1; p=all").policy("example.org"), None);
    }

    #[test]
    fn relaxed_domains_are_related_and_strict_ones_are_the_same() {
        let record = dmarc("v=DMARC1; p=none; adkim=s");
        let (relaxed, strict) = (Alignment::Relaxed, Alignment::Strict);

        assert_eq!(record.alignment("adkim"), strict);
        assert_eq!(record.alignment("aspf"), relaxed);
        assert!(record.aligns(relaxed, "a.example.org", "b.example.org"));
        assert!(record.aligns(relaxed, "a.example.org", "example.org"));
        assert!(!record.aligns(relaxed, "a.example.org", "example.net"));
        assert!(!record.aligns(strict, "a.example.org", "example.org"));
        assert!(is_dmarc("v = DMARC1;p=none") && !is_dmarc("p=none; v=DMARC1"));
    }
}
