//! In which inbox the mail to an address ends up.

use crate::address::EmailAddress;

/// Providers whose users may write points anywhere in their names.
const POINTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The same for all spellings of an address that lead to one inbox, so that nobody
/// gets many mails by writing it in many ways. For counting: mail goes to the
/// address as it was given.
pub fn inbox(address: &EmailAddress) -> String {
    let lower = address.as_str().to_ascii_lowercase();
    let Some((local, domain)) = lower.rsplit_once('@') else {
        return lower;
    };
    let name = local.split('+').next().filter(|name| !name.is_empty());
    let name = name.unwrap_or(local);
    if POINTLESS.contains(&domain) {
        format!("{}@{}", name.replace('.', ""), POINTLESS[0])
    } else {
        format!("{name}@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_inbox_are_the_same() {
        let inbox = |text: &str| inbox(&text.parse().expect(text));
        for (first, second) in [
            ("Ada@Example.org", "ada+news@example.org"),
            ("a.d.a@gmail.com", "ADA+x+y@googlemail.com"),
        ] {
            assert_eq!(inbox(first), inbox(second));
        }
        assert_ne!(inbox("a.da@example.org"), inbox("ada@example.org"));
        assert_eq!(inbox("+ada@example.org"), "+ada@example.org");
    }
}
