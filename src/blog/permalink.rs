//! Where the posts of a site are found on the web.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, FixedOffset};
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};

use super::dated_path::DatedPath;
use super::file::without_date;

/// The address of a post below the site's: a path with `:slug`, `:path`,
/// `:year`, `:month`, `:day` and `:lang` in it, as Hugo and Jekyll write it.
/// `:docusaurus` is what Docusaurus makes of a name: `2019/01/17/title` of
/// `2019-01-17-title.md`, or the `slug` alone where the post names one;
/// `:eleventy` is the path, of `a/a.md` the folder; `:zola` the path, its last name
/// without a day; `:hugo` the path as Hugo cleans it, its last name the `slug` where
/// the post names one; `:categories` what Jekyll takes for them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Permalink(String);

/// Why a text is not a [`Permalink`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a permalink: it needs `:slug`, `:path`, `:docusaurus`, `:eleventy`, `:hugo` or `:zola`, and may have `:year`, `:month`, `:day`, `:lang`, `:categories`"
)]
pub struct PermalinkError(String);

/// What a permalink is filled with.
pub struct Parts<'a> {
    pub slug: &'a str,
    pub title: &'a str,
    /// Whether the post itself names its slug.
    pub names_slug: bool,
    /// Below the folder of posts, without its ending.
    pub path: &'a str,
    pub language: &'a str,
    /// Between slashes.
    pub categories: &'a str,
    pub published: DateTime<FixedOffset>,
}

impl Default for Permalink {
    fn default() -> Self {
        Self("/:slug/".to_owned())
    }
}

/// Parts by which posts are told apart.
const TELL_APART: [&str; 9] = [
    "slug",
    "path",
    "docusaurus",
    "eleventy",
    "zola",
    "hugo",
    "hugoname",
    "hugoslug",
    "hugotitle",
];

impl TryFrom<String> for Permalink {
    type Error = PermalinkError;

    fn try_from(text: String) -> Result<Self, PermalinkError> {
        match text.as_str() {
            "docusaurus" => return Ok(Self::of_docusaurus()),
            "eleventy" => return Ok(Self::of_eleventy()),
            "hugo" => return Ok(Self::of_hugo()),
            "jekyll" => return Ok(Self::of_jekyll(None)),
            "zola" => return Ok(Self::of_zola()),
            _ => {}
        }
        // `{slug}` is how others write `:slug`.
        let text = text.replace('{', ":").replace('}', "");
        let names = text.split(':').skip(1).map(|rest| {
            let end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            &rest[..end]
        });
        let tells_apart = |name| TELL_APART.contains(&name);
        let known = |name| {
            [
                "year",
                "month",
                "day",
                "imonth",
                "iday",
                "lang",
                "categories",
                "hugosections",
            ]
            .contains(&name)
                || tells_apart(name)
        };
        let tells_posts_apart = names.clone().any(tells_apart);
        if tells_posts_apart && names.clone().all(known) {
            Ok(Self(text))
        } else {
            Err(PermalinkError(text))
        }
    }
}

impl Permalink {
    /// By the path, as Hugo has it: lower case, hyphens for blanks, other marks left out.
    pub fn of_hugo() -> Self {
        Self("/:hugo/".to_owned())
    }

    /// As Docusaurus has it where its settings say nothing else.
    pub fn of_docusaurus() -> Self {
        Self("/blog/:docusaurus".to_owned())
    }

    /// As Eleventy has it where its settings say nothing else.
    pub fn of_eleventy() -> Self {
        Self("/:eleventy/".to_owned())
    }

    /// As Grav has it: by the folders of its pages.
    pub fn of_grav() -> Self {
        Self("/:path".to_owned())
    }

    /// As Zola has it: by the path, a day at the beginning of the name left out.
    pub fn of_zola() -> Self {
        Self("/:zola/".to_owned())
    }

    /// As Jekyll has it where its settings have `permalink: setting`: a name or a
    /// pattern; with parts that are not known here, as where they say nothing.
    pub fn of_jekyll(setting: Option<&str>) -> Self {
        let usual = "/:categories/:year/:month/:day/:slug.html";
        let pattern = match setting.unwrap_or("date") {
            "date" => usual.to_owned(),
            "pretty" => "/:categories/:year/:month/:day/:slug/".to_owned(),
            "none" => "/:categories/:slug.html".to_owned(),
            other => other
                .replace(":slugified_categories", ":categories")
                .replace(":category", ":categories")
                .replace(":i_month", ":imonth")
                .replace(":i_day", ":iday")
                .replace(":title", ":slug")
                .replace(":name", ":slug")
                .replace(":output_ext", ".html"),
        };
        Self::try_from(pattern).unwrap_or_else(|_| Self(usual.to_owned()))
    }

    /// The path of a post below its site's address.
    pub fn path(&self, parts: &Parts<'_>) -> String {
        let mut pieces = self.0.split(':');
        let mut path = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            match name {
                "slug" => path.extend(segments(&one_segment(parts.slug))),
                "path" => path.extend(segments(parts.path)),
                "docusaurus" => path.extend(segments(&docusaurus(parts))),
                "eleventy" => path.extend(segments(eleventy(parts.path))),
                "hugo" => path.extend(segments(&hugo(parts))),
                "hugoname" => path.extend(segments(&hugo_cleaned(parts.name()))),
                "hugosections" => path.extend(segments(&hugo_cleaned(parts.folder()))),
                "hugoslug" if parts.names_slug => {
                    path.extend(segments(&hugo_cleaned(parts.slug)));
                }
                "hugoslug" | "hugotitle" => path.extend(segments(&hugo_cleaned(parts.title))),
                "zola" => path.extend(segments(&zola(parts.path))),
                "categories" => path.extend(segments(parts.categories)),
                "year" => path.push_str(&format!("{:04}", parts.published.year())),
                "month" => path.push_str(&format!("{:02}", parts.published.month())),
                "day" => path.push_str(&format!("{:02}", parts.published.day())),
                "imonth" => path.push_str(&parts.published.month().to_string()),
                "iday" => path.push_str(&parts.published.day().to_string()),
                _ => path.push_str(parts.language),
            }
            path.push_str(rest);
        }
        // A post may be in no category.
        if path.contains("//") {
            path = path.replace("//", "/");
        }
        path.drain(..path.len() - path.trim_start_matches('/').len());
        path
    }
}

impl Parts<'_> {
    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

fn hugo(parts: &Parts<'_>) -> String {
    let folder = parts.folder();
    let path = match parts.names_slug {
        true => format!("{folder}/{}", parts.slug),
        false => parts.path.to_owned(),
    };
    hugo_cleaned(path.trim_start_matches('/'))
}

fn hugo_cleaned(path: &str) -> String {
    let mut cleaned = String::with_capacity(path.len());
    for c in path.trim().chars() {
        if c.is_whitespace() || c == '-' {
            if !cleaned.ends_with('-') {
                cleaned.push('-');
            }
        } else if c.is_alphanumeric() || "./_#+~@".contains(c) || is_mark(c) {
            cleaned.extend(c.to_lowercase());
        }
    }
    cleaned
}

/// An accent that stands for itself, or what joins letters: Hugo keeps them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e30}'..='\u{e4f}' | '\u{200c}' | '\u{200d}')
}

fn zola(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/{}", without_date(name)),
        None => without_date(path).to_owned(),
    }
}

fn docusaurus(parts: &Parts<'_>) -> String {
    if parts.names_slug {
        return parts.slug.trim_matches('/').to_owned();
    }
    match DatedPath::of(&format!("{}/index.md", parts.path)) {
        Some(DatedPath { folder, day, rest }) => {
            format!("{}/{folder}{rest}", day.format("%Y/%m/%d"))
        }
        None => parts.path.to_owned(),
    }
}

fn eleventy(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, name)) if folder.rsplit('/').next() == Some(name) => folder,
        _ => path,
    }
}

fn one_segment(text: &str) -> Cow<'_, str> {
    if text.contains('/') {
        text.replace('/', "-").into()
    } else {
        text.into()
    }
}

/// The characters of a path that have a meaning in an address lose it.
fn segments(path: &str) -> PercentEncode<'_> {
    const SEGMENT: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'`')
        .add(b'{')
        .add(b'}')
        .add(b'\\')
        .add(b':');
    utf8_percent_encode(path, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(permalink: &str, slug: &str) -> String {
        let parts = Parts {
            slug,
            title: "",
            names_slug: false,
            path: "2026/été",
            language: "fr",
            categories: "news/old",
            published: DateTime::parse_from_rfc3339("2019-01-07T00:00:00-05:00").expect("a time"),
        };
        let site = url::Url::parse("https://example.org/blog/").expect("an address");
        let permalink = Permalink::try_from(permalink.to_owned()).expect(permalink);
        let address = site.join(&permalink.path(&parts));
        address.expect("an address").to_string()
    }

    #[test]
    fn addresses_are_made_below_the_site() {
        assert_eq!(
            address("/:slug/", "a post: why?"),
            "https://example.org/blog/a%20post%3A%20why%3F/"
        );
        assert_eq!(
            address("/:lang/:year/:month/:day/:slug.html", "x"),
            "https://example.org/blog/fr/2019/01/07/x.html"
        );
        assert_eq!(
            address("/{lang}/{year}/{slug}/", "x"),
            "https://example.org/blog/fr/2019/x/"
        );
        assert_eq!(
            address("jekyll", "x"),
            "https://example.org/blog/news/old/2019/01/07/x.html"
        );
        assert_eq!(
            address(":path", "x"),
            "https://example.org/blog/2026/%C3%A9t%C3%A9"
        );
        assert_eq!(
            address("/:slug/", "//evil.example/x"),
            "https://example.org/blog/--evil.example-x/"
        );
    }

    #[test]
    fn hugo_cleans_paths() {
        let published = DateTime::parse_from_rfc3339("2019-01-07T00:00:00-05:00").expect("a time");
        let of = |path, slug| {
            let parts = Parts {
                slug,
                title: "",
                names_slug: !slug.is_empty(),
                path,
                language: "en",
                categories: "",
                published,
            };
            Permalink::of_hugo().path(&parts)
        };
        assert_eq!(of("blog/Upper Case (1) C++", ""), "blog/upper-case-1-c++/");
        assert_eq!(of("blog/become:-how - to", ""), "blog/become-how-to/");
        assert_eq!(of("blog/2019/x", "Other"), "blog/2019/other/");
        assert_eq!(of("Été", ""), "%C3%A9t%C3%A9/");
    }

    #[test]
    fn jekyll_has_names_for_patterns() {
        let of = |setting| address(&Permalink::of_jekyll(setting).0, "x");
        let dated = "https://example.org/blog/news/old/2019/01/07/x";
        assert_eq!(of(None), format!("{dated}.html"));
        assert_eq!(of(Some("pretty")), format!("{dated}/"));
        assert_eq!(of(Some("/:year/:title")), "https://example.org/blog/2019/x");
        assert_eq!(
            of(Some("/:id/:hash")),
            format!("{dated}.html"),
            "not known here"
        );
        assert_eq!(zola("blog/2019-01-07-x"), "blog/x");
    }

    #[test]
    fn a_permalink_tells_posts_apart() {
        for text in ["/blog/", "/:slugg/", "/:title/:slug/"] {
            assert!(Permalink::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
