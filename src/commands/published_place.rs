//! Where is published to, by whom, and what can go wrong with it.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::cache;
#[cfg(feature = "object-store")]
use crate::config::publish::Scheme;
use crate::config::publish::{Place, Publish};
use crate::problem::Problem;
#[cfg(feature = "object-store")]
use crate::publish::bucket::{Bucket, Reach, Vendor};
use crate::publish::manifest::ManifestError;
use crate::publish::object::TargetError;
use crate::publish::published::{PublishError, random};
use crate::publish::shelf::Shelf;
use crate::publish::target::Target;

/// The place to publish to, which may have to take a file of `largest` bytes.
///
/// # Errors
///
/// With exit code 78 where the settings name none that can be.
#[cfg(feature = "object-store")]
pub fn target(settings: &Publish, largest: u64, context: &Context) -> Result<Target, Failure> {
    let home = context.config.home();
    let Place::Bucket {
        scheme,
        bucket,
        path,
    } = &settings.to
    else {
        return folder(settings, context);
    };
    let wrong = |problem| Failure::new(Exit::Config, problem);
    let reach = Reach {
        vendor: match scheme {
            Scheme::S3 => Vendor::Amazon,
            Scheme::Google => Vendor::Google,
            Scheme::Azure => Vendor::Azure,
        },
        bucket: bucket.clone(),
        path: path.clone(),
        endpoint: settings.endpoint.clone(),
        region: settings.region.clone(),
        options: settings.credentials(*scheme, home).map_err(wrong)?,
        patience: settings.patience(largest),
    };
    Bucket::new(&reach).map(Target::Bucket).map_err(|error| {
        let help = "see docs/publishing.md for what each store needs to know, and from where";
        wrong(Problem::new(error.to_string(), help))
    })
}

/// The folder to publish to.
///
/// # Errors
///
/// With exit code 78 where the settings name none.
#[cfg(not(feature = "object-store"))]
pub fn target(settings: &Publish, _: u64, context: &Context) -> Result<Target, Failure> {
    folder(settings, context)
}

fn folder(settings: &Publish, context: &Context) -> Result<Target, Failure> {
    let wrong =
        |message: String, help: &str| Err(Failure::new(Exit::Config, Problem::new(message, help)));
    let Place::Folder(folder) = &settings.to else {
        let message = "this courrier was built without object stores".to_owned();
        return wrong(
            message,
            "publish to a folder, or build it with the feature `object-store`",
        );
    };
    let (to, from) = (context.config.path(folder), context.config.public());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (inner, outer) = (real(&to), real(&from));
    if inner.starts_with(&outer) || outer.starts_with(&inner) {
        let message = format!("{} and {} lie in each other", to.display(), from.display());
        return wrong(
            message,
            "set `to` in [publish] to another folder than `folder` in [feeds]",
        );
    }
    Ok(Target::Folder(Shelf::new(to)))
}

/// The right of this process to publish from this folder, and the folder's name.
pub struct Own {
    pub name: String,
    _file: File,
}

impl Own {
    /// Takes the lock beside what is remembered of this folder, and gives it a name
    /// where it has none.
    ///
    /// # Errors
    ///
    /// With exit code 75 where another process has it.
    pub fn take(context: &Context) -> Result<Self, Failure> {
        let path = context.config.cache().join("publisher");
        let failed = |error| Failure::io(format!("cannot write {}", path.display()), &error);
        cache::make(&context.config.cache()).map_err(failed)?;
        let mut options = File::options();
        let file = options.create(true).read(true).append(true).open(&path);
        let mut file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let message = "another run of courrier publishes this folder";
                let help = "nothing is to be done: it comes to its end";
                return Err(Failure::new(Exit::Later, Problem::new(message, help)));
            }
        }
        let mut name = String::new();
        file.read_to_string(&mut name).map_err(failed)?;
        if name.is_empty() {
            name = random().map_err(|error| failure(error, "this machine"))?;
            file.write_all(name.as_bytes()).map_err(failed)?;
        }
        Ok(Self { name, _file: file })
    }
}

/// What a person can do about it, and the exit code.
pub fn failure(error: PublishError, to: &str) -> Failure {
    let (exit, help) = match &error {
        PublishError::Target(error) => of_the_place(error),
        PublishError::Manifest(ManifestError::Newer) => {
            (Exit::Config, "use the newer courrier here, too")
        }
        PublishError::Manifest(ManifestError::Broken(_)) => (
            Exit::Storage,
            "take the list away; then `courrier publish --replace` writes everything and makes another",
        ),
        PublishError::Busy(_) | PublishError::Lost => (
            Exit::Later,
            "nothing is to be done: the other one publishes; the next run looks what is left",
        ),
        PublishError::Moved(_) => (Exit::Later, "run `courrier publish` again"),
        PublishError::Older { .. } => (
            Exit::Guard,
            "fetch the newer posts and courrier.lock, and build again; where this build is meant, add --allow-older",
        ),
        PublishError::Foreign(_) => (
            Exit::Guard,
            "look whose they are; where they may be replaced, add --replace",
        ),
        PublishError::Io { .. } | PublishError::Random => (
            Exit::Storage,
            "look at the folder of feeds and at the modes of what is in it",
        ),
    };
    Failure::new(exit, Problem::new(format!("{to}: {error}"), help))
}

fn of_the_place(error: &TargetError) -> (Exit, &'static str) {
    match error {
        TargetError::Conflict(_) => (Exit::Later, "run `courrier publish` again"),
        TargetError::Unreachable { .. } => (
            Exit::Unreachable,
            "look at [publish] to, endpoint and region, and at the network; then run it again: it goes on where it was",
        ),
        TargetError::Refused { .. } => (
            Exit::Refused,
            "look at the name of the bucket, at the credentials and at what they may do: docs/publishing.md tells both",
        ),
        TargetError::Name(_) => (Exit::BadPosts, "give the file a plain name"),
        TargetError::Io { .. } => (
            Exit::Storage,
            "look at the disk's room and at the modes of the folder",
        ),
    }
}
