//! The files of a build: feeds, their archive, and what leads people to them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::built::BuiltFile;
use super::context::{Context, count};
use super::exit::Exit;
use super::outgoing::{Outgoing, documents};
use super::report::Failure;
use crate::feed::autodiscovery::Alternate;
use crate::feed::compose::{Composed, Desk, Shown};
use crate::feed::cut::Cut;
use crate::feed::document::Feed;
use crate::feed::page::Pen;
use crate::feed::pieces::Press;
use crate::feed::{autodiscovery, opml, page};
use crate::problem::Problem;
use crate::publish::compress::write_with_twins;
use crate::publish::folder::{Standing, Written, settle, sweep};
use crate::publish::inject::{HeadLink, inject};
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// Pages without a place for links that are named, at most.
const NAMED: usize = 5;
/// Archive documents that are in memory at once.
const AT_ONCE: usize = 16;

/// Writes the files of feeds, and keeps account of them.
pub struct FeedFiles<'a> {
    context: &'a Context,
    pub written: Vec<BuiltFile>,
}

/// The cuts that had feeds in `folder` before: where no post is left in one,
/// those who subscribed are given an empty feed, and not an old one.
pub fn known_cuts(folder: &Path) -> Vec<Cut> {
    std::fs::read(folder.join(opml::FILE)).map_or(vec![], |list| opml::cuts(&list))
}

impl<'a> FeedFiles<'a> {
    pub fn new(context: &'a Context) -> Self {
        Self {
            context,
            written: vec![],
        }
    }

    /// Writes the archive documents, before the `feeds` that lead to them; and
    /// gives back the posts that cannot be shown.
    ///
    /// # Errors
    ///
    /// Where there are such posts, and the build does not `keep_going`; where a file cannot be written.
    pub fn write_archive(
        &mut self,
        desk: &Desk<'_>,
        (feeds, press): (&[Feed], &Press),
        keep_going: bool,
    ) -> Result<Vec<Problem>, Failure> {
        let entries = feeds.iter().flat_map(|feed| &feed.entries);
        let shown: Shown = entries
            .map(|entry| (entry.id.clone(), entry.clone()))
            .collect();
        let mut unshown = vec![];
        let known = known_cuts(&self.context.config.public());
        for some in desk.pages(&known).chunks(AT_ONCE) {
            let composed: Vec<Composed> = some
                .par_iter()
                .map(|page| desk.page(page, &shown))
                .collect();
            let mut pages = vec![];
            for Composed {
                feeds, problems, ..
            } in composed
            {
                if !keep_going && !problems.is_empty() {
                    return Err(Failure {
                        exit: Exit::BadPosts,
                        problems,
                    });
                }
                unshown.extend(problems);
                pages.extend(feeds);
            }
            self.write_documents(&documents(&pages, press, self.context)?)?;
        }
        Ok(unshown)
    }

    /// Writes `documents`, on every core.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub fn write_documents(&mut self, documents: &[Outgoing]) -> Result<(), Failure> {
        let public = self.context.config.public();
        let folders = documents.iter().map(|document| public.join(&document.name));
        let folders: BTreeSet<PathBuf> = folders
            .filter_map(|path| path.parent().map(Path::to_owned))
            .collect();
        folders.par_iter().for_each(|folder| sweep(folder));
        let written: Result<Vec<BuiltFile>, Failure> = documents
            .par_iter()
            .map(|document| self.document(document))
            .collect();
        let written = written?;
        if written.iter().any(|file| file.written) {
            folders
                .par_iter()
                .try_for_each(|folder| self.settle(folder))?;
        }
        self.written.extend(written);
        Ok(())
    }

    /// Writes what leads people to `feeds`: their page, their list, and the links
    /// for the pages of the site.
    ///
    /// # Errors
    ///
    /// Where a template is wrong, or a file cannot be written.
    pub fn write_guides(&mut self, feeds: &[Feed]) -> Result<(), Failure> {
        let config = &self.context.config;
        let wrong = |problem| Failure::new(Exit::BadPosts, problem);
        let templates = &Templates::new(&config.templates());
        let words = &Words::load(templates, &config.site.language).map_err(wrong)?;
        let pen = Pen {
            templates,
            words,
            zone: config.zone(),
        };
        let page = page::write(feeds, &config.site, &pen).map_err(wrong)?;
        let list = opml::write(feeds, |cut| page::heading(cut, words).to_owned());
        let list = list.map_err(|error| cannot_make(opml::FILE, &error))?;
        let links = autodiscovery::snippet(feeds);
        for (name, media_type, bytes) in [
            (page::FILE, "text/html", page.as_bytes()),
            (opml::FILE, "text/x-opml", &list),
            (autodiscovery::FILE, "text/html", links.as_bytes()),
        ] {
            self.written
                .push(self.file(name.to_owned(), media_type, &[bytes])?);
        }
        self.settle(&config.public())
    }

    /// Puts links to `feeds` into the pages of the site in `folder`.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read, or a page cannot be written.
    pub fn inject(&self, folder: &Path, feeds: &[Feed]) -> Result<(), Failure> {
        // However they are named, a page and ours are the same where they are one file.
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let public = real(&self.context.config.public());
        let ours = [page::FILE, autodiscovery::FILE].map(|name| public.join(name));
        let links_of = |page: &str| -> Vec<HeadLink> {
            let links = autodiscovery::links(feeds, page).into_iter();
            links
                .map(|Alternate { href, html }| HeadLink { href, html })
                .collect()
        };
        let injected =
            inject(&real(folder), autodiscovery::MARK, &ours, links_of).map_err(|error| {
                Failure::io(
                    format!("cannot put links into the pages of {}", folder.display()),
                    &error,
                )
            })?;
        if !self.context.quiet {
            let pages = count(injected.pages, "page");
            eprintln!(
                "{pages} in {}, {} changed",
                folder.display(),
                injected.changed
            );
        }
        let headless = injected.headless.iter().take(NAMED).map(|page| {
            let message = format!(
                "{} has no title, and so no place for links to feeds",
                page.display()
            );
            Problem::new(message, "give it a <title>, or leave it as it is")
        });
        self.context.warn(&headless.collect::<Vec<_>>());
        Ok(())
    }

    fn settle(&self, folder: &Path) -> Result<(), Failure> {
        settle(folder)
            .map_err(|error| Failure::io(format!("cannot write {}", folder.display()), &error))
    }

    fn document(&self, document: &Outgoing) -> Result<BuiltFile, Failure> {
        let (name, media_type) = (document.name.clone(), document.media_type);
        if document.standing == Standing::Same && !self.context.config.feeds.precompress {
            return Ok(BuiltFile {
                name,
                media_type,
                written: false,
            });
        }
        self.file(name, media_type, &document.pieces.chunks())
    }

    fn file(
        &self,
        name: String,
        media_type: &'static str,
        content: &[&[u8]],
    ) -> Result<BuiltFile, Failure> {
        let config = &self.context.config;
        let path = config.public().join(&name);
        let written = write_with_twins(&path, content, config.feeds.precompress)
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
        Ok(BuiltFile {
            name,
            media_type,
            written: written != Written::Unchanged,
        })
    }
}

fn cannot_make(name: &str, error: &std::io::Error) -> Failure {
    Failure::io(format!("cannot make {name}"), error)
}
