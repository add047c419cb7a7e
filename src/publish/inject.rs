//! Links put into the head of pages that another program wrote.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use lol_html::html_content::ContentType;
use lol_html::{HtmlRewriter, Settings, element};

use super::folder::{Access, Written, write};

/// A link for the head of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLink {
    pub href: String,
    /// The whole element. It bears the attribute that marks it as ours.
    pub html: String,
}

/// What became of the pages of a site.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Injected {
    pub pages: usize,
    pub changed: usize,
    /// Pages without a title: nobody knows where their head is.
    pub headless: Vec<PathBuf>,
}

/// Gives each page below `folder` the links that `links_of` has for its path,
/// which has `/` in it and neither `index.html` nor `.html` at its end. Those
/// with the attribute `mark`, put there earlier, go. A page that has all of them
/// already is not touched; `except` are no pages of the site.
///
/// # Errors
///
/// Where the folder cannot be read, or a page cannot be written.
pub fn inject(
    folder: &Path,
    mark: &str,
    except: &[PathBuf],
    links_of: impl Fn(&str) -> Vec<HeadLink>,
) -> io::Result<Injected> {
    let mut injected = Injected::default();
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .sort_by_file_path(Path::cmp)
        .build();
    for entry in walk {
        let path = entry.map_err(io::Error::other)?.into_path();
        if !is_page(&path) || except.contains(&path) {
            continue;
        }
        injected.pages += 1;
        let html = std::fs::read(&path)?;
        let place = path.strip_prefix(folder).unwrap_or(&path);
        match with_links(&html, mark, &links_of(&page_of(place)))? {
            None => injected.headless.push(path),
            Some(html) => {
                let written = write(&path, &html, Access::Public)?;
                injected.changed += usize::from(written != Written::Unchanged);
            }
        }
    }
    Ok(injected)
}

fn is_page(path: &Path) -> bool {
    let is_html = path.extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm")
    });
    is_html && path.is_file()
}

/// `tags/rust` of `tags/rust/index.html` and of `tags/rust.html`.
fn page_of(file: &Path) -> String {
    let names: Vec<_> = file
        .with_extension("")
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let path = names.join("/");
    path.strip_suffix("index")
        .map_or(path.as_str(), |path| path.trim_end_matches('/'))
        .to_owned()
}

/// `html` with `links` behind its title: where a head ends may not be written,
/// and where it begins its encoding has to be. Every other byte stays. Nothing
/// where there is no title.
fn with_links(html: &[u8], mark: &str, links: &[HeadLink]) -> io::Result<Option<Vec<u8>>> {
    let theirs = alternates(html, mark)?;
    let missing = links.iter().filter(|link| !theirs.contains(&link.href));
    let ours: String = missing.map(|link| link.html.as_str()).collect();
    let is_done = Cell::new(false);
    let title = element!("title, body, svg", |element| {
        if !is_done.replace(true) && element.tag_name() == "title" {
            element.after(&ours, ContentType::Html);
        }
        Ok(())
    });
    let old = element!(format!("link[{mark}]"), |link| {
        link.remove();
        Ok(())
    });
    let has_title = has_title(html)?;
    let rewritten = rewrite(
        html,
        Settings::new()
            .append_element_content_handler(title)
            .append_element_content_handler(old),
    )?;
    Ok(has_title.then_some(rewritten))
}

/// Whether a title comes before the body.
fn has_title(html: &[u8]) -> io::Result<bool> {
    let first = RefCell::new(None);
    let look = element!("title, body, svg", |element| {
        first.borrow_mut().get_or_insert(element.tag_name());
        Ok(())
    });
    rewrite(html, Settings::new().append_element_content_handler(look))?;
    Ok(first.into_inner().is_some_and(|first| first == "title"))
}

/// Where the links to feeds lead that are not ours: a feed is named once.
fn alternates(html: &[u8], mark: &str) -> io::Result<Vec<String>> {
    let found = RefCell::new(vec![]);
    let look = element!("link[rel~=alternate][href]", |link| {
        if !link.has_attribute(mark) {
            found.borrow_mut().extend(link.get_attribute("href"));
        }
        Ok(())
    });
    rewrite(html, Settings::new().append_element_content_handler(look))?;
    Ok(found.into_inner())
}

fn rewrite(html: &[u8], settings: Settings<'_, '_>) -> io::Result<Vec<u8>> {
    let mut rewritten = Vec::with_capacity(html.len());
    let mut rewriter =
        HtmlRewriter::new(settings, |piece: &[u8]| rewritten.extend_from_slice(piece));
    rewriter.write(html).map_err(io::Error::other)?;
    rewriter.end().map_err(io::Error::other)?;
    Ok(rewritten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(href: &str) -> HeadLink {
        HeadLink {
            href: href.into(),
            html: format!("<link rel=\"alternate\" href=\"{href}\" data-courrier>"),
        }
    }

    fn put(html: &str, hrefs: &[&str]) -> Option<String> {
        let links: Vec<HeadLink> = hrefs.iter().map(|href| link(href)).collect();
        let html = with_links(html.as_bytes(), "data-courrier", &links).expect("HTML")?;
        String::from_utf8(html).ok()
    }

    #[test]
    fn links_come_and_go_and_leave_no_trace() {
        let page = "<!doctype html><meta charset=utf-8><title>x</title>\n<body><svg><title>y</title></svg>";
        let once = put(page, &["/a", "/b"]).expect("a page");
        assert!(
            once.contains("</title><link rel=\"alternate\" href=\"/a\" data-courrier><link"),
            "{once}"
        );
        assert_eq!(put(&once, &["/a", "/b"]), Some(once.clone()));
        assert_eq!(put(&once, &[]), Some(page.to_owned()));
    }

    #[test]
    fn a_link_that_the_page_has_itself_is_not_put_there_again() {
        let page = "<head><title>x</title><link rel=alternate href=/a></head>";
        assert_eq!(put(page, &["/a"]), Some(page.to_owned()));
    }

    #[test]
    fn a_page_without_a_title_is_left_alone() {
        assert_eq!(put("<p>a fragment</p>", &["/a"]), None);
        assert_eq!(put("<body><svg><title>y</title></svg>", &["/a"]), None);
    }

    #[test]
    fn a_page_is_known_by_its_path() {
        for (file, page) in [
            ("index.html", ""),
            ("tags/rust/index.html", "tags/rust"),
            ("tags/rust.html", "tags/rust"),
        ] {
            assert_eq!(page_of(Path::new(file)), page, "{file}");
        }
    }
}
