//! Markdown (CommonMark) as GitHub extends it.

use pulldown_cmark::{BlockQuoteKind, CowStr, Event, Options, Parser, Tag, html};

/// The HTML of `source`. Readers show no forms and no colours: the box of a task is
/// a character, and an alert begins with its word.
pub fn markdown(source: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut written = String::with_capacity(source.len() * 3 / 2);
    let events = Parser::new_ext(source, options).flat_map(|event| {
        let (event, label) = plain(event);
        std::iter::once(event).chain(label)
    });
    html::push_html(&mut written, events);
    written
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
}
