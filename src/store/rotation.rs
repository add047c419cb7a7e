//! New secrets for a newsletter, and what became of them since it was opened.

use super::database::{Store, StoreError};
use super::keys::{keys, rotate};
use crate::key::Key;

impl Store {
    /// The secrets as they are now: another process may have added one.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn fresh_key(&self) -> Result<Key, StoreError> {
        self.run(keys).await
    }

    /// Adds a secret, which signs from now on. With `leaked` the others are good for
    /// nothing but leaving any more.
    ///
    /// # Errors
    ///
    /// Where the store fails, or the system has no random numbers.
    pub async fn rotate_key(&self, leaked: bool) -> Result<Key, StoreError> {
        self.run(move |tx| rotate(tx, leaked)).await
    }
}
