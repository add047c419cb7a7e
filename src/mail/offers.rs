//! What a mail server can do, as it says in its answer to EHLO (RFC 5321 §4.1.1.1).

use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::response::Response;

/// The extensions that make a difference here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// RFC 2920.
    pub pipelining: bool,
    pub starttls: bool,
    /// The longest message in octets (RFC 1870), where there is a limit.
    pub size: Option<usize>,
    /// The ways to log in that we know as well.
    mechanisms: Vec<Mechanism>,
}

/// Every way to log in that lettre knows.
const KNOWN: [Mechanism; 3] = [Mechanism::Plain, Mechanism::Login, Mechanism::Xoauth2];

fn known(word: &str) -> Option<Mechanism> {
    let is_it = |way: &Mechanism| way.to_string().eq_ignore_ascii_case(word);
    KNOWN.into_iter().find(is_it)
}

impl Offers {
    /// Reads the answer to EHLO. What is not known is left alone.
    pub fn read(reply: &Response) -> Self {
        let mut offers = Self::default();
        for line in reply.message().skip(1) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word.to_ascii_uppercase().as_str() {
                "PIPELINING" => offers.pipelining = true,
                "STARTTLS" => offers.starttls = true,
                // 0 says that there is no fixed limit (RFC 1870 §4).
                "SIZE" => offers.size = rest.trim().parse().ok().filter(|size| *size > 0),
                // RFC 4954 §3. lettre's own reading of it panics where a line is blank.
                "AUTH" => offers
                    .mechanisms
                    .extend(rest.split_whitespace().filter_map(known)),
                _ => {}
            }
        }
        offers
    }

    /// The first of `ways` that the server offers.
    pub fn way_to_log_in(&self, ways: &[Mechanism]) -> Option<Mechanism> {
        ways.iter()
            .copied()
            .find(|way| self.mechanisms.contains(way))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(reply: &str) -> Offers {
        Offers::read(&reply.parse().expect("a reply"))
    }

    #[test]
    fn what_a_server_offers_is_read_whatever_the_case() {
        let offers = offers(
            "250-mx.example\r\n250-pipelining\r\n250-SIZE 1000\r\n250-XWHAT\r\n250 AUTH LOGIN XOAUTH2\r\n",
        );

        assert!(offers.pipelining && !offers.starttls);
        assert_eq!(offers.size, Some(1000));
        assert_eq!(offers.way_to_log_in(&KNOWN), Some(Mechanism::Login));
        assert_eq!(offers.way_to_log_in(&[Mechanism::Plain]), None);
    }

    #[test]
    fn a_blank_line_offers_nothing_and_is_no_harm() {
        let offers = offers("250-mx.example\r\n250-auth plain\r\n250-\r\n250   \r\n");
        assert_eq!(offers.way_to_log_in(&KNOWN), Some(Mechanism::Plain));
    }

    #[test]
    fn a_server_that_offers_nothing_has_no_limit() {
        assert_eq!(offers("250 mx.example\r\n"), Offers::default());
        assert_eq!(offers("250-mx.example\r\n250 SIZE 0\r\n").size, None);
    }
}
