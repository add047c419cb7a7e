//! Where files are published to: a folder, or a bucket of an object store.

#[cfg(feature = "object-store")]
use super::bucket::Bucket;
use super::object::{Condition, Found, Object, Tag, TargetError};
use super::shelf::Shelf;

/// A place that files are published to.
#[derive(Debug)]
pub enum Target {
    Folder(Shelf),
    #[cfg(feature = "object-store")]
    Bucket(Bucket),
}

impl Target {
    /// What is called `name`, whole; nothing where nothing is.
    ///
    /// # Errors
    ///
    /// Where the place cannot be reached or does not let us.
    pub async fn read(&self, name: &str) -> Result<Option<(Tag, Vec<u8>)>, TargetError> {
        match self {
            Self::Folder(shelf) => shelf.read(name),
            #[cfg(feature = "object-store")]
            Self::Bucket(bucket) => bucket.read(name).await,
        }
    }

    /// What is known of the file called `name`.
    ///
    /// # Errors
    ///
    /// As [`Target::read`].
    pub async fn look(&self, name: &str) -> Result<Option<Found>, TargetError> {
        match self {
            Self::Folder(shelf) => shelf.look(name),
            #[cfg(feature = "object-store")]
            Self::Bucket(bucket) => bucket.look(name).await,
        }
    }

    /// Puts a file there, whole or not at all, where `condition` holds.
    ///
    /// # Errors
    ///
    /// [`TargetError::Conflict`] where it does not hold. After
    /// [`TargetError::Unreachable`] nobody knows whether the file is there.
    pub async fn put(&self, file: &Object<'_>, condition: &Condition) -> Result<Tag, TargetError> {
        match self {
            Self::Folder(shelf) => shelf.put(file, condition),
            #[cfg(feature = "object-store")]
            Self::Bucket(bucket) => bucket.put(file, condition).await,
        }
    }

    /// Takes away the file called `name`, if it is there.
    ///
    /// # Errors
    ///
    /// As [`Target::read`].
    pub async fn delete(&self, name: &str) -> Result<(), TargetError> {
        match self {
            Self::Folder(shelf) => shelf.delete(name),
            #[cfg(feature = "object-store")]
            Self::Bucket(bucket) => bucket.delete(name).await,
        }
    }
}
