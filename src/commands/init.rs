//! `courrier init`: a new newsletter.

use std::path::{Path, PathBuf};

use super::context::print;
use super::exit::Exit;
use super::report::Failure;
use crate::problem::Problem;
use crate::publish::folder::{Access, write};
use crate::templates::files::BUILT_IN;

/// Make a new newsletter: a commented config.toml and a first post
///
/// Nothing that is there is overwritten.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Copy the built-in templates too, to be changed
    #[arg(long)]
    templates: bool,
    /// Write settings for web servers, cron and systemd too
    #[arg(long)]
    deploy: bool,
}

const CONFIG: &str = include_str!("../../config.toml");
const DEPLOY: [(&str, &str); 11] = [
    ("deploy/nginx.conf", include_str!("../../deploy/nginx.conf")),
    ("deploy/Caddyfile", include_str!("../../deploy/Caddyfile")),
    (
        "deploy/nginx-serve.conf",
        include_str!("../../deploy/nginx-serve.conf"),
    ),
    (
        "deploy/Caddyfile-serve",
        include_str!("../../deploy/Caddyfile-serve"),
    ),
    ("deploy/htaccess", include_str!("../../deploy/htaccess")),
    ("deploy/_headers", include_str!("../../deploy/_headers")),
    ("deploy/crontab", include_str!("../../deploy/crontab")),
    (
        "deploy/courrier.service",
        include_str!("../../deploy/courrier.service"),
    ),
    (
        "deploy/courrier.timer",
        include_str!("../../deploy/courrier.timer"),
    ),
    (
        "deploy/courrier-serve.service",
        include_str!("../../deploy/courrier-serve.service"),
    ),
    (
        "deploy/courrier-serve.socket",
        include_str!("../../deploy/courrier-serve.socket"),
    ),
];
const POST: &str = "---
title: \"The first post\"
lastmod: \"2026-11-01\"
author: \"The editors\"
class_name: \"blog post\"
---

This is a post: fields between two lines of dashes, then the text, in Markdown
or in HTML. Change it, add others beside it, and run `courrier run`.
";

pub fn init(args: &InitArgs, quiet: bool) -> Result<Exit, Failure> {
    let mut files = vec![
        ("config.toml".to_owned(), CONFIG),
        ("posts/the-first-post.md".to_owned(), POST),
    ];
    if args.templates {
        files.extend(
            BUILT_IN
                .iter()
                .map(|(name, text)| (format!("templates/{name}"), *text)),
        );
    }
    if args.deploy {
        files.extend(DEPLOY.map(|(name, text)| (name.to_owned(), text)));
    }
    refuse_to_overwrite(&args.folder, &files)?;
    for (name, text) in &files {
        let path = args.folder.join(name);
        write(&path, text.as_bytes(), Access::Public)
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
        if !quiet {
            print(&path.display().to_string())?;
        }
    }
    if !quiet {
        let config = args.folder.join("config.toml");
        print(&format!(
            "Next: edit config.toml, then `courrier run --config {}`",
            config.display()
        ))?;
    }
    Ok(Exit::Done)
}

fn refuse_to_overwrite(folder: &Path, files: &[(String, &str)]) -> Result<(), Failure> {
    let there = files
        .iter()
        .map(|(name, _)| folder.join(name))
        .find(|path| path.exists());
    there.map_or(Ok(()), |path| {
        let help = "name another folder, or move the file away";
        Err(Failure::new(
            Exit::Guard,
            Problem::new(format!("{} is there already", path.display()), help),
        ))
    })
}
