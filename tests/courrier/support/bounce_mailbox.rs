//! A Maildir that messages come back to, and messages as servers write them.

use std::fs;
use std::path::PathBuf;

use super::newsletter::Newsletter;
use super::ran::Ran;
use super::received::Received;

/// A Maildir in the folder of a newsletter.
pub struct BounceMailbox<'a> {
    letter: &'a Newsletter,
}

impl<'a> BounceMailbox<'a> {
    pub fn of(letter: &'a Newsletter) -> Self {
        for name in ["new", "cur", "tmp"] {
            fs::create_dir_all(letter.path(&format!("Maildir/{name}"))).unwrap();
        }
        Self { letter }
    }

    pub fn put(&self, name: &str, message: impl AsRef<[u8]>) {
        self.letter.write(&format!("Maildir/new/{name}"), message);
    }

    /// `courrier bounces read` on it.
    pub fn read(&self) -> Ran {
        let path = self.path();
        self.letter
            .run(&["bounces", "read", path.to_str().unwrap()])
            .ends_with(0)
    }

    pub fn path(&self) -> PathBuf {
        self.letter.path("Maildir")
    }

    /// The names in `new` and in `cur`.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let names = |folder: &str| {
            let entries = fs::read_dir(self.path().join(folder)).unwrap();
            let mut names: Vec<_> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        (names("new"), names("cur"))
    }
}

/// A report of a server (RFC 3464) on `message`, to its envelope sender.
pub fn report(message: &Received, action: &str, status: &str, diagnostic: &str) -> String {
    report_to(&message.from, &message.to[0], (action, status, diagnostic))
}

/// The same to any address.
pub fn report_to(
    to: &str,
    about: &str,
    (action, status, diagnostic): (&str, &str, &str),
) -> String {
    format!(
        "Return-Path: <>\nDelivered-To: {to}\nFrom: MAILER-DAEMON@mx.example.net\nTo: {to}\n\
         Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nSorry.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
         Final-Recipient: rfc822; {about}\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; {diagnostic}\n\n--b--\n"
    )
}

/// A complaint of a feedback loop (ARF) about `message`, to some other address.
pub fn complaint(message: &Received) -> String {
    format!(
        "From: fbl@example.net\nTo: abuse@example.org\nSubject: FW: complaint\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nSomebody complained.\n\n\
         --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\
         User-Agent: Loop/1\n\n--b\nContent-Type: message/rfc822\n\nReturn-Path: <{}>\n{}\n--b--\n",
        message.from,
        message.text().replace("\r\n", "\n")
    )
}

/// Readers and two posts, sent to `server`, each with a return path of its own.
pub fn sent_with_return_paths(
    server: &super::mail_server::MailServer,
    readers: usize,
) -> Newsletter {
    let mut letter = Newsletter::with_readers(readers);
    letter.set("newsletter", "bounces", "\"bounce@news.example.org\"");
    letter.send_to(server.port, 5);
    letter.run(&["send"]).ends_with(0);
    letter
}
