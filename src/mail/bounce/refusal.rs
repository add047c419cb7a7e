//! What a server that refused a recipient at once says against the address.

use super::status::Status;
use crate::store::bounces::Bounce;
use crate::store::ledger::{Outcome, Phase};
use crate::subscriber::suppression::Finding;

/// The refusal of the address of `delivery`, where the server named a cause that
/// is one: a bare 550 may be about us as well.
pub fn of(delivery: i64, outcome: &Outcome) -> Option<Bounce> {
    let Outcome::Failed { why } = outcome else {
        return None;
    };
    let status = Status::find(&why.reply).filter(|status| status.is_permanent())?;
    let finding = if status.means_no_such_address() {
        Finding::NoSuchAddress
    } else if status.is_specific() && !status.is_about_the_message() {
        Finding::Refused
    } else {
        return None;
    };
    (why.phase == Phase::Rcpt).then(|| Bounce {
        message: format!("refused at RCPT, delivery {delivery}"),
        delivery,
        kind: if finding == Finding::NoSuchAddress {
            "hard"
        } else {
            "soft"
        },
        status: Some(status.to_string()),
        diagnostic: why.reply.chars().take(500).collect(),
        finding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ledger::Why;

    fn finding(phase: Phase, reply: &str) -> Option<Finding> {
        let why = Why {
            phase,
            code: Some(550),
            reply: reply.to_owned(),
        };
        of(7, &Outcome::Failed { why }).map(|bounce| bounce.finding)
    }

    #[test]
    fn only_a_refusal_of_the_recipient_speaks_against_the_address() {
        let (hard, soft) = (Some(Finding::NoSuchAddress), Some(Finding::Refused));
        assert_eq!(finding(Phase::Rcpt, "550 5.1.1 no such user"), hard);
        assert_eq!(finding(Phase::Rcpt, "550 5.2.1 disabled"), soft);
        assert_eq!(finding(Phase::Rcpt, "550 5.7.1 you are on a list"), None);
        assert_eq!(finding(Phase::Rcpt, "550 no"), None);
        assert_eq!(finding(Phase::Data, "550 5.1.1 no such user"), None);
    }
}
