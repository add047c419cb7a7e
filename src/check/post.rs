//! Posts and settings: what editors can mend before readers see it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use lol_html::{RewriteStrSettings, element, rewrite_str};
use percent_encoding::percent_decode_str;
use url::Url;

use super::common::FeedRule;
use super::finding::{About, Finding, Found, Severity, placed, rules};
use super::html::{self, Flaw};
use crate::blog::Blog;
use crate::blog::post::Post;
use crate::config::Site;
use crate::problem::Problem;

rules! { PostRule
    Unreadable Error "post/unreadable"
        "Every post can be read"
        "`courrier build` refuses; with --keep-going the post is missing in all feeds."
        "Mend what the message names."
        "README, Write a post"
    Doubtful Warning "post/doubtful"
        "Nothing in a post or in the settings has to be guessed"
        "Something may be missing, or not be what you meant."
        "Mend what the message names."
        "README, Write a post"
    NoAuthor Warning "post/no-author"
        "Every post names who wrote it"
        "Feeds name the site instead."
        "Add a line `author: …` to the front matter, or `author` to [blog] in config.toml."
        "RFC 4287 §4.1.2"
    NoWords Warning "post/no-words"
        "Every post has words to show in lists"
        "Readers that show summaries, and the newsletter, show a title alone."
        "Add a first paragraph, or a line `description: …` to the front matter."
        "RFC 4287 §4.2.13"
    LongTitle Warning "post/long-title"
        "A title has less than 150 characters"
        "Readers cut it off, and so do the subject lines of mails."
        "Shorten it, and say the rest in the text or in `description`."
        "RSS Best Practices Profile §4.1.1.20; practice"
    SameTitle Warning "post/same-title"
        "No two posts of one language have the same title"
        "People take the newer one for the one that they have read."
        "Say in the title what is new."
        "practice"
    NoAlt Warning "post/image-without-alt"
        "Every image says what it shows"
        "Readers that read aloud, and mails without images, have nothing in its place."
        "Write `![what it shows](…)` or `alt=\"what it shows\"`; `alt=\"\"` where it only decorates."
        "WCAG 2.2, 1.1.1"
    SourceLink Warning "post/link-to-source"
        "Links lead to pages, not to the files that pages are made of"
        "The link leads nowhere once the site is built: only those to the files of published posts are followed."
        "Name the file of a published post, or write the address that the page has on the site."
        "practice"
    OwnHttp Warning "post/insecure-own-link"
        "Links to the own site are https, as the site is"
        "Each reader is sent on, and anybody on the way can send them elsewhere."
        "Write https://, or the path alone."
        "RFC 9110 §4.2.2"
    Large Warning "post/large"
        "A post has less than 200 KB of HTML"
        "It makes the feed a burden by itself, and mail programs cut it off."
        "Link to what is long, or set `content = \"summary\"` in [feeds]."
        "JSON Feed 1.1, Suggestions for Publishers"
    NoDescription Warning "site/no-description"
        "The site says in a sentence what it is about"
        "Lists of feeds show the title twice."
        "Set `description` in [site]."
        "RSS 2.0, Required channel elements"
    InsecureSite Warning "site/insecure"
        "The site is at https"
        "Readers in a browser may not load its images; anybody on the way can change its feeds."
        "Set up https, then set `url` in [site]. The ids of posts stay."
        "RFC 9110 §4.2.2"
}

const LONG_TITLE: usize = 150;
const LARGE: usize = 200_000;

/// What is wrong with the posts below `folder`, and with `site`.
pub fn judge(blog: &Blog, site: &Site, folder: &Path, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = placed(of_site(site), "config.toml", "");
    let mut titles: HashMap<(String, String), &str> = HashMap::new();
    // Oldest first: where two are alike, the newer one is told of.
    for post in blog.posts.iter().rev() {
        let text = std::fs::read(folder.join(&*post.path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut found = of_post(post, &text, now);
        let key = (post.title.to_lowercase(), post.language.to_string());
        if let Some(other) = titles.insert(key, &post.name) {
            let says = format!("{other} has the same title");
            found.push(PostRule::SameTitle.at(title(post, &text), says));
        }
        findings.extend(placed(found, &post.name, &text));
    }
    findings
}

/// A problem that stands in the way of a build, or a warning of it, as a finding.
pub fn told(problem: &Problem, rule: PostRule) -> Finding {
    let (file, text, at) = match &problem.place {
        Some(place) => (
            place.file.as_str(),
            place.source.as_str(),
            Some(place.span.start),
        ),
        None => ("config.toml", "", None),
    };
    let help = problem
        .help
        .as_deref()
        .map(|help| format!(": {help}"))
        .unwrap_or_default();
    let says = format!("{}{help}", problem.message);
    let found = Found {
        about: rule.about(),
        at,
        says,
    };
    let mut finding = placed(vec![found], file, text).swap_remove(0);
    if problem.place.is_none() {
        name_file(&mut finding);
    }
    finding
}

/// The file that the message begins with, where it does.
fn name_file(finding: &mut Finding) {
    let split = finding.says.split_once(": ");
    let named = split.filter(|(file, _)| file.contains('.') && !file.contains(' '));
    let (place, says) = named.unwrap_or(("posts", &finding.says));
    (finding.place, finding.says) = (place.to_owned(), says.to_owned());
}

fn of_site(site: &Site) -> Vec<Found> {
    let rules = [
        (
            site.description.trim().is_empty(),
            PostRule::NoDescription,
            "[site] has no description",
        ),
        (
            site.url.scheme() == "http",
            PostRule::InsecureSite,
            "[site] url is an address of http",
        ),
    ];
    let broken = rules.into_iter().filter(|(is_broken, _, _)| *is_broken);
    broken.map(|(_, rule, says)| rule.of_all(says)).collect()
}

fn of_post(post: &Post, text: &str, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = vec![];
    if post.authors.is_empty() {
        found.push(PostRule::NoAuthor.at(0, "nobody is named as the author"));
    }
    if post.title.chars().count() >= LONG_TITLE {
        found.push(PostRule::LongTitle.at(
            title(post, text),
            format!("the title has {} characters", post.title.chars().count()),
        ));
    }
    if post.updated > now + TimeDelta::days(1) {
        let says = format!(
            "the last change is in the future, {}",
            post.updated.to_rfc3339()
        );
        found.push(FeedRule::Future.at(text.find("lastmod").unwrap_or(0), says));
    }
    // A post whose text cannot be shown is told of elsewhere.
    let Ok(content) = post.content() else {
        return found;
    };
    if content.summary.trim().is_empty() {
        found.push(PostRule::NoWords.at(0, "there are no words to show in a list"));
    }
    if content.html.len() > LARGE {
        found
            .push(PostRule::Large.of_all(format!("the text has {} KB", content.html.len() / 1000)));
    }
    for link in &content.nowhere {
        let says = format!("no post that readers may see is at `{link}`");
        found.push(PostRule::SourceLink.at(text.find(link).unwrap_or(0), says));
    }
    found.extend(of_html(post, &content.html, text));
    found
}

/// Images and links of the rendered post, and where they stand in its file.
fn of_html(post: &Post, html: &str, text: &str) -> Vec<Found> {
    let mut found = vec![];
    for flaw in html::flaws(html) {
        if let Flaw::Insecure(address) = flaw {
            let says = format!("fetched by http: `{address}`");
            found.push(FeedRule::InsecureImage.at(find(text, &names(&address)), says));
        }
    }
    let (links, images) = links_and_images(html);
    for image in images {
        let says = format!("nothing says what the image `{image}` shows");
        found.push(PostRule::NoAlt.at(find(text, &names(&image)), says));
    }
    for link in links.iter().filter_map(|link| Url::parse(link).ok()) {
        let is_own = link.host() == post.url.host();
        let path = link.path();
        let at = || find(text, &names(link.as_str()));
        if is_own && (path.ends_with(".md") || path.ends_with(".markdown")) {
            found.push(PostRule::SourceLink.at(at(), format!("`{link}` is no page of the site")));
        }
        if is_own && link.scheme() == "http" && post.url.scheme() == "https" {
            found.push(PostRule::OwnHttp.at(at(), format!("`{link}` is on this site, by http")));
        }
    }
    found
}

/// The addresses of all links, and of the images without an `alt`.
fn links_and_images(html: &str) -> (Vec<String>, Vec<String>) {
    let (links, images) = (RefCell::new(vec![]), RefCell::new(vec![]));
    let look_at_links = element!("a[href]", |link| {
        links.borrow_mut().extend(link.get_attribute("href"));
        Ok(())
    });
    let look_at_images = element!("img:not([alt])", |image| {
        images.borrow_mut().extend(image.get_attribute("src"));
        Ok(())
    });
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(look_at_links)
        .append_element_content_handler(look_at_images);
    let _ = rewrite_str(html, settings);
    (links.into_inner(), images.into_inner())
}

/// How an absolute address may be written in the file of a post, the surest first.
fn names(address: &str) -> Vec<String> {
    let address = address.replace("&amp;", "&");
    let path = Url::parse(&address)
        .map(|url| url.path().to_owned())
        .unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default().to_owned();
    let decoded = percent_decode_str(&file).decode_utf8_lossy().into_owned();
    [address, path, file, decoded]
        .into_iter()
        .filter(|name| name.len() > 1)
        .collect()
}

/// Where one of `names` stands in `text`; its beginning where none does.
fn find(text: &str, names: &[String]) -> usize {
    names.iter().find_map(|name| text.find(name)).unwrap_or(0)
}

fn title(post: &Post, text: &str) -> usize {
    text.find(&post.title).unwrap_or(0)
}
