//! The folder transport: one `.eml` file a message.

use std::path::Path;

use super::clerk::Clerk;
use super::handover::{Handed, Item};
use super::trouble::Trouble;
use crate::publish::folder::{Access, write};

/// Writes the message into `folder`. A message that is written again after a
/// crash takes the same name, so it stands there once.
pub async fn hand_over(folder: &Path, item: &Item, clerk: &mut Clerk<'_>) -> Handed {
    if let Err(handed) = clerk.let_go(&item.claim).await {
        return handed;
    }
    let parcel = &item.parcel;
    let path = folder.join(&parcel.file_name);
    match write(&path, &parcel.bytes, Access::Private) {
        Ok(_) => Handed::Accepted {
            reply: path.display().to_string(),
        },
        Err(error) => Handed::Trouble(Trouble::storage(format!("{}: {error}", path.display()))),
    }
}
