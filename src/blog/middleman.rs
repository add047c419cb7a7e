//! What the settings of Middleman, a program in Ruby, say of its blog.

use std::fs;
use std::path::Path;

use super::permalink::Permalink;

/// The addresses of the posts of the blog whose `config.rb` lies in `folder`; nothing
/// where it has none. Of several blogs it is the first that counts.
pub fn permalink(folder: &Path) -> Option<Permalink> {
    let settings = fs::read_to_string(folder.join("config.rb")).ok()?;
    let lines = settings.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let is_blog = lines.iter().any(|line| activates(line, "blog"));
    is_blog.then(|| of(&lines))
}

fn of(lines: &[&str]) -> Permalink {
    let setting = |name: &str| lines.iter().find_map(|line| set(line, name));
    let usual = "/{year}/{month}/{day}/{title}.html";
    let prefix = setting("prefix").unwrap_or_default().trim_matches('/');
    let own = setting("permalink")
        .unwrap_or(usual)
        .trim_start_matches('/');
    let pattern = format!("/{prefix}/{own}")
        .replace("//", "/")
        .replace("{title}", "{slug}")
        .replace(":title", ":slug");
    let has_indexes = lines
        .iter()
        .any(|line| activates(line, "directory_indexes"));
    let pattern = match pattern.strip_suffix(".html") {
        Some(stem) if has_indexes => format!("{stem}/"),
        _ => pattern,
    };
    let usual = || Permalink::try_from(usual.replace("{title}", "{slug}"));
    Permalink::try_from(pattern)
        .or_else(|_| usual())
        .unwrap_or_default()
}

fn activates(line: &str, what: &str) -> bool {
    let rest = line
        .strip_prefix("activate")
        .map(|rest| rest.trim_start_matches([' ', '(', ':']));
    rest.and_then(|rest| rest.strip_prefix(what))
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The text that `line` sets: `"x"` of `blog.permalink = "x"`.
fn set<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (setting, value) = line.split_once('=')?;
    let (_, set) = setting.trim().rsplit_once('.')?;
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = value[1..].split(quote).next()?;
    (set == name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_say_where_posts_are() {
        let of = |text: &str| of(&text.lines().map(str::trim).collect::<Vec<_>>());
        let permalink = |text: &str| Permalink::try_from(text.to_owned()).expect(text);
        assert_eq!(
            of("activate :blog"),
            permalink("/:year/:month/:day/:slug.html")
        );
        assert_eq!(
            of(
                "activate :blog do |blog|\n blog.prefix = 'news'\n blog.permalink = \"{year}/{title}.html\"\nend\nactivate :directory_indexes"
            ),
            permalink("/news/:year/:slug/")
        );
        assert_eq!(
            of("set :blog_permalink, 'x'\nblog.permalink = ':year/:title'"),
            permalink("/:year/:slug")
        );
        assert_eq!(of("blog.permalink = '{category}/{title}'"), of(""));
        assert!(
            activates("activate :blog do |blog|", "blog") && !activates("activate :blogs", "blog")
        );
    }
}
