//! Markdown (CommonMark) as GitHub extends it.

use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, CowStr, Event, Options, Parser, Tag, html};
use url::Url;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_GFM);

/// The HTML of `source`. Readers show no forms and no colours: the box of a task is
/// a character, and an alert begins with its word.
pub fn markdown(source: &str) -> String {
    let mut written = String::with_capacity(source.len() * 3 / 2);
    let events = Parser::new_ext(source, OPTIONS).flat_map(|event| {
        let (event, label) = plain(event);
        std::iter::once(event).chain(label)
    });
    html::push_html(&mut written, events);
    written
}

/// `source` with whole addresses in its links and images, relative ones as from
/// `base`, and nothing else changed: for those who read the Markdown itself.
pub fn with_whole_addresses(source: &str, base: &Url) -> String {
    let parser = Parser::new_ext(source, OPTIONS);
    let definitions = parser.reference_definitions().iter();
    let mut places: Vec<(Range<usize>, String)> = definitions
        .map(|(_, definition)| (definition.span.clone(), definition.dest.to_string()))
        .collect();
    for (event, range) in parser.into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
            places.push((range, dest_url.to_string()));
        }
    }
    let mut addresses: Vec<(Range<usize>, String)> = places
        .into_iter()
        .filter_map(|(range, named)| {
            let at = range.start + address_in(&source[range.clone()], &named)?;
            Some((at..at + named.len(), base.join(&named).ok()?.into()))
        })
        .collect();
    addresses.sort_by_key(|(range, _)| range.start);
    addresses.dedup_by_key(|(range, _)| range.start);
    let mut whole = source.to_owned();
    for (range, address) in addresses.into_iter().rev() {
        whole.replace_range(range, &address);
    }
    whole
}

/// Where `link`, `[words](address)` or `[label]: address`, has the relative address
/// `named`; nothing where that is a whole one, or written in another way.
fn address_in(link: &str, named: &str) -> Option<usize> {
    let is_relative = !named.is_empty() && Url::parse(named).is_err();
    let words = link.rfind("](").or(link.find("]:"))?;
    let at = link[words..].find(named)?;
    is_relative.then_some(words + at)
}

/// `event` as readers can show it, and what is to follow it.
fn plain(event: Event<'_>) -> (Event<'_>, Option<Event<'_>>) {
    match event {
        Event::TaskListMarker(is_done) => {
            let mark = if is_done { "☑ " } else { "☐ " };
            (Event::Text(CowStr::Borrowed(mark)), None)
        }
        Event::Start(Tag::BlockQuote(Some(kind))) => {
            let label = format!("<p><strong>{}</strong></p>\n", word(kind));
            let quote = Event::Start(Tag::BlockQuote(None));
            (quote, Some(Event::Html(label.into())))
        }
        other => (other, None),
    }
}

fn word(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_and_alerts_are_words_that_every_reader_shows() {
        let html = markdown("- [x] done\n- [ ] to do\n\n> [!WARNING]\n> Hot.\n\n> Plain.\n");
        assert_eq!(
            html,
            "<ul>\n<li>☑ done</li>\n<li>☐ to do</li>\n</ul>\n\
             <blockquote>\n<p><strong>Warning</strong></p>\n<p>Hot.</p>\n</blockquote>\n\
             <blockquote>\n<p>Plain.</p>\n</blockquote>\n"
        );
    }

    #[test]
    fn only_relative_addresses_are_made_whole() {
        let base = Url::parse("https://a.example/b/").expect("an address");
        let source = "See [one](/x), ![two](y.png \"t\"), [![three](z.png)](../w), [four][l],\n\
            `[five](/v)`, <https://c.example/> and [six](https://d.example/).\n\n[l]: u#p\n";
        assert_eq!(
            with_whole_addresses(source, &base),
            "See [one](https://a.example/x), ![two](https://a.example/b/y.png \"t\"), \
             [![three](https://a.example/b/z.png)](https://a.example/w), [four][l],\n\
             `[five](/v)`, <https://c.example/> and [six](https://d.example/).\n\n\
             [l]: https://a.example/b/u#p\n"
        );
    }
}
