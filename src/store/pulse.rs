//! Whether the store is there.

use super::database::{Store, StoreError};

impl Store {
    /// Returns when a transaction could begin and end: nobody holds the store, and the disk is there.
    ///
    /// # Errors
    ///
    /// Where the store fails, or was closed after an error.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.read(|_| Ok(())).await
    }
}
