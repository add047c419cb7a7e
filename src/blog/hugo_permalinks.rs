//! The addresses that the settings of a site of Hugo give to the pages of its sections.

use std::fs;
use std::path::Path;

use super::front_matter::value::{Fields, Value};
use super::permalink::Permalink;
use super::site_program;

/// The address of the pages in a section, by its name: `permalinks` of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SectionPermalinks(Vec<(String, Permalink)>);

impl SectionPermalinks {
    /// Those of the site of Hugo whose posts lie in `folder`. What has parts that are
    /// not known here is as if it were not said.
    pub fn of(folder: &Path) -> Self {
        let root = site_program::root_of_hugo(folder);
        let files = root.map_or(vec![], site_program::settings_of_hugo);
        let mut permalinks = Self::default();
        for file in files {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let settings = site_program::settings(&file, &text).unwrap_or_default();
            let is_own = file.file_stem().is_some_and(|stem| stem == "permalinks");
            match settings.get("permalinks").map(|field| &field.value) {
                _ if is_own => permalinks.add(&settings),
                Some(Value::Map(said)) => permalinks.add(said),
                _ => {}
            }
        }
        permalinks
    }

    fn add(&mut self, said: &Fields) {
        for field in said.iter() {
            match &field.value {
                Value::Map(pages) if field.key == "page" => self.add(pages),
                value => {
                    let permalink = value.text().and_then(|text| of(text, &field.key));
                    let told = permalink.map(|permalink| (field.key.clone(), permalink));
                    self.0.splice(..0, told);
                }
            }
        }
    }

    /// That of the page at `path` below the content of its site.
    pub fn of_page(&self, path: &str) -> Option<&Permalink> {
        let section = path.split_once('/').map_or("", |(section, _)| section);
        let own = self
            .0
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(section));
        own.map(|(_, permalink)| permalink)
    }
}

/// The pattern `text` for the pages of `section`, in our own words.
fn of(text: &str, section: &str) -> Option<Permalink> {
    let mut pieces = text.split(':');
    let mut pattern = format!("/{}", pieces.next()?.trim_start_matches('/'));
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_alphanumeric());
        let (name, rest) = piece.split_at(end.unwrap_or(piece.len()));
        let ours = match name {
            "slugorcontentbasename" | "slugorfilename" => ":slug",
            "contentbasename" | "filename" => ":hugoname",
            "sections" => ":hugosections",
            "section" => section,
            "slug" => ":hugoslug",
            "title" => ":hugotitle",
            "year" => ":year",
            "month" => ":month",
            "day" => ":day",
            _ => return None,
        };
        pattern = format!("{pattern}{ours}{rest}");
    }
    Permalink::try_from(pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blog::front_matter::toml;

    #[test]
    fn settings_say_where_the_pages_of_a_section_are() {
        let text = "posts = '/:year/:month/:title/'\nnews = ':weekdayname/:slug'\n[page]\nBlog = '/:sections/:slug/'\n";
        let mut permalinks = SectionPermalinks::default();
        permalinks.add(&toml::parse(text, 0).expect(text));
        let of = |path| permalinks.of_page(path).cloned();
        let permalink = |text: &str| Permalink::try_from(text.to_owned()).ok();
        assert_eq!(of("posts/a"), permalink("/:year/:month/:hugotitle/"));
        assert_eq!(of("blog/2019/a"), permalink("/:hugosections/:hugoslug/"));
        assert_eq!(of("news/a"), None, "not known here");
        assert_eq!(of("posts"), None);
    }
}
