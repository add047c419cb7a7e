//! The feed of issues: what the store remembers of them, for everybody to read.

use url::Url;

use super::context::Context;
use super::feed_files::FeedFiles;
use super::issue_pages;
use super::outgoing::documents;
use super::ping;
use super::report::Failure;
use crate::blog::identity::Identity;
use crate::config::newsletter::Archive;
use crate::digest::public::for_everybody;
use crate::feed::cut::ISSUES;
use crate::feed::document::Feed;
use crate::feed::issues::{Desk, Issue};
use crate::feed::pieces::Press;
use crate::language::Language;
use crate::problem::Problem;
use crate::store::issues::Variant;
use crate::store::sent::{SentIssue, sent_issues};
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// The feed of the issues that left; none where there is no newsletter, where no
/// issue left yet, or where it is not wanted. What hinders it is a warning: the
/// files that are there stay, and so do the feeds of posts.
pub fn compose(blog: &Identity, context: &Context) -> Option<Feed> {
    made(blog, context).unwrap_or_else(|problem| {
        context.warn(&[problem]);
        None
    })
}

/// Writes the feed after an issue was sent, and tells the hubs of it.
///
/// # Errors
///
/// Where a file cannot be written.
pub async fn publish(context: &Context) -> Result<Option<Feed>, Failure> {
    issue_pages::publish(context)?;
    let blog = context.blog_identity()?;
    let Some(feed) = blog.and_then(|blog| compose(&blog, context)) else {
        return Ok(None);
    };
    let documents = documents(std::slice::from_ref(&feed), &Press::default(), context)?;
    ping::owe(&documents, context)?;
    FeedFiles::new(context).write_documents(&documents)?;
    ping::after_build(context).await?;
    Ok(Some(feed))
}

fn made(blog: &Identity, context: &Context) -> Result<Option<Feed>, Problem> {
    let config = &context.config;
    let Some(newsletter) = config.newsletter.as_ref().filter(|_| config.feeds.issues) else {
        return Ok(None);
    };
    let most = config.feeds.shape_of_issues(ISSUES).entries;
    let sent = sent_issues(&config.store_place()?, most).map_err(|error| {
        let message = error.to_string();
        let problems = Failure::from(error).problems.into_iter();
        let help: String = problems.filter_map(|problem| problem.help).collect();
        Problem::new(
            message,
            format!("the feed of issues stays as it is; {help}"),
        )
    })?;
    let issues = sent.newest.into_iter().map(|sent| issue(sent, context));
    let issues: Vec<Issue> = issues.collect::<Result<_, _>>()?;
    if issues.is_empty() {
        return Ok(None);
    }
    let own = newsletter.title.as_ref().map(ToString::to_string);
    let title = own.map_or_else(|| default_title(context), Ok)?;
    let desk = Desk {
        blog,
        site: &config.site,
        feeds: &config.feeds,
        title: &title,
    };
    desk.compose(&issues, !sent.goes_on).map(Some)
}

/// `The site: Newsletter`: two feeds with one title could not be told apart.
fn default_title(context: &Context) -> Result<String, Problem> {
    let site = &context.config.site;
    let templates = Templates::new(&context.config.templates());
    let words = Words::load(&templates, &site.language)?;
    Ok(format!("{}: {}", site.title, words.get("feeds_issues")))
}

/// What everybody may know of `sent`, in the language of the site.
fn issue(sent: SentIssue, context: &Context) -> Result<Issue, Problem> {
    let own = &context.config.site.language;
    let number = sent.number;
    let variant = Variant::for_speakers_of(own, &sent.variants).ok_or_else(|| {
        let help = "restore the store from a backup";
        Problem::new(format!("the store has no text of issue {number}"), help)
    })?;
    let language = match variant.language == own.primary() {
        true => own.clone(),
        false => variant.language.parse().unwrap_or(Language::english()),
    };
    Ok(Issue {
        number,
        date: sent.letter.date,
        subject: variant.subject.to_string(),
        language,
        url: address(&sent, variant, context),
        html: for_everybody(&variant.html, &variant.greeting_plain)?,
        posts: in_order(sent.posts, variant),
    })
}

/// Its page; the site itself where issues have none: it does not mind what stands
/// behind a `#`.
fn address(sent: &SentIssue, variant: &Variant, context: &Context) -> Url {
    let config = &context.config;
    let archive = config
        .newsletter
        .as_ref()
        .map(|newsletter| newsletter.archive);
    let page = sent.number.page(sent.letter.date, &variant.language);
    let mut url = config.site.url.clone();
    match archive {
        Some(Archive::None) | None => url.set_fragment(Some(&format!("issue-{}", sent.number))),
        _ => url = url.join(&page).unwrap_or(url),
    }
    url
}

/// The titles in the order in which the text of the issue has them.
fn in_order(mut titles: Vec<String>, variant: &Variant) -> Vec<String> {
    titles.sort_by_cached_key(|title| variant.text.find(title).unwrap_or(usize::MAX));
    titles
}
