//! An issue as files: what mail programs show of it.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::mail::message;
use crate::problem::Problem;
use crate::store::issues::{Frozen, Variant};
use crate::store::ledger::Addressee;
use crate::subscriber::recipient::SubscriberId;

/// `digest.html`, `.txt` and `.eml` in the site's language, `digest.fr.html` and so on in others.
///
/// # Errors
///
/// With exit code 65 where it makes no message, 74 where a file cannot be written.
pub fn write_out(
    folder: &Path,
    frozen: &Frozen,
    context: &Context,
) -> Result<Vec<PathBuf>, Failure> {
    let mut files = vec![];
    for (at, variant) in frozen.variants.iter().enumerate() {
        let language = if at == 0 {
            String::new()
        } else {
            format!(".{}", variant.language)
        };
        for (ending, bytes) in [
            ("html", html(variant, frozen)),
            ("txt", txt(variant, frozen)),
            ("eml", eml(variant, frozen)?),
        ] {
            let path = folder.join(format!("digest{language}.{ending}"));
            context.publish(&path, &bytes)?;
            files.push(path);
        }
    }
    Ok(files)
}

/// Builds a message in each language, with a name and without: what is wrong is
/// found when the issue is planned, and not half-way through its readers.
///
/// # Errors
///
/// With exit code 65 where one cannot be built.
pub fn prove(frozen: &Frozen) -> Result<(), Failure> {
    for variant in &frozen.variants {
        for name in [None, Some("R\u{e9}a Der")] {
            let name = name.map(str::to_owned);
            built(
                frozen,
                &Addressee {
                    name,
                    ..reader(variant, frozen)
                },
            )?;
        }
    }
    Ok(())
}

/// Somebody invented, to whom the preview is written.
fn reader(variant: &Variant, frozen: &Frozen) -> Addressee {
    Addressee {
        subscriber: SubscriberId(0),
        rcpt: "reader@example.org".to_owned(),
        name: None,
        language: variant.language.clone(),
        message_id: format!(
            "<preview-{}@{}>",
            frozen.number,
            frozen.letter.from.address.domain()
        ),
        token: "preview".to_owned(),
    }
}

fn html(variant: &Variant, frozen: &Frozen) -> Vec<u8> {
    message::fill(
        variant,
        None,
        &frozen.letter.unsubscribe.replace(":token", "preview"),
    )
    .html
    .into_bytes()
}

fn txt(variant: &Variant, frozen: &Frozen) -> Vec<u8> {
    message::fill(
        variant,
        None,
        &frozen.letter.unsubscribe.replace(":token", "preview"),
    )
    .text
    .into_bytes()
}

fn eml(variant: &Variant, frozen: &Frozen) -> Result<Vec<u8>, Failure> {
    built(frozen, &reader(variant, frozen))
}

fn built(frozen: &Frozen, reader: &Addressee) -> Result<Vec<u8>, Failure> {
    match message::build(frozen, reader) {
        Ok(parcel) => Ok(parcel.bytes),
        Err(error) => {
            let help = "look at the settings of [newsletter] and at the templates";
            Err(Failure::new(
                Exit::BadPosts,
                Problem::new(format!("the issue makes no message: {error}"), help),
            ))
        }
    }
}
