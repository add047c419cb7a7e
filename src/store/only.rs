//! `send --only`: a run that writes to some readers of an issue, and to no others.

use super::database::{Store, StoreError};
use super::value::params;
use crate::issue::IssueNumber;

impl Store {
    /// Lets this process claim deliveries to these addresses alone. Gives back those
    /// who are no readers of the issue.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn only_to(
        &self,
        issue: IssueNumber,
        addresses: Vec<String>,
    ) -> Result<Vec<String>, StoreError> {
        let process = self.process().to_owned();
        self.run(move |tx| {
            const ADD: &str = "
                INSERT INTO only_to (process, rcpt) VALUES (?1, lower(?2)) ON CONFLICT DO NOTHING";
            const READER: &str = "
                SELECT EXISTS (SELECT 1 FROM delivery WHERE issue = ?1 AND lower(rcpt) = lower(?2))";
            if !tx.is_shared() {
                // Of runs that are over: this one holds the lock.
                tx.execute("DELETE FROM only_to", [])?;
            }
            let mut unknown = vec![];
            for address in &addresses {
                if tx.query_row(READER, params![issue.get(), address], |row| row.get(0))? {
                    tx.execute(ADD, [&process, address])?;
                } else {
                    unknown.push(address.clone());
                }
            }
            Ok(unknown)
        })
        .await
    }

    /// How many of those whom [`Store::only_to`] named are still to get the issue.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn left_of_only(&self, issue: IssueNumber) -> Result<u32, StoreError> {
        let process = self.process().to_owned();
        self.read(move |tx| {
            const SQL: &str = "
                SELECT count(*) FROM delivery
                WHERE issue = ?1 AND lower(rcpt) IN (SELECT rcpt FROM only_to WHERE process = ?2)
                    AND state IN ('planned', 'claimed', 'sending', 'deferred', 'uncertain')";
            Ok(tx.query_row(SQL, params![issue.get(), process], |row| row.get(0))?)
        })
        .await
    }
}
