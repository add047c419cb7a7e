//! The programs whose sites are known by a file beside their posts.

use std::fs;
use std::path::Path;

use super::front_matter::yaml;
use super::permalink::Permalink;

/// A program that builds sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteProgram {
    Docusaurus,
    Eleventy,
    Hugo,
    /// Or one of its kin, and the `permalink` of its settings.
    Jekyll(Option<String>),
    Zola,
}

impl SiteProgram {
    /// The program whose settings lie in `folder`, the folder of posts, or up to
    /// two folders above it.
    pub fn of(folder: &Path) -> Option<Self> {
        let found = folder.ancestors().take(3).find_map(|folder| {
            if holds(folder, &["docusaurus.config"]) {
                Some(Self::Docusaurus)
            } else if holds(folder, &["eleventy.config", ".eleventy"]) {
                Some(Self::Eleventy)
            } else if is_zola(folder) {
                Some(Self::Zola)
            } else if is_hugo(folder) {
                Some(Self::Hugo)
            } else {
                jekyll(folder)
            }
        });
        let is_named = folder.file_name().is_some_and(|name| name == "_posts");
        found.or_else(|| (is_named || folder.join("_posts").is_dir()).then_some(Self::Jekyll(None)))
    }

    /// The addresses of its posts, where ours say nothing else.
    pub fn permalink(&self) -> Permalink {
        match self {
            Self::Docusaurus => Permalink::of_docusaurus(),
            Self::Eleventy => Permalink::of_eleventy(),
            Self::Hugo => Permalink::of_hugo(),
            Self::Jekyll(setting) => Permalink::of_jekyll(setting.as_deref()),
            Self::Zola => Permalink::of_zola(),
        }
    }

    /// Whether posts in another language than the site's have a folder of their own.
    pub fn parts_languages(&self) -> bool {
        match self {
            Self::Docusaurus | Self::Hugo | Self::Zola => true,
            Self::Eleventy | Self::Jekyll(_) => false,
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
    let settings =
        ["_config.yml", "_config.yaml"].map(|name| fs::read_to_string(folder.join(name)));
    let text = settings.into_iter().find_map(Result::ok)?;
    let permalink = text
        .lines()
        .find_map(|line| line.strip_prefix("permalink:"));
    let fields = permalink.and_then(|value| yaml::parse(&format!("permalink:{value}"), 0).ok());
    let setting = fields.and_then(|fields| fields.text(&["permalink"]).map(str::to_owned));
    Some(SiteProgram::Jekyll(setting))
}
