//! Links from one post to the file of another.

use chrono::{DateTime, FixedOffset, Utc};
use percent_encoding::percent_decode_str;
use url::Url;

use super::absolute::Target;
use super::file::{File, path_without_ending, without_date};
use super::page::PageError;
use super::reader;
use super::reference::Reference;
use super::source::Source;
use super::web_path::address;

/// The files of a blog, to which its posts link. Few are ever asked for, so each is
/// read when it is.
#[derive(Debug)]
pub struct Links {
    pub source: Source,
    now: DateTime<Utc>,
    /// Sorted by path.
    files: Vec<File>,
    /// When the posts were published whose files do not say it, by the places of these.
    undated: Vec<(usize, DateTime<FixedOffset>)>,
}

/// Endings of files that are no pages of a site but become some.
const SOURCES: [&str; 7] = ["md", "mdx", "markdown", "mkd", "mkdn", "mkdown", "mdown"];

/// What a path without an ending may go on with.
const LEFT_OUT: [&str; 6] = [
    ".md",
    "/index.md",
    ".markdown",
    ".mdx",
    ".html",
    "/index.html",
];

impl Links {
    /// Of `files`, sorted by path. `undated` are those of posts that readers may see and
    /// that do not say when they were published, by their places, with the time.
    pub fn new(
        files: Vec<File>,
        undated: Vec<(usize, DateTime<FixedOffset>)>,
        (source, now): (&Source, DateTime<Utc>),
    ) -> Self {
        Self {
            source: source.clone(),
            now,
            files,
            undated,
        }
    }

    /// When the post in `file` was published, where the file does not say it.
    fn published(&self, file: &File) -> Option<DateTime<FixedOffset>> {
        let place = self.files.binary_search(file).ok()?;
        let at = self.undated.binary_search_by_key(&place, |(at, _)| *at);
        at.ok().map(|at| self.undated[at].1)
    }

    /// Where the link `href` in the post at `from` leads. A path is seen from the
    /// folder of the post, else from that of the site, as one that begins with `/`,
    /// `@/` (Zola) or `@site/` (Docusaurus) is.
    pub fn target(&self, from: &str, href: &str) -> Target {
        let (path, part) = href.split_at(href.find(['#', '?']).unwrap_or(href.len()));
        let path = percent_decode_str(path).decode_utf8_lossy();
        let has_scheme = path.split('/').next().is_some_and(|it| it.contains(':'));
        if !is_source(&path) || has_scheme || path.starts_with("//") {
            return Target::Itself;
        }
        let root = ["@/", "@site/", "/"]
            .into_iter()
            .find_map(|root| Some((root, path.strip_prefix(root)?)));
        let file = match root {
            Some((_, below)) => self.below_site(from, below),
            None => self
                .beside(from, &path)
                .or_else(|| self.below_site(from, &path)),
        };
        match (file, root) {
            (None, Some(("/", _))) => Target::Itself,
            (file, Some(("@/", below))) if self.source.is_site => {
                let found = file.map_or(Ok(None), |file| self.address(file));
                let by_path = || self.source.site.join(&by_zola(below)).ok();
                found.map_or(Target::Nowhere, |url| target(url.or_else(by_path), part))
            }
            (file, _) => target(file.and_then(|file| self.address(file).ok()?), part),
        }
    }

    /// Where `reference` in the post at `from` leads.
    pub fn referred(&self, from: &str, reference: &Reference<'_>) -> Target {
        let named = reference.named();
        let (path, part) = named.split_at(named.find('#').unwrap_or(named.len()));
        let file = match reference {
            Reference::Page("") => return Target::Nowhere,
            Reference::Page(_) if path.is_empty() => return Target::Itself,
            Reference::Page(_) => self.page(from, path),
            Reference::Post(_) => self
                .named(from, path.trim_start_matches('/'))
                .first()
                .copied(),
            Reference::File(_) if !is_source(path) && !path.ends_with(".html") => {
                let path = path.trim_start_matches('/');
                return target(self.source.site.join(path).ok(), part);
            }
            Reference::File(_) => self.below_site(from, path.trim_start_matches('/')),
        };
        target(file.and_then(|file| self.address(file).ok()?), part)
    }

    /// The address of the post in `file`; nothing where it is no post.
    ///
    /// # Errors
    ///
    /// Where readers may not see it.
    fn address(&self, file: &File) -> Result<Option<Url>, ()> {
        let page = match reader::read(file, &self.source) {
            Ok(page) => page,
            Err(PageError::NotAPost(_)) => return Ok(None),
            Err(PageError::Broken(_)) => return Err(()),
        };
        let published = self.published(file);
        let published = published.or(page.head.date).or(page.head.lastmod);
        let is_shown = page.head.held_back(self.now).is_none();
        let published = published.filter(|_| is_shown).ok_or(())?;
        address(&page, &self.source, published)
            .map(Some)
            .map_err(|_| ())
    }

    /// What Hugo finds by `path`.
    fn page(&self, from: &str, path: &str) -> Option<&File> {
        let path = path.trim_end_matches('/');
        if let Some(below) = path.strip_prefix('/') {
            return self.below_site(from, below);
        }
        let near = self
            .beside(from, path)
            .or_else(|| self.below_site(from, path));
        near.or_else(|| match self.named(from, path_without_ending(path))[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// The file at `path`, seen from the folder of the post at `from`.
    fn beside(&self, from: &str, path: &str) -> Option<&File> {
        let mut segments: Vec<&str> = from.split('/').collect();
        segments.pop();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                // Above the folder of posts are none.
                ".." => _ = segments.pop()?,
                name => segments.push(name),
            }
        }
        self.at(from, &segments.join("/"))
    }

    /// The file at `path`, seen from the folder of the site, whose end our folder
    /// may be: `blog/x.md` is our `x.md` where the posts lie in `content/blog`.
    fn below_site(&self, from: &str, path: &str) -> Option<&File> {
        let folder = &self.source.folder.on_disk;
        let slashes = path.match_indices('/').map(|(at, _)| at);
        let ours = slashes
            .filter(|at| folder.ends_with(&path[..*at]))
            .map(|at| &path[at + 1..]);
        let mut ours = ours.filter_map(|path| self.at(from, path));
        ours.next()
            .or_else(|| self.at(from, path))
            .or_else(|| self.at(from, &format!("content/{path}")))
    }

    /// The file at `path`, the one in the language of the file `from` before others.
    fn at(&self, from: &str, path: &str) -> Option<&File> {
        let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
        let own = path_without_ending(from).len();
        let tag = from[own..].rsplit_once('.').map_or("", |(tag, _)| tag);
        let in_language = format!("{stem}{tag}.{ending}");
        let known = self.exactly(&in_language).or_else(|| self.exactly(path));
        known.or_else(|| {
            let endings = LEFT_OUT.iter().filter(|_| !is_source(path));
            let mut longer = endings.map(|ending| format!("{path}{ending}"));
            longer.find_map(|path| self.exactly(&path))
        })
    }

    fn exactly(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| (*file.path).cmp(path));
        at.ok().map(|at| &self.files[at])
    }

    /// The files called `name`, but for their endings, wherever they lie; first the
    /// one in the folder of the post at `from`.
    fn named(&self, from: &str, name: &str) -> Vec<&File> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let ending = from.rsplit_once('.').map_or("", |(_, ending)| ending);
        let slash = if folder.is_empty() { "" } else { "/" };
        let near = self.exactly(&format!("{folder}{slash}{name}.{ending}"));
        let is_named = |file: &&File| {
            let stem = path_without_ending(&file.path);
            let stem = stem.strip_suffix("/index").unwrap_or(stem);
            let folder = stem.strip_suffix(name);
            folder.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
        };
        match near {
            Some(near) => vec![near],
            None => self.files.iter().filter(is_named).collect(),
        }
    }
}

fn is_source(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| SOURCES.contains(&ending))
}

/// `url` with what stands behind a path, `#part`.
fn target(url: Option<Url>, part: &str) -> Target {
    let whole = url.and_then(|url| match part {
        "" => Some(url),
        part => url.join(part).ok(),
    });
    whole.map_or(Target::Nowhere, Target::Post)
}

/// Where Zola has the page of a file that is no post.
fn by_zola(path: &str) -> String {
    let path = path.strip_suffix(".md").unwrap_or(path);
    let path = ["_index", "index"]
        .iter()
        .find_map(|index| path.strip_suffix(index))
        .unwrap_or(path)
        .trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/{}/", without_date(name)),
        None => format!("{}/", without_date(path)),
    }
}
