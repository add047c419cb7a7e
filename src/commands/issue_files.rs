//! An issue as files: what mail programs show of it.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::dkim::signer;
use super::exit::Exit;
use super::report::Failure;
use crate::mail::message::MessageError;
use crate::mail::press::{Press, preview};
use crate::problem::Problem;
use crate::store::issues::{Frozen, Variant};
use crate::store::ledger::Addressee;
use crate::subscriber::recipient::SubscriberId;

/// `digest.html`, `.txt` and `.eml` in the site's language, `digest.fr.html` and so on in
/// others, `digest.fr.montreal.html` for those who chose a city.
///
/// # Errors
///
/// With exit code 65 where it makes no message, 74 where a file cannot be written.
pub fn write_out(
    folder: &Path,
    frozen: &Frozen,
    context: &Context,
) -> Result<Vec<PathBuf>, Failure> {
    let press = press(frozen, context)?;
    let link = frozen.letter.unsubscribe.replace(":token", "preview");
    let mut files = vec![];
    let first = frozen.variants.first().map(|first| first.language.as_str());
    for variant in &frozen.variants {
        let mut which = String::new();
        if first != Some(variant.language.as_str()) {
            which.push_str(&format!(".{}", variant.language));
        }
        if !variant.cities.is_empty() {
            which.push_str(&format!(".{}", file_name(&variant.cities)));
        }
        let bodies = preview(variant, None, &link);
        let parcel = press
            .print(&reader(variant, frozen), 0)
            .map_err(no_message)?;
        for (ending, bytes) in [
            ("html", bodies.html.into_bytes()),
            ("txt", bodies.text.into_bytes()),
            ("eml", parcel.bytes),
        ] {
            let path = folder.join(format!("digest{which}.{ending}"));
            context.publish(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}

/// `montreal-quebec-city`
fn file_name(cities: &[String]) -> String {
    let name = cities.join("-").to_lowercase();
    name.replace(|c: char| !c.is_alphanumeric(), "-")
}

/// Builds a message in each language, with a name and without: what is wrong is
/// found when the issue is planned, and not half-way through its readers.
///
/// # Errors
///
/// With exit code 65 where one cannot be built.
pub fn prove(frozen: &Frozen, context: &Context) -> Result<(), Failure> {
    let press = press(frozen, context)?;
    for variant in &frozen.variants {
        for name in [None, Some("R\u{e9}a Der")] {
            let reader = Addressee {
                name: name.map(str::to_owned),
                ..reader(variant, frozen)
            };
            press.print(&reader, 0).map_err(no_message)?;
        }
    }
    Ok(())
}

/// Somebody invented, to whom the preview is written.
pub fn reader(variant: &Variant, frozen: &Frozen) -> Addressee {
    Addressee {
        subscriber: SubscriberId(0),
        rcpt: "reader@example.org".to_owned(),
        name: None,
        language: variant.key(),
        message_id: format!(
            "<preview-{}@{}>",
            frozen.number,
            frozen.letter.from.address.domain()
        ),
        token: "preview".to_owned(),
    }
}

/// The issue, ready to be printed and signed for each reader.
///
/// # Errors
///
/// With exit code 65 where it makes no lawful message for anybody, 78 where a key
/// does not sign.
pub fn press(issue: &Frozen, context: &Context) -> Result<Press, Failure> {
    Press::set(issue, signer(context)?).map_err(no_message)
}

/// What stands in the way of a message, for a person.
pub fn no_message(error: MessageError) -> Failure {
    let help = "look at the settings of [newsletter] and at the templates";
    Failure::new(
        Exit::BadPosts,
        Problem::new(format!("the issue makes no message: {error}"), help),
    )
}
