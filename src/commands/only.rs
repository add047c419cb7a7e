//! `courrier send --only`: some readers of the issue that is under way, and no others.

use std::path::Path;

use super::exit::Exit;
use super::report::Failure;
use crate::address::EmailAddress;
use crate::issue::IssueNumber;
use crate::problem::Problem;
use crate::store::database::Store;

/// Narrows this run to those whom `named` names: addresses, or files with an address a line.
///
/// # Errors
///
/// With exit code 64 where one is no reader of the issue, or no address, and where
/// a file cannot be read.
pub async fn narrow(named: &[String], issue: IssueNumber, store: &Store) -> Result<(), Failure> {
    let (mut addresses, mut problems) = (vec![], vec![]);
    for name in named {
        match read(name) {
            Ok(found) => addresses.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    for stranger in store.only_to(issue, addresses).await? {
        let help = "`courrier ledger dump` names its readers; who joined later gets the next one";
        let message = format!("{stranger} is no reader of issue {issue}");
        problems.push(Problem::new(message, help));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Failure {
            exit: Exit::Usage,
            problems,
        }),
    }
}

fn read(name: &str) -> Result<Vec<String>, Problem> {
    if name.parse::<EmailAddress>().is_ok() {
        return Ok(vec![name.to_owned()]);
    }
    let help = "give an address, or a file with an address a line";
    let text = std::fs::read_to_string(Path::new(name))
        .map_err(|error| Problem::new(format!("cannot read {name}: {error}"), help))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let address = |line: &str| match line.parse::<EmailAddress>() {
        Ok(address) => Ok(address.to_string()),
        Err(error) => Err(Problem::new(format!("{name}: {error}"), help)),
    };
    lines.map(address).collect()
}

/// An issue has to be under way: to whom else would the rest of it go?
pub fn nothing_under_way() -> Failure {
    let help = "`courrier digest plan` plans one; `courrier ledger resolve` opens the last one again for those who missed it";
    Failure::new(Exit::Usage, Problem::new("no issue is under way", help))
}
