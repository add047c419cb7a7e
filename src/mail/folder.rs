//! The folder transport: one `.eml` file a message.

use std::path::Path;

use super::handover::{Gate, Handed};
use super::message::Parcel;
use super::trouble::Trouble;
use crate::publish::folder::{Access, write};

/// Writes the message into `folder`. A message that is written again after a
/// crash takes the same name, so it stands there once.
pub async fn hand_over(folder: &Path, parcel: &Parcel, gate: &Gate<'_>) -> Handed {
    match gate.open().await {
        Ok(true) => {}
        Ok(false) => return Handed::Withdrawn,
        Err(error) => return Handed::Trouble(Trouble::storage(error)),
    }
    let path = folder.join(&parcel.file_name);
    match write(&path, &parcel.bytes, Access::Private) {
        Ok(_) => Handed::Accepted {
            reply: path.display().to_string(),
        },
        Err(error) => Handed::Trouble(Trouble::storage(format!("{}: {error}", path.display()))),
    }
}
