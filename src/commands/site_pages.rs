//! Whether the site has a page where the address of each post leads.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::exit::Exit;
use super::report::Failure;
use crate::blog::Blog;
use crate::blog::post::Post;
use crate::fetch::{Client, Limits, shown, web_address};
use crate::problem::Problem;

/// Sitemaps that one sitemap leads to, at most.
const SITEMAPS: usize = 200;

/// The pages of a site.
enum Pages {
    /// The folder that it was built into.
    Folder(PathBuf),
    /// The paths of its sitemap, without slashes at their ends.
    Listed(HashSet<String>),
}

/// What a sitemap holds (<https://www.sitemaps.org/protocol.html>).
#[derive(Default)]
struct Sitemap {
    pages: Vec<String>,
    /// The addresses of further sitemaps.
    further: Vec<Url>,
}

/// The posts of `blog` for which `site`, a folder, a sitemap or the address of
/// one, has no page.
///
/// # Errors
///
/// Where the folder or the sitemap cannot be read.
pub async fn missing(site: &str, blog: &Blog) -> Result<Vec<Problem>, Failure> {
    let pages = match web_address(site) {
        Some(url) => Pages::Listed(fetched(url).await?),
        None if Path::new(site).is_dir() => Pages::Folder(site.into()),
        None => {
            let text = std::fs::read_to_string(site)
                .map_err(|error| unusable(format!("cannot read {site}: {error}")))?;
            let sitemap = Sitemap::read(site, &text)?;
            if !sitemap.further.is_empty() {
                let message = format!("{site} is an index of other sitemaps, which are not read");
                return Err(unusable(message));
            }
            Pages::Listed(sitemap.pages.into_iter().collect())
        }
    };
    let missing =
        |post: &&Post| post.url.host() == blog.site.host() && !pages.have(post, &blog.site);
    Ok(blog
        .posts
        .iter()
        .filter(missing)
        .map(|post| problem(post, site))
        .collect())
}

fn problem(post: &Post, site: &str) -> Problem {
    let message = format!("{}: {site} has no page for {}", post.name, post.url);
    let help = "set [blog] permalink in config.toml to what the program of the site does, or give the post its `url`";
    Problem::new(message, help)
}

fn unusable(message: String) -> Failure {
    let help =
        "give the folder that the site is built into, its sitemap.xml, or the address of that";
    Failure::new(Exit::Usage, Problem::new(message, help))
}

async fn fetched(url: Url) -> Result<HashSet<String>, Failure> {
    let client = Client::new(Limits::default())?;
    let (mut pages, mut open, mut read) = (HashSet::new(), vec![url], 0);
    while let Some(url) = open.pop() {
        read += 1;
        if read > SITEMAPS {
            let message = format!("the sitemap leads to more than {SITEMAPS} others");
            return Err(unusable(message));
        }
        let answer = client.get(&url).await?;
        if !answer.is_success() {
            let message = format!("{} answers with status {}", shown(&url), answer.status);
            return Err(unusable(message));
        }
        let bytes = answer.unpacked()?;
        let sitemap = Sitemap::read(&shown(&url), &String::from_utf8_lossy(&bytes))?;
        pages.extend(sitemap.pages);
        open.extend(sitemap.further);
    }
    Ok(pages)
}

impl Sitemap {
    fn read(name: &str, text: &str) -> Result<Self, Failure> {
        let xml = roxmltree::Document::parse(text)
            .map_err(|error| unusable(format!("{name} is no sitemap: {error}")))?;
        let mut sitemap = Self::default();
        let is_loc = |node: &roxmltree::Node<'_, '_>| node.tag_name().name() == "loc";
        for loc in xml.descendants().filter(is_loc) {
            let Some(url) = loc.text().and_then(|text| Url::parse(text.trim()).ok()) else {
                continue;
            };
            match loc.parent().map(|parent| parent.tag_name().name()) {
                Some("sitemap") => sitemap.further.push(url),
                _ => sitemap.pages.push(path_of(&url)),
            }
        }
        Ok(sitemap)
    }
}

impl Pages {
    /// Whether the page of `post`, of the site at `home`, is one of them.
    fn have(&self, post: &Post, home: &Url) -> bool {
        match self {
            Self::Listed(paths) => paths.contains(&path_of(&post.url)),
            Self::Folder(folder) => {
                // The folder is what the server shows at the address of the site.
                let path = path_of(&post.url);
                let below = path.strip_prefix(&path_of(home)).unwrap_or(&path);
                let page = folder.join(below.trim_matches('/'));
                let named = page.with_file_name(format!(
                    "{}.html",
                    page.file_name().unwrap_or_default().to_string_lossy()
                ));
                page.is_file() || named.is_file() || page.join("index.html").is_file()
            }
        }
    }
}

/// The path of an address in plain letters, without slashes around it.
fn path_of(url: &Url) -> String {
    let path = url.path().trim_end_matches("index.html").trim_matches('/');
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_lists_pages_or_other_sitemaps() {
        let xml = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> https://x.org/%C3%A9t%C3%A9/ </loc></url></urlset>";
        let sitemap = Sitemap::read("x", xml).unwrap_or_default();
        assert_eq!(sitemap.pages, ["été"]);
        let xml = "<sitemapindex><sitemap><loc>https://x.org/a.xml</loc></sitemap></sitemapindex>";
        let sitemap = Sitemap::read("x", xml).unwrap_or_default();
        assert_eq!(sitemap.further.len(), 1);
        assert!(Sitemap::read("x", "nothing").is_err());
    }
}
