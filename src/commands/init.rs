//! `courrier init`: a new newsletter.

use std::path::{Path, PathBuf};

use super::context::print;
use super::exit::Exit;
use super::next_issue::config;
use super::report::{self, Failure, Severity};
use crate::config::Config;
use crate::problem::Problem;
use crate::publish::folder::{Access, write};
use crate::templates::built_in::BUILT_IN;
use crate::templates::copies;

/// Make a new newsletter: a commented config.toml and a first post
///
/// Nothing that is there is overwritten.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Copy the built-in templates too, to be changed; in a newsletter that is there,
    /// those that it has not, and a word on copies that are older than the program
    #[arg(long)]
    templates: bool,
    /// Write settings for web servers, cron and systemd too; in a newsletter that is
    /// there, those that it has not
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
    if (args.templates || args.deploy) && args.folder.join("config.toml").exists() {
        return add(args, quiet);
    }
    let mut files = vec![
        ("config.toml".to_owned(), CONFIG),
        ("posts/the-first-post.md".to_owned(), POST),
    ];
    let record = copies::record("", BUILT_IN.iter().map(|(name, _)| *name));
    if args.templates {
        let templates = BUILT_IN.iter();
        files.extend(templates.map(|(name, text)| (format!("templates/{name}"), *text)));
        files.push((format!("templates/{}", copies::RECORD), &record));
    }
    if args.deploy {
        files.extend(DEPLOY.map(|(name, text)| (name.to_owned(), text)));
    }
    refuse_to_overwrite(&args.folder, &files)?;
    for (name, text) in &files {
        write_one(&args.folder.join(name), text, quiet)?;
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

/// Adds what is asked for to the newsletter that is there.
fn add(args: &InitArgs, quiet: bool) -> Result<Exit, Failure> {
    if args.deploy {
        let files = DEPLOY.map(|(name, text)| (args.folder.join(name), text));
        let missing = files.iter().filter(|(path, _)| !path.exists());
        for (path, text) in missing {
            write_one(path, text, quiet)?;
        }
    }
    match args.templates {
        true => add_templates(args, quiet),
        false => Ok(Exit::Done),
    }
}

/// Writes the built-in templates beside the settings that are there, but for those
/// that were copied before; says which of these are older than the program.
fn add_templates(args: &InitArgs, quiet: bool) -> Result<Exit, Failure> {
    let config = Config::load(&args.folder.join("config.toml")).map_err(config)?;
    let folder = config.templates();
    let missing = BUILT_IN
        .iter()
        .filter(|(name, _)| !folder.join(name).exists());
    let missing: Vec<_> = missing.collect();
    let record = std::fs::read_to_string(folder.join(copies::RECORD)).unwrap_or_default();
    let names = missing.iter().map(|(name, _)| *name);
    let record = copies::record(&record, names);
    for (name, text) in &missing {
        write_one(&folder.join(name), text, quiet)?;
    }
    write_one(&folder.join(copies::RECORD), &record, true)?;
    report::print(&copies::outdated(&folder), Severity::Warning);
    Ok(Exit::Done)
}

fn write_one(path: &Path, text: &str, quiet: bool) -> Result<(), Failure> {
    write(path, text.as_bytes(), Access::Public)
        .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
    if quiet {
        return Ok(());
    }
    print(&path.display().to_string())
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
