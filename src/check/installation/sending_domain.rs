//! What the DNS says of the domain that sends, beside what receivers want to find there.

use std::net::IpAddr;

use super::dmarc::Dmarc;
use super::point::{Area, Point};
use super::spf::Spf;
use crate::dns::{Dns, DnsError};
use crate::mail::dkim::Record;

/// What has to be in the DNS.
pub struct Sending<'a> {
    /// The domain of `From:`.
    pub from: &'a str,
    /// The domain of the return path.
    pub return_path: &'a str,
    /// The domain that signs, where something here does.
    pub signature: Option<&'a str>,
    pub records: Vec<Record>,
    /// The mail servers that take the mail, but for those on this machine.
    pub relays: Vec<&'a str>,
}

impl Sending<'_> {
    /// Everything that the DNS says of it.
    pub async fn judge(&self, dns: &Dns) -> Vec<Point> {
        let mut points = vec![];
        points.push(told("mx", self.takes_mail(dns, self.from).await));
        if self.return_path != self.from {
            let name = format!("mx {}", self.return_path);
            let point = told("mx", self.takes_mail(dns, self.return_path).await);
            points.push(Point { name, ..point });
        }
        for record in &self.records {
            let name = format!(
                "dkim {}",
                record.name.split("._domainkey").next().unwrap_or("")
            );
            points.push(told(&name, signature(dns, &name, record).await));
        }
        let spf = Spf::follow(dns, self.return_path).await;
        points.push(told(
            "spf",
            spf.as_ref().map(|spf| self.spf(spf)).map_err(Clone::clone),
        ));
        let dmarc = Dmarc::find(dns, self.from).await;
        match dmarc {
            Ok(Some(dmarc)) => {
                points.push(self.dmarc(&dmarc));
                points.push(self.alignment(&dmarc));
                points.extend(reports(dns, &dmarc).await);
            }
            Ok(None) => points.push(self.no_dmarc()),
            Err(error) => points.push(unanswered("dmarc", &error)),
        }
        for relay in &self.relays {
            let name = format!("ptr {relay}");
            points.extend(match reverse(dns, relay).await {
                Ok(found) => found,
                Err(error) => vec![unanswered(&name, &error)],
            });
            if let (Ok(spf), Ok(addresses)) = (&spf, dns.addresses(relay).await) {
                points.extend(may_send(relay, spf, &addresses));
            }
        }
        points
    }

    /// Mail from a domain that takes none is refused by many (RFC 7505 §4.2, RFC 5321 §5.1).
    async fn takes_mail(&self, dns: &Dns, domain: &str) -> Result<Point, DnsError> {
        let servers = dns.mail_servers(domain).await?;
        let area = Area::Dns;
        if servers.iter().any(String::is_empty) {
            let help = "name its mail server in a record MX, or send from a domain that takes mail";
            let said = format!("{domain} says that it takes no mail, so mail from it is refused");
            return Ok(area.wrong("mx", said, help));
        }
        for server in &servers {
            if dns.addresses(server).await?.is_empty() {
                let said = format!("{domain} names the mail server {server}, which has no address");
                return Ok(area.wrong(
                    "mx",
                    said,
                    "mend the record MX, or the address of that name",
                ));
            }
        }
        if !servers.is_empty() {
            let said = format!("{domain} takes mail at {}", servers.join(", "));
            return Ok(area.right("mx", said));
        }
        Ok(match dns.addresses(domain).await?.is_empty() {
            false => {
                let said = format!("{domain} has no record MX, only an address");
                let help =
                    "name its mail server in a record MX: answers and bounces have to arrive";
                area.warning("mx", said, help)
            }
            true => {
                let said =
                    format!("{domain} takes no mail: it has neither a record MX nor an address");
                area.wrong("mx", said, "name its mail server in a record MX: receivers refuse senders who cannot be answered")
            }
        })
    }

    fn spf(&self, spf: &Spf) -> Point {
        let (area, domain) = (Area::Dns, self.return_path);
        let Some(record) = &spf.record else {
            let help = format!(
                "{domain}. IN TXT \"v=spf1 include:YOUR-MAIL-SERVER -all\", as the mail server's own pages say"
            );
            return area.wrong("spf", format!("{domain} has no SPF record"), help);
        };
        let counted = format!("{record} ({} of 10 look-ups)", spf.lookups);
        if let Some(fault) = spf.faults.first() {
            let help =
                "docs/dns.md shows a record that is right; what nobody sends from any more can go";
            return area.wrong("spf", format!("{fault}: {record}"), help);
        }
        let end = "end it with -all or ~all";
        match spf.rest {
            Some('+') => area.wrong(
                "spf",
                format!("it lets everybody send in your name: {record}"),
                end,
            ),
            Some('?') | None => area.warning(
                "spf",
                format!("it says nothing of other senders: {record}"),
                end,
            ),
            Some(_) if spf.lookups > 8 => {
                let help =
                    "an included record may grow without a word: leave out what nobody sends from";
                area.warning("spf", counted, help)
            }
            Some(_) => area.right("spf", counted),
        }
    }

    fn no_dmarc(&self) -> Point {
        let help = format!(
            "_dmarc.{}. IN TXT \"v=DMARC1; p=none; rua=mailto:…\": Gmail and Yahoo ask it of those who send to many",
            self.from
        );
        let said = format!(
            "neither {} nor a domain above it has a DMARC record",
            self.from
        );
        Area::Dns.wrong("dmarc", said, help)
    }

    fn dmarc(&self, dmarc: &Dmarc) -> Point {
        let (area, said) = (Area::Dns, format!("{}: {}", dmarc.domain, dmarc.record));
        if dmarc.others > 0 {
            let said = format!(
                "{} has {} DMARC records, and receivers then heed none",
                dmarc.domain,
                dmarc.others + 1
            );
            return area.wrong("dmarc", said, "leave one");
        }
        match dmarc.policy(self.from) {
            None => area.wrong(
                "dmarc",
                format!("it asks for nothing that receivers know: {said}"),
                "set p= to none, quarantine or reject",
            ),
            Some(_) if dmarc.report_domains().is_empty() => {
                let help =
                    "add rua=mailto:…: the reports say who sends in your name, and what fails";
                area.warning("dmarc", format!("nobody gets its reports: {said}"), help)
            }
            Some(_) => area.right("dmarc", said),
        }
    }

    /// A message passes where its signature or its return path is aligned with `From:`.
    fn alignment(&self, dmarc: &Dmarc) -> Point {
        let (area, from) = (Area::Dns, self.from);
        let signature = self
            .signature
            .map(|domain| dmarc.aligns(dmarc.alignment("adkim"), from, domain));
        let path = dmarc.aligns(dmarc.alignment("aspf"), from, self.return_path);
        match (signature, path) {
            (Some(true), true) => area.right(
                "alignment",
                format!("signature and return path belong to {from}"),
            ),
            (Some(true), false) => area.right(
                "alignment",
                format!(
                    "the signature belongs to {from}; the return path, {}, does not",
                    self.return_path
                ),
            ),
            (Some(false) | None, true) => {
                let help = "let a key sign for the domain of `from`: forwarded mail passes by its signature alone";
                area.warning(
                    "alignment",
                    format!("only the return path belongs to {from}"),
                    help,
                )
            }
            (_, false) => {
                let help = "set [dkim] domain, or [newsletter] bounces, to the domain of `from`; or take adkim=s and aspf=s away";
                area.wrong(
                    "alignment",
                    format!("neither signature nor return path counts for {from}"),
                    help,
                )
            }
        }
    }
}

/// The public key in the DNS beside the private one.
async fn signature(dns: &Dns, name: &str, record: &Record) -> Result<Point, DnsError> {
    let texts = dns.texts(&record.name).await?;
    let area = Area::Dns;
    let published = match texts.as_slice() {
        [] => {
            let said = format!("there is no record {}", record.name);
            return Ok(area.wrong(
                name,
                said,
                format!("put this into the DNS: {}", record.zone_line()),
            ));
        }
        [one] => one,
        several => {
            let said = format!(
                "{} has {} records, and receivers take any",
                record.name,
                several.len()
            );
            return Ok(area.wrong(
                name,
                said,
                "leave the one that `courrier dkim records` shows",
            ));
        }
    };
    Ok(match record.differs_from(published) {
        None => area.right(name, format!("{} holds the key that signs", record.name)),
        Some(wrong) => {
            let said = format!("{} does not fit the key that signs: {wrong}", record.name);
            area.wrong(name, said, format!("it has to be {}", record.zone_line()))
        }
    })
}

/// Reports to another domain need its consent (RFC 7489 §7.1).
async fn reports(dns: &Dns, dmarc: &Dmarc) -> Vec<Point> {
    let mut points = vec![];
    let domain = &dmarc.domain;
    for to in dmarc.report_domains() {
        if to == *domain
            || to.ends_with(&format!(".{domain}"))
            || domain.ends_with(&format!(".{to}"))
        {
            continue;
        }
        let name = format!("{domain}._report._dmarc.{to}");
        points.push(match dns.texts(&name).await {
            Ok(texts) if texts.iter().any(|text| text.starts_with("v=DMARC1")) => continue,
            Ok(_) => {
                let said = format!(
                    "{to} does not say that it wants reports of {domain}, so none are sent"
                );
                Area::Dns.warning(
                    "dmarc reports",
                    said,
                    format!("{name}. IN TXT \"v=DMARC1\", at {to}"),
                )
            }
            Err(error) => unanswered("dmarc reports", &error),
        });
    }
    points
}

/// Whether each address of a mail server has a name that leads back to it: Gmail and
/// others refuse mail from those that have none.
async fn reverse(dns: &Dns, relay: &str) -> Result<Vec<Point>, DnsError> {
    let name = format!("ptr {relay}");
    let addresses = match relay.parse() {
        Ok(address) => vec![address],
        Err(_) => dns.addresses(relay).await?,
    };
    if addresses.is_empty() {
        let said = format!("{relay} has no address");
        return Ok(vec![Area::Dns.wrong(name, said, "look at [smtp] host")]);
    }
    let mut nameless = vec![];
    for address in &addresses {
        let mut leads_back = false;
        for reverse in dns.names(*address).await? {
            leads_back |= dns.addresses(&reverse).await?.contains(address);
        }
        if !leads_back {
            nameless.push(address.to_string());
        }
    }
    Ok(vec![if nameless.is_empty() {
        let said = match addresses.len() {
            1 => "its address has a name that leads back".to_owned(),
            several => format!("each of its {several} addresses has a name that leads back"),
        };
        Area::Dns.right(name, said)
    } else {
        let help = "where this server sends the mail itself, have its provider set the name (PTR); where it passes mail on, all is well";
        Area::Dns.warning(
            name,
            format!("no name leads back to {}", nameless.join(", ")),
            help,
        )
    }])
}

/// The address that takes our mail need not be the one that sends it.
fn may_send(relay: &str, spf: &Spf, addresses: &[IpAddr]) -> Option<Point> {
    spf.record.as_ref()?;
    let name = format!("spf {relay}");
    let all = addresses.iter().map(|address| spf.allows(*address));
    Some(if all.clone().all(|allowed| allowed == Some(true)) {
        Area::Dns.right(name, "its addresses may send by the SPF record")
    } else {
        let help = "look at the SPF line that the mail server's own pages ask for; a relay may send from other addresses than it takes mail at";
        Area::Dns.unknown(
            name,
            "its addresses are not those that the SPF record names",
            help,
        )
    })
}

fn told(name: &str, found: Result<Point, DnsError>) -> Point {
    found.unwrap_or_else(|error| unanswered(name, &error))
}

fn unanswered(name: &str, error: &DnsError) -> Point {
    let help = "look whether the name servers answer, with `dig`; another one: --resolver IP:PORT";
    Area::Dns.unknown(name, error.to_string(), help)
}
