//! What the log of a mail server says of our messages: Postfix and Exim.

use std::collections::HashMap;
use std::io::{self, BufRead};

use crate::store::resolve::Evidence;

/// Reads a log: which Message-IDs the server took, and which of them it gave back.
///
/// Postfix names the Message-ID when it has read the header (`cleanup`), and has taken
/// the message once it is queued (`qmgr`) or delivered. Exim says both in one line, `<=`.
///
/// # Errors
///
/// Where it cannot be read.
pub fn read(log: impl BufRead) -> io::Result<HashMap<String, Evidence>> {
    let mut found = Found::default();
    for line in log.split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if line.contains("postfix") {
            found.postfix(&line);
        } else {
            found.exim(&line);
        }
    }
    Ok(found.evidence)
}

#[derive(Default)]
struct Found {
    /// Queue id and Message-ID of what the server has in its hands.
    queue: HashMap<String, String>,
    evidence: HashMap<String, Evidence>,
}

impl Found {
    /// `Nov 22 12:00:00 mx postfix/smtp[9]: 4XB2: to=<a@b>, dsn=2.0.0, status=sent (250 ok)`
    fn postfix(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("]: ") else {
            return;
        };
        let Some((id, rest)) = said.split_once(": ") else {
            return;
        };
        if let Some(message_id) = rest.strip_prefix("message-id=") {
            let message_id = message_id.trim().to_owned();
            self.queue.insert(id.to_owned(), message_id);
        } else if let Some((_, status)) = rest.split_once("status=") {
            match status.strip_prefix("bounced") {
                Some(reply) => self.settle(id, Evidence::Bounced(reply.trim().to_owned())),
                None => self.settle(id, Evidence::Taken),
            }
        } else if rest.contains("(queue active)") {
            self.settle(id, Evidence::Taken);
        }
    }

    /// `2026-11-22 12:00:00 1tE1-2b <= letter@example.org ... id=abc@example.org`
    fn exim(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| matches!(*word, "<=" | "**")) else {
            return;
        };
        let Some(id) = at.checked_sub(1).map(|before| words[before]) else {
            return;
        };
        if words[at] == "**" {
            self.settle(id, Evidence::Bounced(words[at + 1..].join(" ")));
        } else if let Some(message_id) = words.iter().find_map(|word| word.strip_prefix("id=")) {
            self.queue.insert(id.to_owned(), format!("<{message_id}>"));
            self.settle(id, Evidence::Taken);
        }
    }

    fn settle(&mut self, id: &str, evidence: Evidence) {
        if let Some(message_id) = self.queue.get(id) {
            // What bounced was taken before: that is no news.
            let known = self
                .evidence
                .entry(message_id.clone())
                .or_insert(Evidence::Taken);
            if evidence != Evidence::Taken {
                *known = evidence;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_as_taken_once_it_is_queued() -> io::Result<()> {
        let log = "\
Nov 22 12:00:00 mx postfix/smtpd[7]: 4XB1: client=localhost[127.0.0.1]
Nov 22 12:00:00 mx postfix/cleanup[8]: 4XB1: message-id=<one@example.org>
Nov 22 12:00:00 mx postfix/qmgr[6]: 4XB1: from=<b@example.org>, size=900, nrcpt=1 (queue active)
Nov 22 12:00:01 mx postfix/smtp[9]: 4XB1: to=<a@example.net>, relay=mx.example.net[192.0.2.1]:25, dsn=2.0.0, status=sent (250 ok)
Nov 22 12:00:02 mx postfix/cleanup[8]: 4XB2: message-id=<two@example.org>
Nov 22 12:00:03 mx postfix/cleanup[8]: 4XB3: message-id=<three@example.org>
Nov 22 12:00:03 mx postfix/qmgr[6]: 4XB3: from=<b@example.org>, size=900, nrcpt=1 (queue active)
Nov 22 12:00:04 mx postfix/smtp[9]: 4XB3: to=<c@example.net>, relay=none, dsn=5.1.1, status=bounced (no such user)
2026-11-22 12:00:05 1tE1-2b <= b@example.org H=localhost [127.0.0.1] P=esmtp S=900 id=four@example.org
2026-11-22 12:00:06 1tE1-2b ** d@example.net R=dnslookup: 550 no
";
        let found = read(log.as_bytes())?;

        assert_eq!(found.get("<one@example.org>"), Some(&Evidence::Taken));
        assert_eq!(
            found.get("<two@example.org>"),
            None,
            "its dot may never have come"
        );
        let bounced = |reply: &str| Evidence::Bounced(reply.to_owned());
        assert_eq!(
            found.get("<three@example.org>"),
            Some(&bounced("(no such user)"))
        );
        let exim = bounced("d@example.net R=dnslookup: 550 no");
        assert_eq!(found.get("<four@example.org>"), Some(&exim));
        Ok(())
    }
}
