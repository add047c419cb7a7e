//! The fields of a delivery status (RFC 3464) or of a complaint (ARF, RFC 5965).

use super::status::Status;

/// What became of one recipient, as the reporting server says it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recipient {
    pub address: String,
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`; empty where nothing is said.
    pub action: String,
    pub status: Option<Status>,
    /// The words of the server that refused it.
    pub diagnostic: String,
}

/// Name and value of fields that stand together.
type Group = Vec<(String, String)>;

/// Recipients whose fields stand in `text`, in groups between empty lines.
pub fn recipients(text: &str) -> Vec<Recipient> {
    groups(text).iter().filter_map(recipient).collect()
}

/// Whether the field `Feedback-Type` in `text` is a complaint: all types but
/// `not-spam` are (RFC 5965 §7.3, RFC 6430).
pub fn is_complaint(text: &str) -> bool {
    let groups = groups(text);
    let kind = groups
        .iter()
        .find_map(|group| field(group, "feedback-type"));
    kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("not-spam"))
}

/// The first value of the field `name` in `text`.
pub fn value(text: &str, name: &str) -> Option<String> {
    groups(text)
        .iter()
        .find_map(|group| field(group, name))
        .map(str::to_owned)
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![Group::new()];
    for line in text.lines() {
        let current = groups.last_mut();
        if line.trim().is_empty() {
            groups.push(Group::new());
        } else if let (Some(group), true) = (current, line.starts_with([' ', '\t'])) {
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let (Some(group), Some((name, value))) = (groups.last_mut(), line.split_once(':'))
        {
            group.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

fn field<'a>(group: &'a Group, name: &str) -> Option<&'a str> {
    let found = group.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn recipient(group: &Group) -> Option<Recipient> {
    let address = field(group, "final-recipient").or(field(group, "original-recipient"))?;
    let diagnostic = field(group, "diagnostic-code").unwrap_or_default();
    let status = field(group, "status").unwrap_or_default();
    let status = status.split([' ', '(', '\t']).next().unwrap_or_default();
    let action = field(group, "action").unwrap_or_default();
    Some(Recipient {
        address: bare_address(address),
        action: action
            .split([' ', '('])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase(),
        status: status.parse().ok(),
        diagnostic: diagnostic.to_owned(),
    })
}

/// `rfc822; <ada@example.org>` without its type and its brackets.
fn bare_address(text: &str) -> String {
    let address = text.split_once(';').map_or(text, |(_, address)| address);
    address.trim().trim_matches(['<', '>']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_stand_in_groups() {
        let text = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; <ada@example.net>\nAction: Failed (dead)\nStatus: 5.1.1 (no)\nDiagnostic-Code: smtp; 550 5.1.1\n user unknown\n\nOriginal-Recipient: rfc822;bob@example.net\nAction : delayed\n";

        let found = recipients(text);

        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address, "ada@example.net");
        assert_eq!(found[0].action, "failed");
        assert_eq!(found[0].diagnostic, "smtp; 550 5.1.1 user unknown");
        assert_eq!(
            found[0].status.map(|status| status.to_string()).as_deref(),
            Some("5.1.1")
        );
        assert_eq!(
            (found[1].action.as_str(), found[1].status),
            ("delayed", None)
        );
    }

    #[test]
    fn who_takes_a_complaint_back_does_not_complain() {
        assert!(is_complaint("Feedback-Type: abuse\nVersion: 1\n"));
        assert!(!is_complaint("Feedback-Type: not-spam\n"));
        assert!(!is_complaint("Version: 1\n"));
    }
}
