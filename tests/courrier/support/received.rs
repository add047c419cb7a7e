//! What the mail server took, kept before it answers.

use std::collections::HashMap;

/// A message the server is responsible for from now on.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// The message with its CRLF, dots unstuffed.
    pub bytes: Vec<u8>,
    pub encrypted: bool,
    pub user: Option<String>,
}

impl Received {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The one value of the header `name`, unfolded.
    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let text = self.text();
        let head = text
            .split("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .replace("\r\n ", " ")
            .replace("\r\n\t", " ");
        let start = format!("{}:", name.to_ascii_lowercase());
        let mut values = head
            .lines()
            .filter(|line| line.to_ascii_lowercase().starts_with(&start));
        let value = values
            .next()
            .unwrap_or_else(|| panic!("no {name} in\n{head}"));
        assert!(values.next().is_none(), "more than one {name} in\n{head}");
        value[start.len()..].trim().to_owned()
    }
}

/// How many copies each recipient had.
pub fn copies(received: &[Received]) -> HashMap<&str, usize> {
    let mut copies = HashMap::new();
    for rcpt in received.iter().flat_map(|message| &message.to) {
        *copies.entry(rcpt.as_str()).or_default() += 1;
    }
    copies
}

/// Fails where two copies to one recipient differ in a byte, or a message names two recipients.
#[track_caller]
pub fn copies_are_identical(received: &[Received]) {
    let mut first: HashMap<&str, &Received> = HashMap::new();
    for message in received {
        assert_eq!(
            message.to.len(),
            1,
            "one message, one recipient: {:?}",
            message.to
        );
        let known = first.entry(&message.to[0]).or_insert(message);
        assert_eq!(
            known.text(),
            message.text(),
            "the second copy to {} differs",
            message.to[0]
        );
    }
}
