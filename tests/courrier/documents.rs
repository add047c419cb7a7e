//! What `docs/` and the README say is true: commands are command lines, settings are settings, scripts work.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::help::typed;
use crate::support::newsletter::{Newsletter, files_below};
use crate::support::ran::{Ran, courrier};

/// A block of a document: what stands behind its three backquotes, and its text.
struct Block {
    file: String,
    kind: String,
    text: String,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = files_below(&root.join("docs"), "md");
    files.extend(["README.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    files
}

fn blocks() -> Vec<Block> {
    let mut found = vec![];
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        for part in text.split("\n```").skip(1).step_by(2) {
            let (kind, text) = part.split_once('\n').unwrap();
            found.push(Block {
                file: file.file_name().unwrap().display().to_string(),
                kind: kind.to_owned(),
                text: text.to_owned() + "\n",
            });
        }
    }
    assert!(found.len() > 20, "{}", found.len());
    found
}

/// The part of a line that is a call of courrier, behind a crontab's times or a `cd`.
fn call(line: &str) -> Option<String> {
    let line = line.split("  #").next().unwrap_or_default().trim();
    let begins = |part: &&str| part.trim_start().starts_with("courrier ");
    let part = line.split("&&").find(begins)?.trim();
    // Of an alias, which is in quotes as a whole.
    let is_odd = part.matches('"').count() % 2 == 1;
    let part = if is_odd {
        part.trim_end_matches('"')
    } else {
        part
    };
    Some(part.to_owned())
}

#[test]
fn every_command_in_a_document_is_a_command_line() {
    let mut tried = 0;
    for block in blocks()
        .iter()
        .filter(|block| ["", "sh"].contains(&block.kind.as_str()))
    {
        // A line may go on below.
        let text = block.text.replace("\\\n", " ");
        for line in text.lines().filter_map(call) {
            let read = courrier::commands::command().try_get_matches_from(typed(&line));
            assert!(
                read.is_ok(),
                "{}: {line}: {}",
                block.file,
                read.unwrap_err()
            );
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

/// Settings that every example is put upon.
const LEAST: &str = "[site]\ntitle = \"T\"\nurl = \"https://example.org/\"\n";
const LETTER: &str = "[newsletter]\nfrom = \"a@example.org\"\n[newsletter.sender]\nname = \"T\"\naddress = \"1 A Street, B\"\ncontact = \"a@example.org\"\n";

/// `over` into `under`, table by table.
fn lay(over: toml::Table, under: &mut toml::Table) {
    for (key, value) in over {
        match (value, under.get_mut(&key)) {
            (toml::Value::Table(over), Some(toml::Value::Table(under))) => lay(over, under),
            (value, _) => drop(under.insert(key, value)),
        }
    }
}

#[test]
fn every_excerpt_of_settings_in_a_document_is_known() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("posts")).unwrap();
    let mut tried = 0;
    for block in blocks().iter().filter(|block| block.kind == "toml") {
        let told = |error: toml::de::Error| panic!("{}: {error}\n{}", block.file, block.text);
        let excerpt: toml::Table = block.text.parse().unwrap_or_else(told);
        let mut settings: toml::Table = format!("{LEAST}{LETTER}").parse().unwrap();
        if excerpt.contains_key("smtp") || excerpt.contains_key("site") {
            lay(LEAST.parse().unwrap(), &mut settings);
        }
        lay(excerpt, &mut settings);
        fs::write(folder.path().join("config.toml"), settings.to_string()).unwrap();

        let ran = Ran::of(courrier(folder.path()).arg("posts"));

        assert_eq!(
            ran.code,
            Some(0),
            "{}:\n{}\n{}",
            block.file,
            block.text,
            ran.stderr
        );
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

#[test]
fn every_link_to_a_file_in_a_document_leads_to_one() {
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains(':') || path.contains(' ') || path.contains('{') {
                continue;
            }
            // An example of a link in a post.
            let is_example = path.contains("a/b.md");
            let target = file.parent().unwrap().join(path);
            assert!(is_example || target.exists(), "{}: {link}", file.display());
        }
    }
}

/// The feed of a program before the move: format, and how it names the post at `/blog/<slug>/`.
const FEEDS: &[(&str, &str, &str)] = &[
    ("hugo", "rss", "https://blog.example.org/SLUG/"),
    ("jekyll", "atom", "https://blog.example.org/SLUG"),
    ("substack", "rss", "https://letter.substack.com/p/SLUG"),
    ("wordpress", "rss", "https://blog.example.org/?p=12SLUG"),
];

#[test]
fn the_ids_of_another_programs_feed_stay_and_nothing_is_unread() {
    for (program, format, id) in FEEDS {
        let letter = Newsletter::with_posts();
        let id = |slug: &str| id.replace("SLUG", slug);
        let entry = |slug: &str, day: &str| {
            let (id, url) = (id(slug), format!("https://blog.example.org/{slug}/"));
            match *format {
                "rss" => format!(
                    "<item><title>T</title><link>{url}</link><guid isPermaLink=\"false\">{id}</guid><pubDate>{day} Nov 2026 10:00:00 +0000</pubDate></item>"
                ),
                _ => format!(
                    "<entry><title>T</title><link href=\"{url}\"/><id>{id}</id><published>2026-11-{day}T10:00:00Z</published><updated>2026-11-{day}T10:00:00Z</updated></entry>"
                ),
            }
        };
        let entries = entry("operators", "10") + &entry("mesh", "18");
        let feed = match *format {
            "rss" => format!(
                "<rss version=\"2.0\"><channel><title>B</title><link>https://blog.example.org/</link><description>B</description>{entries}</channel></rss>"
            ),
            _ => format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>B</title><id>b</id><updated>2026-11-18T10:00:00Z</updated>{entries}</feed>"
            ),
        };
        letter.write("old.xml", feed);

        letter
            .run(&["build", "--import-ids", "old.xml"])
            .ends_with(0);

        let feed = letter.read(if *format == "rss" {
            "public/rss.xml"
        } else {
            "public/atom.xml"
        });
        for slug in ["operators", "mesh"] {
            assert!(
                feed.contains(&format!(">{}</", id(slug))),
                "{program}: {feed}"
            );
        }
    }
}

/// Variables that a template names: `post.title`, `digest.site.url`.
fn variables(template: &str) -> Vec<String> {
    let mut found = vec![];
    for part in template
        .split(['{', '}'])
        .filter(|part| part.starts_with([' ', '%']))
    {
        // A name of a file is no variable.
        let code: String = part.split('"').step_by(2).collect();
        let words = code.split(|c: char| !(c.is_ascii_lowercase() || "._".contains(c)));
        let is_variable = |word: &&str| {
            let first = word.split('.').next().unwrap_or_default();
            word.contains('.') && !["words", "loop", "self"].contains(&first) && !first.is_empty()
        };
        found.extend(
            words
                .filter(is_variable)
                .map(|word| word.trim_end_matches('.').to_owned()),
        );
    }
    found
}

#[test]
fn every_variable_that_the_templates_of_a_mail_use_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/templates.md")).unwrap();
    let folder = root.join("templates/digest");
    let files = [files_below(&folder, "html"), files_below(&folder, "txt")].concat();
    let mut tried = 0;
    for file in files {
        for name in variables(&fs::read_to_string(&file).unwrap()) {
            let shown = format!("`{name}`");
            assert!(
                guide.contains(&shown),
                "docs/templates.md says nothing of {name} ({})",
                file.display()
            );
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn every_variable_that_is_explained_can_be_used() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md"))
        .unwrap();
    let named = |of: &str| -> Vec<String> {
        let words = guide.split('`').skip(1).step_by(2);
        let own = words.filter(|word| word.starts_with(&format!("{of}.")) && !word.contains('…'));
        own.map(str::to_owned).collect()
    };
    let show = |of: &str| {
        named(of)
            .iter()
            .map(|name| format!("{{% if {name} %}}x{{% endif %}}"))
            .collect::<String>()
    };
    let letter = Newsletter::with_posts();
    letter.write("issues/0001.md", "---\nissue: 1\n---\n\nHello.\n");
    letter.post(
        "cover.md",
        "---\ntitle: C\nlastmod: 2026-11-19\nauthor: A\ncover: /c.png\n---\n\nText.\n",
    );
    letter.write(
        "templates/digest/footer.txt",
        format!("{} {{{{ digest.unsubscribe_url }}}}", show("digest")),
    );
    letter.write(
        "templates/digest/sections/new_posts.txt",
        format!(
            "{{% for post in section.posts %}}{{% if post.cover %}}{}{{% endif %}}{{% endfor %}}",
            show("post")
        ),
    );
    letter.write(
        "templates/digest/sections/meetups.txt",
        format!(
            "{{% for meetup in section.meetups %}}{}{{% endfor %}}",
            show("meetup")
        ),
    );

    letter.run(&["digest", "--out", "shown"]).ends_with(0);

    assert!(named("digest").len() > 15 && named("post").len() > 8);
}
