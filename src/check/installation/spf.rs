//! SPF (RFC 7208): which servers may send for a domain, and what receivers make of the record.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::dns::{Dns, DnsError};

/// What receivers read when they follow the record of a domain to its end.
#[derive(Debug, Default)]
pub struct Spf {
    /// The record itself; none where the domain has none.
    pub record: Option<String>,
    /// Terms that make receivers ask the DNS (§4.6.4).
    pub lookups: usize,
    /// Of these, those that found nothing.
    pub voids: usize,
    pub faults: Vec<Fault>,
    /// What the record says of everybody else: `-`, `~`, `?` or `+`.
    pub rest: Option<char>,
    senders: Vec<Network>,
    /// Whether some of the senders depend on the message (§7).
    has_macros: bool,
}

/// What receivers count as a broken record (`permerror`), or do not like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{domain} has {count} SPF records, and receivers then heed none")]
    Several { domain: String, count: usize },
    #[error("it names {0}, which has no SPF record")]
    NoRecord(String),
    #[error("`{0}` is no term of SPF")]
    Unknown(String),
    #[error("it makes receivers ask the DNS {0} times, and they ask 10 times at most")]
    TooManyLookups(usize),
    #[error("{0} of its names do not exist, and receivers put up with 2")]
    TooManyVoids(usize),
}

#[derive(Debug, Clone, Copy)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// What receivers ask at most (§4.6.4).
const LOOKUPS: usize = 10;
const VOIDS: usize = 2;
/// What we ask at most, to say by how much it is too many; a record may name itself.
const PATIENCE: usize = 40;

impl Spf {
    /// Follows the record of `domain` as a receiver does that no term satisfies.
    ///
    /// # Errors
    ///
    /// Where the DNS does not answer.
    pub async fn follow(dns: &Dns, domain: &str) -> Result<Self, DnsError> {
        let mut spf = Self::default();
        let mut open = VecDeque::from([Step::first(domain)]);
        while let Some(step) = open.pop_front() {
            if spf.lookups > PATIENCE {
                break;
            }
            for next in spf.read(dns, &step).await?.into_iter().rev() {
                open.push_front(next);
            }
        }
        let limits = [
            (spf.lookups > LOOKUPS).then_some(Fault::TooManyLookups(spf.lookups)),
            (spf.voids > VOIDS).then_some(Fault::TooManyVoids(spf.voids)),
        ];
        spf.faults.extend(limits.into_iter().flatten());
        Ok(spf)
    }

    /// Whether `address` may send; unknown where that depends on the message.
    pub fn allows(&self, address: IpAddr) -> Option<bool> {
        match self.senders.iter().any(|network| network.holds(address)) {
            false if self.has_macros => None,
            found => Some(found),
        }
    }

    /// Reads one record, and gives back those that it leads to.
    async fn read(&mut self, dns: &Dns, step: &Step) -> Result<Vec<Step>, DnsError> {
        let texts = dns.texts(&step.domain).await?;
        let mut records = texts.into_iter().filter(|text| is_spf(text));
        let (record, others) = (records.next(), records.count());
        let Some(record) = record else {
            if !step.is_first {
                self.faults.push(Fault::NoRecord(step.domain.clone()));
            }
            return Ok(vec![]);
        };
        if others > 0 {
            let (domain, count) = (step.domain.clone(), others + 1);
            self.faults.push(Fault::Several { domain, count });
        }
        let mut more = vec![];
        let mut redirect = None;
        let mut has_rest = false;
        for term in record.split_ascii_whitespace().skip(1).map(Term::read) {
            match term {
                Term::All(sign) => {
                    has_rest = true;
                    // What an included record says of the others is not heeded (§5.2).
                    self.rest = self.rest.or(step.is_main.then_some(sign));
                }
                Term::Redirect(domain) => redirect = Some(domain),
                Term::Include(domain) => more.extend(self.lead(domain, false)),
                term => self.term(dns, term, &step.domain).await?,
            }
        }
        if step.is_first {
            self.record = Some(record.clone());
        }
        // §6.1: where there is an `all`, a redirect is not heeded.
        if let Some(domain) = redirect.filter(|_| !has_rest) {
            more.extend(self.lead(domain, step.is_main));
        }
        Ok(more)
    }

    fn lead(&mut self, domain: String, is_main: bool) -> Option<Step> {
        self.lookups += 1;
        if domain.contains('%') {
            self.has_macros = true;
            return None;
        }
        Some(Step {
            domain: domain.to_ascii_lowercase(),
            is_first: false,
            is_main,
        })
    }

    async fn term(&mut self, dns: &Dns, term: Term, own: &str) -> Result<(), DnsError> {
        match term {
            Term::Network(network) => self.senders.push(network),
            Term::Addresses { of, prefix } => {
                let name = of.unwrap_or_else(|| own.to_owned());
                if let Some(name) = self.asked(name) {
                    let found = dns.addresses(&name).await?;
                    self.found(found, prefix);
                }
            }
            Term::MailServers { of, prefix } => {
                let name = of.unwrap_or_else(|| own.to_owned());
                if let Some(name) = self.asked(name) {
                    let mut found = vec![];
                    for server in dns.mail_servers(&name).await?.iter().take(LOOKUPS) {
                        found.extend(dns.addresses(server).await?);
                    }
                    self.found(found, prefix);
                }
            }
            // Who they let through is known only with a message in hand (§5.5, §5.7).
            Term::Exists => {
                self.lookups += 1;
                self.has_macros = true;
            }
            Term::Unknown(text) => self.faults.push(Fault::Unknown(text)),
            Term::All(_) | Term::Include(_) | Term::Redirect(_) | Term::Ignored => {}
        }
        Ok(())
    }

    /// Counts a question; nothing where the name depends on the message.
    fn asked(&mut self, name: String) -> Option<String> {
        self.lookups += 1;
        self.has_macros |= name.contains('%');
        (!name.contains('%') && self.lookups <= PATIENCE).then_some(name)
    }

    fn found(&mut self, addresses: Vec<IpAddr>, prefix: (u8, u8)) {
        self.voids += usize::from(addresses.is_empty());
        let networks = addresses.into_iter().map(|address| Network {
            address,
            prefix: if address.is_ipv4() {
                prefix.0
            } else {
                prefix.1
            },
        });
        self.senders.extend(networks);
    }
}

/// A record to be read.
struct Step {
    domain: String,
    is_first: bool,
    /// Whether its `all` speaks for the domain itself.
    is_main: bool,
}

impl Step {
    fn first(domain: &str) -> Self {
        Self {
            domain: domain.to_ascii_lowercase(),
            is_first: true,
            is_main: true,
        }
    }
}

/// One term of a record (§4.6.1).
#[derive(Debug)]
enum Term {
    All(char),
    Include(String),
    Redirect(String),
    Network(Network),
    Addresses {
        of: Option<String>,
        prefix: (u8, u8),
    },
    MailServers {
        of: Option<String>,
        prefix: (u8, u8),
    },
    /// `exists`, `ptr`, and what is named to be refused: a question, and no sender.
    Exists,
    /// What changes nothing here.
    Ignored,
    Unknown(String),
}

impl Term {
    fn read(text: &str) -> Self {
        let unknown = || Self::Unknown(text.chars().take(60).collect());
        let sign = text.chars().next().filter(|c| "+-~?".contains(*c));
        let bare = &text[sign.map_or(0, char::len_utf8)..];
        let end = bare.find([':', '=', '/']).unwrap_or(bare.len());
        let (name, rest) = bare.split_at(end);
        let name = name.to_ascii_lowercase();
        if let (Some(value), None) = (rest.strip_prefix('='), sign) {
            return match name.as_str() {
                "redirect" => Self::Redirect(value.to_owned()),
                _ => Self::Ignored,
            };
        }
        let passes = matches!(sign, None | Some('+'));
        let term = match (name.as_str(), rest.strip_prefix(':')) {
            ("all", None) if rest.is_empty() => Some(Self::All(sign.unwrap_or('+'))),
            ("include", Some(domain)) if !domain.is_empty() => {
                Some(Self::Include(domain.to_owned()))
            }
            ("ip4" | "ip6", Some(network)) => Network::read(network).map(Self::Network),
            ("exists", Some(_)) | ("ptr", _) => Some(Self::Exists),
            ("a" | "mx", _) => with_prefix(rest).map(|(of, prefix)| match name.as_str() {
                "a" => Self::Addresses { of, prefix },
                _ => Self::MailServers { of, prefix },
            }),
            _ => None,
        };
        match term {
            // Who is named to be refused is no sender.
            Some(Self::Network(_)) if !passes => Self::Ignored,
            Some(Self::Addresses { .. } | Self::MailServers { .. }) if !passes => Self::Exists,
            Some(term) => term,
            None => unknown(),
        }
    }
}

/// `:domain/24//64`, each part optional (§5.3).
fn with_prefix(rest: &str) -> Option<(Option<String>, (u8, u8))> {
    let (name, prefixes) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let of = match name.strip_prefix(':') {
        Some("") => return None,
        of => of.map(str::to_owned),
    };
    let (four, six) = match prefixes.split_once("//") {
        Some((four, six)) => (four, Some(six)),
        None => (prefixes, None),
    };
    let four = match four.strip_prefix('/') {
        Some(length) => length.parse().ok().filter(|length| *length <= 32)?,
        None => 32,
    };
    let six = match six {
        Some(length) => length.parse().ok().filter(|length| *length <= 128)?,
        None => 128,
    };
    Some((of, (four, six)))
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= longest)?,
            None => longest,
        };
        Some(Self { address, prefix })
    }

    fn holds(&self, other: IpAddr) -> bool {
        let bits = |address| match address {
            IpAddr::V4(four) => u128::from(u32::from(four)) << 96,
            IpAddr::V6(six) => u128::from(six),
        };
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.prefix))
            .unwrap_or(0);
        self.address.is_ipv4() == other.is_ipv4() && bits(self.address) & mask == bits(other) & mask
    }
}

/// §4.5: the version, and then a space or the end.
fn is_spf(text: &str) -> bool {
    let begins = text
        .get(..6)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("v=spf1"));
    begins && matches!(text.as_bytes().get(6), None | Some(b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_of_a_record_are_told_apart() {
        let shown = |text| format!("{:?}", Term::read(text));
        for (text, kind) in [
            ("-all", "All('-')"),
            ("all", "All('+')"),
            ("include:a.example", "Include"),
            ("redirect=a.example", "Redirect"),
            ("exp=why.example", "Ignored"),
            ("a", "Addresses { of: None, prefix: (32, 128) }"),
            (
                "A:h.example/24//64",
                "Addresses { of: Some(\"h.example\"), prefix: (24, 64) }",
            ),
            ("mx/16", "MailServers { of: None, prefix: (16, 128) }"),
            ("~mx", "Exists"),
            ("exists:%{i}.example", "Exists"),
            ("-ip4:192.0.2.1", "Ignored"),
            ("ip4:192.0.2.300", "Unknown"),
            ("ip4:192.0.2.0/33", "Unknown"),
            ("include:", "Unknown"),
            ("ipv4:192.0.2.1", "Unknown"),
            ("a/33", "Unknown"),
        ] {
            assert!(shown(text).starts_with(kind), "{text}: {}", shown(text));
        }
        assert!(is_spf("V=SPF1") && is_spf("v=spf1 -all"));
        assert!(!is_spf("v=spf10 -all") && !is_spf("spf2.0/pra"));
    }

    #[test]
    fn a_network_holds_the_addresses_of_its_prefix() {
        let network = |text| Network::read(text).expect("a network");
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");

        assert!(network("192.0.2.0/24").holds(address("192.0.2.77")));
        assert!(!network("192.0.2.0/24").holds(address("192.0.3.1")));
        assert!(network("0.0.0.0/0").holds(address("203.0.113.9")));
        assert!(!network("0.0.0.0/0").holds(address("2001:db8::1")));
        assert!(network("2001:db8::/32").holds(address("2001:db8:1::1")));
        assert!(!network("2001:db8::1").holds(address("2001:db8::2")));
    }
}
