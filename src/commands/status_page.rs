//! `courrier status --html`: the newsletter in pictures.

use std::path::Path;

use serde::Serialize;

use super::context::{Context, print};
use super::exit::Exit;
use super::report::Failure;
use super::status_figures::{Section, bounces, endings, in_all, issues, subscribers};
use crate::language::Language;
use crate::store::database::Store;
use crate::store::figures::Turn;
use crate::templates::files::Templates;
use crate::templates::words::Words;

#[derive(Serialize)]
struct Page<'a> {
    language: &'a Language,
    direction: &'static str,
    site: &'a str,
    heading: String,
    as_of: String,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct PageContext<'a> {
    page: Page<'a>,
    words: &'a Words,
}

/// Writes the page into `file`. It needs nothing else, and names nobody.
///
/// # Errors
///
/// Where the store cannot be read, a template is wrong, or the file cannot be written.
pub async fn write(file: &Path, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let config = &context.config;
    let wrong = |problem| Failure::new(Exit::BadPosts, problem);
    let templates = Templates::new(&config.templates());
    let words = Words::load(&templates, &config.site.language).map_err(wrong)?;
    let now = context.clock.now().with_timezone(&config.zone());
    let title = config
        .newsletter
        .as_ref()
        .and_then(|news| news.title.as_ref());
    let page = Page {
        language: &config.site.language,
        direction: config.site.language.direction(),
        site: title.unwrap_or(&config.site.title).as_str(),
        heading: words.get("status").to_owned(),
        as_of: words.fill("status_as_of", &[("date", &words.date(now))]),
        sections: sections(store, (now.date_naive(), &words)).await?,
    };
    let page = templates
        .render(
            "web/status.html",
            &PageContext {
                page,
                words: &words,
            },
        )
        .map_err(wrong)?;
    context.publish(file, page.as_bytes())?;
    if context.json {
        context.say("", &serde_json::json!({ "file": file }))?;
    } else if !context.quiet {
        print(&file.display().to_string())?;
    }
    Ok(Exit::Done)
}

async fn sections(
    store: &Store,
    (today, words): (chrono::NaiveDate, &Words),
) -> Result<Vec<Section>, Failure> {
    let turns = store.turns(today).await?;
    let says = in_all(&turns, store.reachable(today).await?, words);
    let language = |turn: &Turn| {
        let tag = turn.language.as_deref().and_then(|tag| tag.parse().ok());
        vec![tag.map_or_else(
            || words.get("status_no_language").to_owned(),
            |tag: Language| words.language_name(&tag),
        )]
    };
    let cities = |turn: &Turn| match turn.cities.is_empty() {
        true => vec![words.get("status_no_city").to_owned()],
        false => turn.cities.clone(),
    };
    Ok(vec![
        subscribers(
            ("languages", "status_languages", &says),
            &turns,
            language,
            (today, words),
        ),
        subscribers(
            ("cities", "status_cities", &says),
            &turns,
            cities,
            (today, words),
        ),
        issues(&store.counts().await?, words),
        bounces(&store.returned().await?, words),
        endings(&store.endings(today).await?, (today, words)),
    ])
}
