//! How Grav lays out a blog: each page is a folder, `01.blog/my-post/item.md`, named
//! for its place in a menu, and its file for the template that shows it.

use std::fs;
use std::path::Path;

use super::front_matter::value::Fields;
use super::front_matter::yaml;
use super::page::NotAPost;

/// What the settings of a site of Grav say of its posts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grav {
    /// The form of dates, as PHP writes it: `d-m-Y H:i`.
    pub date_format: Option<String>,
    /// The page that is not named in addresses: `/blog`.
    hidden: Option<String>,
    /// The site's own language is named in addresses too.
    pub names_every_language: bool,
}

/// The line that parts the summary from the text.
pub const DELIMITER: &str = "===";

impl Grav {
    /// That of the site whose settings lie in `folder`, or in its folder `user`.
    pub fn of(folder: &Path) -> Option<Self> {
        let roots = [folder.to_owned(), folder.join("user")];
        let root = roots.iter().find(|root| {
            let settings = ["config/system.yaml", "config/site.yaml"];
            let has_settings = settings.iter().any(|file| root.join(file).is_file());
            has_settings && root.join("pages").is_dir()
        });
        let text = fs::read_to_string(root?.join("config/system.yaml")).unwrap_or_default();
        Some(Self::set(&yaml::parse(&text, 0).unwrap_or_default()))
    }

    /// That of pages without settings, which are known by the numbers of their folders.
    pub fn of_pages(folder: &Path) -> Option<Self> {
        has_numbered_pages(folder).then(Self::default)
    }

    fn set(settings: &Fields) -> Self {
        let text = |key: &str| settings.text(&[key]).map(str::to_owned);
        let says = |key: &str| settings.get(key).is_some_and(|field| field.value.is_true());
        let denies = |key: &str| {
            settings
                .get(key)
                .is_some_and(|field| field.value.is_false())
        };
        let speaks = settings.first(&["languages.supported"]).is_some();
        Self {
            date_format: text("pages.dateformat.default"),
            hidden: text("home.alias").filter(|_| says("home.hide_in_urls")),
            names_every_language: speaks && !denies("languages.include_default_lang"),
        }
    }

    /// Where the page at `path` is on the site, `blog/my-post` of
    /// `01.blog/my-post/item`; its last part is the `slug` where it names one.
    pub fn route(&self, path: &str, slug: Option<&str>) -> String {
        let below = ["user/pages/", "pages/"]
            .iter()
            .find_map(|pages| path.strip_prefix(pages));
        let folder = folder_of(below.unwrap_or(path));
        let mut names: Vec<&str> = folder.split('/').map(without_number).collect();
        if let (Some(slug), Some(last)) = (slug, names.last_mut()) {
            *last = slug;
        }
        let route = names.join("/");
        let hidden = self.hidden.as_deref().unwrap_or_default().trim_matches('/');
        let below = route
            .strip_prefix(hidden)
            .and_then(|rest| rest.strip_prefix('/'));
        below
            .filter(|_| !hidden.is_empty())
            .map_or(route.clone(), str::to_owned)
    }
}

/// `my-post` of `01.blog/02.my-post/item`: the name that a page has by its folder.
pub fn name(path: &str) -> &str {
    let folder = folder_of(path);
    without_number(folder.rsplit('/').next().unwrap_or(folder))
}

/// Whether the page at `path` is a part of another, which shows it: it lies in a
/// folder like `_hero`.
fn is_part(path: &str) -> bool {
    let folder = folder_of(path);
    folder
        .split('/')
        .any(|name| without_number(name).starts_with('_'))
}

/// Why a page is no post, whatever else it says.
pub fn no_post(path: &str, fields: &Fields) -> Option<NotAPost> {
    let lists = fields.get("content.items").is_some();
    let part = is_part(path).then_some(NotAPost::Part);
    part.or_else(|| lists.then_some(NotAPost::Listing))
}

/// The page's own folder: its file is named for a template.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

/// `blog` of `01.blog`.
fn without_number(name: &str) -> &str {
    match name.split_once('.') {
        Some((number, rest)) if is_number(number) && !rest.is_empty() => rest,
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_numbered_pages(folder: &Path) -> bool {
    // A folder like `1.2` is a version.
    let is_numbered = |name: &str| {
        let rest = without_number(name);
        rest != name && rest.starts_with(char::is_alphabetic)
    };
    let is_named = folder.file_name().is_some_and(|name| name == "pages");
    let entries = is_named.then(|| fs::read_dir(folder).ok()).flatten();
    let mut entries = entries.into_iter().flatten().flatten();
    entries.any(|entry| entry.path().is_dir() && is_numbered(&entry.file_name().to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_page_has_no_numbers_and_no_template() {
        let grav = Grav::default();
        for (path, route) in [
            ("01.blog/my-post/item", "blog/my-post"),
            ("user/pages/01.blog/2019.my-post/item", "blog/my-post"),
            ("blog/v1.2/post", "blog/v1.2"),
        ] {
            assert_eq!(grav.route(path, None), route, "{path}");
        }
        assert_eq!(grav.route("01.blog/x/item", Some("y")), "blog/y");
        let hidden = Grav {
            hidden: Some("/blog".to_owned()),
            ..grav
        };
        assert_eq!(hidden.route("01.blog/x/item", None), "x");
        assert_eq!(hidden.route("02.blogs/x/item", None), "blogs/x");
        assert_eq!(name("01.blog/02.my-post/item"), "my-post");
        assert!(is_part("01.home/_hero/text.md") && !is_part("01.home/_x.md"));
    }
}
