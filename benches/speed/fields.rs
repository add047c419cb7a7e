//! Front matter by notation, dates by form.

use courrier::blog::date;
use courrier::blog::front_matter::parse::{FrontMatter, parse};

const NOTATIONS: [(&str, &str); 5] = [
    (
        "yaml, plain",
        "---\ntitle: \"Why we meet in libraries\"\nlastmod: \"2026-11-18\"\nauthor: \"Odile Marchetti\"\n\
         class_name: \"blog post\"\n---\n",
    ),
    (
        "yaml, nested",
        "---\ntitle: Why we meet in libraries\ndate: 2026-11-18T10:00:00-05:00\nauthors:\n  - name: Odile Marchetti\n    \
         url: https://example.org/odile\ntags: [libraries, meetups]\ncover: {src: a.png, alt: A}\n---\n",
    ),
    (
        "toml",
        "+++\ntitle = \"Why we meet in libraries\"\ndate = 2026-11-18\n[extra]\nauthors = [\"Odile Marchetti\"]\n+++\n",
    ),
    (
        "json",
        "{\"title\": \"Why we meet in libraries\", \"date\": \"2026-11-18\", \"author\": \"Odile Marchetti\"}\n",
    ),
    (
        "headers",
        "Title: Why we meet in libraries\nDate: 2026-11-18 10:00\nAuthor: Odile Marchetti\n\n",
    ),
];

#[divan::bench(args = NOTATIONS.map(|(name, _)| name))]
fn front_matter(name: &str) -> Option<FrontMatter> {
    let found = NOTATIONS.iter().find(|(known, _)| *known == name);
    parse(found.map_or("", |(_, text)| text)).ok().flatten()
}

#[divan::bench(args = ["2026-11-18", "2026-11-18T10:00:00-05:00", "2011-01-02 5:45 PM PST", "January 17th, 2019", "soon"])]
fn dates(text: &str) -> bool {
    date::parse(divan::black_box(text), chrono_tz::America::Toronto).is_ok()
}
