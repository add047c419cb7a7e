//! The programs whose sites are known by a file beside their posts.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::front_matter::error::FrontMatterError;
use super::front_matter::value::{Fields, Value};
use super::front_matter::{json, toml, yaml};
use super::grav::{self, Grav};
use super::middleman;
use super::permalink::Permalink;

/// A program that builds sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteProgram {
    Docusaurus,
    Eleventy,
    Grav(Grav),
    Hugo,
    /// Or one of its kin, and the `permalink` of its settings.
    Jekyll(Option<String>),
    /// And the addresses of its posts.
    Middleman(Permalink),
    Zola,
}

/// Folders in which the settings of a site are looked for: that of the posts
/// (`content/en/blog`), and three above it.
pub const HIGHEST: usize = 4;

impl SiteProgram {
    /// The program whose settings lie in `folder`, the folder of posts, or up to
    /// three folders above it (`content/en/blog`).
    pub fn of(folder: &Path) -> Option<Self> {
        let found = folder.ancestors().take(HIGHEST).find_map(|folder| {
            if holds(folder, &["docusaurus.config"]) {
                Some(Self::Docusaurus)
            } else if holds(folder, &["eleventy.config", ".eleventy"]) {
                Some(Self::Eleventy)
            } else if is_zola(folder) {
                Some(Self::Zola)
            } else if is_hugo(folder) {
                Some(Self::Hugo)
            } else {
                let middleman = || middleman::permalink(folder).map(Self::Middleman);
                let grav = || Grav::of(folder).map(Self::Grav);
                jekyll(folder).or_else(middleman).or_else(grav)
            }
        });
        let mut folders = folder.ancestors().take(HIGHEST);
        let found = found.or_else(|| folders.find_map(Grav::of_pages).map(Self::Grav));
        let is_named = folder.file_name().is_some_and(|name| name == "_posts");
        found.or_else(|| (is_named || folder.join("_posts").is_dir()).then_some(Self::Jekyll(None)))
    }

    /// The addresses of its posts, where ours say nothing else.
    pub fn permalink(&self) -> Permalink {
        match self {
            Self::Docusaurus => Permalink::of_docusaurus(),
            Self::Eleventy => Permalink::of_eleventy(),
            Self::Grav(_) => Permalink::of_grav(),
            Self::Hugo => Permalink::of_hugo(),
            Self::Jekyll(setting) => Permalink::of_jekyll(setting.as_deref()),
            Self::Middleman(permalink) => permalink.clone(),
            Self::Zola => Permalink::of_zola(),
        }
    }

    /// Whether posts in another language than the site's have a folder of their own.
    pub fn parts_languages(&self) -> bool {
        match self {
            Self::Docusaurus | Self::Grav(_) | Self::Hugo | Self::Zola => true,
            Self::Eleventy | Self::Jekyll(_) | Self::Middleman(_) => false,
        }
    }

    /// The line that parts a summary from the text.
    pub fn summary_mark(&self) -> Option<&'static str> {
        match self {
            Self::Grav(_) => Some(grav::DELIMITER),
            Self::Middleman(_) => Some("READMORE"),
            _ => None,
        }
    }
}

fn holds(folder: &Path, stems: &[&str]) -> bool {
    let endings = ["js", "ts", "mjs", "cjs"];
    let names = stems
        .iter()
        .flat_map(|stem| endings.map(|end| format!("{stem}.{end}")));
    names.into_iter().any(|name| folder.join(name).is_file())
}

/// Hugo's settings have the same name, and another word for the address.
fn is_zola(folder: &Path) -> bool {
    let settings = ["config.toml", "zola.toml"].map(|name| fs::read_to_string(folder.join(name)));
    settings
        .iter()
        .flatten()
        .any(|text| text.lines().any(|line| line.starts_with("base_url")))
}

/// The folder of the site of Hugo whose posts lie in `folder`.
pub fn root_of_hugo(folder: &Path) -> Option<&Path> {
    let mut folders = folder.ancestors().take(HIGHEST);
    folders.find(|folder| is_hugo(folder))
}

/// The files with the settings of the site of Hugo in `root`, which may be several;
/// one called `permalinks` has those alone.
pub fn settings_of_hugo(root: &Path) -> Vec<PathBuf> {
    // What is said of the site as it is published comes last: it counts.
    let folders = ["", "config/_default", "config/production"].map(|folder| root.join(folder));
    let names = ["config", "hugo", "permalinks"]
        .map(|stem| ["toml", "yaml", "yml", "json"].map(|end| (stem, end)));
    let files = folders.iter().flat_map(|folder| {
        let names = names.as_flattened().iter();
        names.map(|(stem, end)| folder.join(format!("{stem}.{end}")))
    });
    files.filter(|file| file.is_file()).collect()
}

/// The settings in `text`, that of `file`, by the ending of its name.
///
/// # Errors
///
/// Where it is not what its ending says.
pub fn settings(file: &Path, text: &str) -> Result<Fields, FrontMatterError> {
    match file.extension().and_then(OsStr::to_str) {
        Some("toml") => toml::parse(text, 0),
        Some("json") => json::parse(text, 0),
        _ => yaml::parse(text, 0),
    }
}

fn is_hugo(folder: &Path) -> bool {
    let settings = [
        "hugo.toml",
        "hugo.yaml",
        "hugo.yml",
        "hugo.json",
        "config/_default",
    ];
    let has_address = |text: String| {
        text.lines()
            .any(|line| line.to_lowercase().starts_with("baseurl"))
    };
    settings.iter().any(|name| folder.join(name).exists())
        || ["config.toml", "config.yaml", "config.yml"]
            .iter()
            .any(|name| fs::read_to_string(folder.join(name)).is_ok_and(has_address))
}

fn jekyll(folder: &Path) -> Option<SiteProgram> {
    let fields = jekyll_settings(folder)?;
    Some(SiteProgram::Jekyll(permalink_of_posts(&fields)))
}

/// The settings of the site of Jekyll whose posts lie in `folder`, and the folder
/// that they lie in.
pub fn settings_of_jekyll(folder: &Path) -> Option<(&Path, Fields)> {
    let mut folders = folder.ancestors().take(HIGHEST);
    folders.find_map(|root| Some((root, jekyll_settings(root)?)))
}

fn jekyll_settings(folder: &Path) -> Option<Fields> {
    let settings =
        ["_config.yml", "_config.yaml"].map(|name| fs::read_to_string(folder.join(name)));
    let text = settings.into_iter().find_map(Result::ok)?;
    Some(yaml::parse(&text, 0).unwrap_or_default())
}

/// What Jekyll's settings say of posts: among the defaults, of the collection, of all.
fn permalink_of_posts(settings: &Fields) -> Option<String> {
    let defaults = match settings.get("defaults").map(|field| &field.value) {
        Some(Value::List(defaults)) => defaults.as_slice(),
        _ => &[],
    };
    let of_posts = |default: &Value| match default {
        Value::Map(default) if default.text(&["scope.type"]) == Some("posts") => {
            default.text(&["values.permalink"]).map(str::to_owned)
        }
        _ => None,
    };
    let own = ["collections.posts.permalink", "permalink"];
    let of_own = || settings.text(&own).map(str::to_owned);
    defaults.iter().find_map(of_posts).or_else(of_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_jekyll_say_where_posts_are() {
        for (settings, permalink) in [
            ("title: x\n", None),
            ("permalink: pretty\n", Some("pretty")),
            (
                "permalink: /a\ncollections:\n  posts:\n    permalink: /b\n",
                Some("/b"),
            ),
            (
                "defaults:\n- scope: {path: '', type: posts}\n  values: {permalink: '/:year/:title'}\n",
                Some("/:year/:title"),
            ),
        ] {
            let fields = yaml::parse(settings, 0).expect(settings);
            assert_eq!(
                permalink_of_posts(&fields).as_deref(),
                permalink,
                "{settings}"
            );
        }
    }
}
