//! What a mail program sees of HTML whose styles are inlined.

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{Element, TextChunk};
use lol_html::{RewriteStrSettings, doc_text, element, rewrite_str};

use super::colour::{Colour, dark_rules, declarations};
use super::selector::{Name, Selector};
use crate::blog::plain::decode;

/// What there is in a mail, in its order.
#[derive(Debug, Default)]
pub struct Reading {
    /// The `lang` of the whole.
    pub language: Option<String>,
    pub runs: Vec<Run>,
    /// Text that nobody sees who opens it: a preheader, for one.
    pub hidden: String,
    pub images: Vec<Image>,
    pub links: Vec<Link>,
    /// Levels of headings.
    pub headings: Vec<u8>,
    /// Tables that programs read out as data.
    pub data_tables: usize,
}

/// A piece of text that is seen.
#[derive(Debug, Clone)]
pub struct Run {
    pub text: String,
    pub language: Option<String>,
    pub light: Look,
    pub dark: Look,
    /// 24 pixels, or 18.66 and bold (WCAG 2.2, large scale).
    pub is_large: bool,
}

/// A colour, and what it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub colour: Colour,
    pub on: Colour,
}

#[derive(Debug)]
pub struct Image {
    pub source: String,
    pub alt: Option<String>,
}

#[derive(Debug)]
pub struct Link {
    pub address: String,
    /// What it says, an image by its `alt`.
    pub name: String,
}

/// An element that is open, with what it hands down.
#[derive(Debug, Clone)]
struct Open {
    name: Name,
    language: Option<String>,
    light: Look,
    dark: Look,
    size: f64,
    is_bold: bool,
    is_hidden: bool,
    /// Which link is open.
    link: Option<usize>,
}

#[derive(Default)]
struct Walk {
    reading: Reading,
    open: Vec<Open>,
    dark: Vec<(Selector, String)>,
}

impl Reading {
    /// Reads `html`. What cannot be read is not there.
    pub fn of(html: &str) -> Self {
        let dark = sheets(html).flat_map(dark_rules).collect();
        let walk = Rc::new(RefCell::new(Walk {
            dark,
            ..Walk::default()
        }));
        let (seen, heard) = (walk.clone(), walk.clone());
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("*", move |element| {
                let opens = seen.borrow_mut().enter(element);
                if let (true, Some(handlers)) = (opens, element.end_tag_handlers()) {
                    let seen = seen.clone();
                    handlers.push(Box::new(move |_| {
                        seen.borrow_mut().open.pop();
                        Ok(())
                    }));
                }
                Ok(())
            }))
            .append_document_content_handler(doc_text!(move |chunk| {
                heard.borrow_mut().hear(chunk);
                Ok(())
            }));
        let _ = rewrite_str(html, settings);
        walk.take().reading
    }

    /// The first words, seen or not, that stand before the rest: what inboxes show
    /// beside the subject.
    pub fn preheader(&self) -> String {
        let is_filler = |c: char| {
            matches!(
                c,
                '\u{34f}' | '\u{200b}'..='\u{200d}' | '\u{ad}' | '\u{feff}' | '\u{2007}'
            )
        };
        let hidden: String = self.hidden.chars().filter(|c| !is_filler(*c)).collect();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match words(&hidden) {
            none if none.is_empty() => {
                let seen: Vec<&str> = self.runs.iter().map(|run| run.text.as_str()).collect();
                words(&seen.join(" ")).chars().take(140).collect()
            }
            hidden => hidden,
        }
    }
}

/// The style sheets that stay in the mail.
pub fn sheets(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("<style").filter_map(|(at, _)| {
        let (_, sheet) = html[at..].split_once('>')?;
        Some(sheet.split_once("</style>")?.0)
    })
}

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

impl Walk {
    /// Notes the element; whether its end is to be waited for.
    fn enter(&mut self, element: &Element<'_, '_>) -> bool {
        let name = element.tag_name();
        let own = |attribute: &str| element.get_attribute(attribute).map(|value| decode(&value));
        if name == "html" {
            self.reading.language = own("lang");
        }
        let mut open = self.open.last().cloned().unwrap_or_else(Open::page);
        open.name = name_of(element);
        let around = self.open.iter().map(|open| &open.name);
        let path: Vec<&Name> = around.chain([&open.name]).collect();
        let dark = self
            .dark
            .iter()
            .filter(|(selector, _)| selector.fits(&path));
        let dark: Vec<&str> = dark.map(|(_, style)| style.as_str()).collect();
        open.take(element, &dark);
        match name.as_str() {
            "head" => open.is_hidden = true,
            "b" | "strong" | "th" => open.is_bold = true,
            "img" => self.image(&open, own("src").unwrap_or_default(), own("alt")),
            "a" if own("href").is_some() => {
                open.link = Some(self.reading.links.len());
                self.reading.links.push(Link {
                    address: own("href").unwrap_or_default(),
                    name: own("aria-label").unwrap_or_default(),
                });
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.reading.headings.extend(name[1..].parse::<u8>());
            }
            "table" if own("role").is_none() => self.reading.data_tables += 1,
            _ => {}
        }
        let opens = !VOID.contains(&name.as_str());
        if opens {
            self.open.push(open);
        }
        opens
    }

    fn image(&mut self, open: &Open, source: String, alt: Option<String>) {
        self.name_link(open, alt.as_deref().unwrap_or_default());
        self.reading.images.push(Image { source, alt });
    }

    fn hear(&mut self, chunk: &TextChunk<'_>) {
        let Some(open) = self.open.last().cloned() else {
            return;
        };
        let text = decode(chunk.as_str());
        if text.trim().is_empty() {
            return;
        }
        if open.is_hidden {
            // The head has text too, its title and styles: nobody sees it in an inbox.
            if self.open.len() > 1 && self.is_in_body() {
                self.reading.hidden.push_str(&text);
            }
            return;
        }
        self.name_link(&open, text.trim());
        self.reading.runs.push(Run {
            text,
            language: open.language.or_else(|| self.reading.language.clone()),
            light: open.light,
            dark: open.dark,
            is_large: open.size >= 24.0 || (open.is_bold && open.size >= 18.66),
        });
    }

    /// The second element that is open is the head or the body.
    fn is_in_body(&self) -> bool {
        self.open.get(1).is_some_and(|second| !second.is_hidden)
    }

    fn name_link(&mut self, open: &Open, words: &str) {
        let link = open.link.and_then(|link| self.reading.links.get_mut(link));
        if let Some(link) = link.filter(|_| !words.is_empty()) {
            if !link.name.is_empty() {
                link.name.push(' ');
            }
            link.name.push_str(words);
        }
    }
}

impl Open {
    /// Before any style: black on white, and the other way round in the dark.
    fn page() -> Self {
        let (black, white) = (Colour::BLACK, Colour::WHITE);
        Self {
            name: Name::default(),
            language: None,
            light: Look {
                colour: black,
                on: white,
            },
            dark: Look {
                colour: black,
                on: white,
            },
            size: 16.0,
            is_bold: false,
            is_hidden: false,
            link: None,
        }
    }

    /// What the element says of itself, and what is said of it for the `dark`.
    fn take(&mut self, element: &Element<'_, '_>, dark: &[&str]) {
        if let Some(language) = element.get_attribute("lang") {
            self.language = Some(language);
        }
        let background = element.get_attribute("bgcolor");
        let background = background.as_deref().and_then(Colour::parse);
        if let Some(on) = background {
            (self.light.on, self.dark.on) = (on, on);
        }
        let style = decode(&element.get_attribute("style").unwrap_or_default());
        for (name, value) in declarations(&style) {
            self.light.declare(&name, &value);
            self.dark.declare(&name, &value);
            match name.as_str() {
                "display" if value == "none" => self.is_hidden = true,
                "font-size" => self.size = pixels(&value).unwrap_or(self.size),
                "font-weight" => {
                    self.is_bold =
                        matches!(value.as_str(), "bold" | "bolder" | "700" | "800" | "900")
                }
                _ => {}
            }
        }
        for (name, value) in dark.iter().flat_map(|style| declarations(style)) {
            self.dark.declare(&name, &value);
        }
    }
}

fn name_of(element: &Element<'_, '_>) -> Name {
    let classes = element.get_attribute("class").unwrap_or_default();
    Name {
        tag: element.tag_name(),
        classes: classes.split_whitespace().map(str::to_owned).collect(),
    }
}

impl Look {
    fn declare(&mut self, name: &str, value: &str) {
        let place = match name {
            "color" => &mut self.colour,
            "background-color" | "background" => &mut self.on,
            _ => return,
        };
        *place = Colour::parse(value).unwrap_or(*place);
    }
}

fn pixels(value: &str) -> Option<f64> {
    value.strip_suffix("px")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<html lang=\"en\"><head><title>T</title><style>@media (prefers-color-scheme: dark) { body p.a { color: #eeeeee } .a { color: #dddddd } .b .a { color: #cccccc } }</style></head>\
        <body style=\"background-color: #ffffff\"><div style=\"display: none\">Before\u{34f} all &amp; more</div>\
        <p class=\"a\" style=\"color: #111111; font-size: 30px\">Big <span lang=\"fr\">grand</span></p>\
        <table><tr><td><a href=\"https://x/\"><img src=\"https://x/i.png\" alt=\"a cat\"></a></td></tr></table></body></html>";

    #[test]
    fn it_reads_as_a_mail_program_does() {
        let reading = Reading::of(HTML);

        assert_eq!(reading.preheader(), "Before all & more");
        assert_eq!(reading.language.as_deref(), Some("en"));
        let runs: Vec<_> = reading
            .runs
            .iter()
            .map(|run| (run.text.trim(), run.language.as_deref()))
            .collect();
        assert_eq!(runs, [("Big", Some("en")), ("grand", Some("fr"))]);
        assert!(reading.runs[0].is_large);
        assert_eq!(reading.runs[1].light.colour, Colour(17, 17, 17));
        assert_eq!(reading.runs[1].dark.colour, Colour(238, 238, 238));
        assert_eq!(reading.links[0].name, "a cat");
        assert_eq!(reading.images[0].alt.as_deref(), Some("a cat"));
        assert_eq!(reading.data_tables, 1);
    }
}
