//! The address of a folder on an IMAP server.

use std::net::IpAddr;
use std::path::Path;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::problem::Problem;

/// `imaps://user@host:port/folder`: a folder on an IMAP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapAddress {
    pub host: String,
    pub port: u16,
    /// TLS from the first byte (RFC 8314).
    pub tls: bool,
    pub user: String,
    pub folder: String,
}

impl ImapAddress {
    /// The address that `path` is, where it is one and not the path of a file.
    /// A `@` in the name of the user may stand as it is; all else that is not
    /// plain is percent-encoded (RFC 5092).
    ///
    /// # Errors
    ///
    /// Where it names no user or no host, has a password in it, or would send one in the open.
    pub fn read(path: &Path) -> Option<Result<Self, Problem>> {
        let text = path.to_str()?;
        let scheme = text.split_once("://")?.0.to_ascii_lowercase();
        let tls = match scheme.as_str() {
            "imaps" => true,
            "imap" => false,
            _ => return None,
        };
        Some(Self::parse(text, tls))
    }

    fn parse(text: &str, tls: bool) -> Result<Self, Problem> {
        // Nothing of `text` is said: there may be a password in it.
        let refuse = |what: &str| {
            let help = "write imaps://user@host/INBOX; the password goes into [bounces] password_file or COURRIER_IMAP_PASSWORD";
            Problem::new(format!("the address of the IMAP folder {what}"), help)
        };
        let url = Url::parse(text).map_err(|error| refuse(&format!("cannot be: {error}")))?;
        if url.password().is_some() {
            return Err(refuse("has a password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a `?` or `#` in it"));
        }
        let plain = |part: &str| {
            let part = percent_decode_str(part).decode_utf8().ok()?;
            let is_plain = |c: char| c.is_ascii() && !c.is_control();
            (!part.is_empty() && part.chars().all(is_plain)).then(|| part.into_owned())
        };
        let folder = match url.path().trim_start_matches('/') {
            "" => "INBOX".to_owned(),
            folder => plain(folder)
                .ok_or_else(|| refuse("has a folder with letters that are not plain"))?,
        };
        let host = url.host_str().and_then(plain);
        let host = host.ok_or_else(|| refuse("names no host"))?;
        let address = Self {
            host: host.trim_matches(['[', ']']).to_ascii_lowercase(),
            port: url.port().unwrap_or(if tls { 993 } else { 143 }),
            tls,
            user: plain(url.username()).ok_or_else(|| refuse("names no user"))?,
            folder,
        };
        if !tls && !address.is_loopback() {
            return Err(in_the_open(&address.host));
        }
        Ok(address)
    }

    /// Whether the server is on this machine.
    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

fn in_the_open(host: &str) -> Problem {
    let message = format!("imap:// would send mail and the password to {host} in the open");
    let help = "write imaps:// (port 993); imap:// is for a mail server on this machine";
    Problem::new(message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<ImapAddress, String>> {
        ImapAddress::read(Path::new(text)).map(|read| read.map_err(|problem| problem.message))
    }

    fn address(
        host: &str,
        port: u16,
        user: &str,
        folder: &str,
    ) -> Option<Result<ImapAddress, String>> {
        let [host, user, folder] = [host, user, folder].map(String::from);
        let tls = port != 143;
        Some(Ok(ImapAddress {
            host,
            port,
            tls,
            user,
            folder,
        }))
    }

    #[test]
    fn an_address_names_server_user_and_folder() {
        let plain = address("imap.example.org", 993, "bounce", "INBOX");
        assert_eq!(read("imaps://bounce@imap.example.org/INBOX"), plain);
        assert_eq!(read("IMAPS://bounce@Imap.Example.org"), plain);
        let other = address("imap.example.org", 9993, "b@example.org", "News/Came back");
        assert_eq!(
            read("imaps://b@example.org@imap.example.org:9993/News/Came%20back"),
            other
        );
        assert_eq!(
            read("imaps://b%40example.org@imap.example.org:9993/News/Came%20back"),
            other
        );
        assert_eq!(read("imap://me@[::1]/"), address("::1", 143, "me", "INBOX"));
        assert_eq!(read("/home/bounce/Maildir"), None);
        assert_eq!(read("http://example.org/"), None);
    }

    #[test]
    fn an_address_that_cannot_be_or_would_tell_a_password_is_refused() {
        for (text, word) in [
            ("imaps://imap.example.org/INBOX", "names no user"),
            ("imaps:///INBOX", "names no host"),
            ("imaps://a:hush@imap.example.org/", "has a password in it"),
            ("imaps://a@imap.example.org/x?y", "`?`"),
            ("imaps://a@imap.example.org/x%0D%0Ay", "not plain"),
            ("imaps://a%0Ab@imap.example.org/x", "names no user"),
            ("imaps://a@imap.example.org:99999/x", "cannot be"),
            ("imap://a@imap.example.org/x", "in the open"),
        ] {
            let said = read(text).expect("an address").expect_err(text);
            assert!(
                said.contains(word) && !said.contains("hush"),
                "{text}: {said}"
            );
        }
    }
}
