//! Who holds a link of ours, and what it tells that they have it.

use super::database::{Store, StoreError};
use super::subscribers::by_id;
use super::value::params;
use crate::subscriber::recipient::{Subscriber, SubscriberId};
use chrono::{DateTime, Utc};

impl Store {
    /// The subscriber with this number.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn subscriber_by_id(
        &self,
        id: SubscriberId,
    ) -> Result<Option<Subscriber>, StoreError> {
        self.read(move |tx| by_id(tx, id)).await
    }

    /// Somebody used a link of an issue, so they have it: a delivery that may have
    /// arrived did.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn has_arrived(
        &self,
        (id, issue): (SubscriberId, u32),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'accepted', reply = 'its reader used a link of it', changed = ?3
                WHERE issue = ?1 AND subscriber = ?2 AND state = 'uncertain'";
            let params = params![issue, id.0, now.timestamp_millis()];
            tx.prepare_cached(SQL)?.execute(params)?;
            Ok(())
        })
        .await
    }
}
