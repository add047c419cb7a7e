//! The next issue: its posts, and its bodies in every language.

use std::collections::HashMap;

use super::context::Context;
use super::exit::Exit;
use super::report::Failure;
use crate::blog::Blog;
use crate::blog::body::Content;
use crate::blog::post::Post;
use crate::digest::edition::Edition;
use crate::digest::note::Note;
use crate::digest::render::render;
use crate::digest::selection::{Rules, Verdict, follow, make_room, since};
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::meetup::event::Event;
use crate::problem::Problem;
use crate::store::issues::{Announced, History, Letter, Plan, Variant};
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// What the next issue would be if it were planned now.
pub struct NextIssue<'a> {
    pub number: IssueNumber,
    /// Every published post, newest first, and whether it is in.
    pub verdicts: Vec<(&'a Post, Verdict)>,
    contents: HashMap<&'a str, Content>,
    /// The next events of each meetup of the settings.
    agendas: Vec<Vec<Event>>,
    note: Note,
}

impl<'a> NextIssue<'a> {
    /// Decides what is in.
    ///
    /// # Errors
    ///
    /// With exit code 65 where the text of a post that is in cannot be shown;
    /// 78 without `[newsletter]`.
    pub fn decide(
        blog: &'a Blog,
        history: &History,
        agendas: Vec<Vec<Event>>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let newsletter = context.config.newsletter().map_err(config)?;
        let zone = context.config.zone();
        let first = history.first_planned.unwrap_or_else(|| context.clock.now());
        let since = since(
            newsletter.first_issue_since.map(|day| day.0),
            first.with_timezone(&zone).date_naive(),
        );
        let rules = Rules {
            announced: &history.announced,
            since,
            zone,
        };
        let mut verdicts: Vec<_> = blog
            .posts
            .iter()
            .map(|post| (post, rules.judge(post)))
            .collect();
        make_room(&mut verdicts, newsletter.max_posts);
        let number = history.last.map_or(IssueNumber::FIRST, IssueNumber::next);
        let bad = |problems| Failure {
            exit: Exit::BadPosts,
            problems,
        };
        let site = &context.config.site;
        let note = Note::read(&context.config.notes(), number, (&site.url, &site.language));
        let note = note.map_err(bad)?;
        follow(&note, &mut verdicts).map_err(bad)?;
        let (mut contents, mut problems) = (HashMap::new(), vec![]);
        for (post, _) in verdicts
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::New)
        {
            match post.content() {
                Ok(content) => drop(contents.insert(post.id.as_str(), content)),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(bad(problems));
        }
        Ok(Self {
            number,
            verdicts,
            contents,
            agendas,
            note,
        })
    }

    /// The posts that are in, newest first.
    pub fn posts(&self) -> impl Iterator<Item = &'a Post> {
        self.verdicts
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::New)
            .map(|(post, _)| *post)
    }

    /// Writes each evening that the issue tells of as a calendar of its own, before
    /// anybody is given a link to it.
    ///
    /// # Errors
    ///
    /// With exit code 74 where a file cannot be written.
    pub fn publish_events(&self, context: &Context) -> Result<(), Failure> {
        for event in self.agendas.iter().flatten() {
            let path = context.config.public().join(event.file());
            context.publish(&path, event.calendar().as_bytes())?;
        }
        Ok(())
    }

    /// Everything to be frozen: the bodies in each language that there are words
    /// for, the site's own first.
    ///
    /// # Errors
    ///
    /// With exit code 65 where a template or a file of words is wrong.
    pub fn plan(&self, context: &Context) -> Result<Plan, Failure> {
        let newsletter = context.config.newsletter().map_err(config)?;
        let templates = Templates::new(&context.config.templates());
        let site = &context.config.site;
        let edition = self.edition(context, newsletter);
        let languages = languages(&templates, &site.language);
        let variants = languages
            .iter()
            .map(|language| variant(&edition, &templates, language));
        let bad = |problem| Failure::new(Exit::BadPosts, problem);
        let variants: Vec<Variant> = variants.collect::<Result<_, _>>().map_err(bad)?;
        context.warn(&variants.iter().filter_map(too_long).collect::<Vec<_>>());
        Ok(Plan {
            number: self.number,
            letter: Letter {
                date: context.clock.now(),
                from: newsletter.from.clone(),
                reply_to: newsletter.reply_to.clone(),
                title: edition.title().clone(),
                owner: newsletter.owner(),
                bounces: newsletter.bounces.clone(),
                site: site.url.to_string(),
                unsubscribe: newsletter
                    .unsubscribe_link(context.config.serve.base(&site.url), ":token"),
            },
            variants,
            announced: self
                .posts()
                .map(|post| Announced {
                    post: post.id.to_string(),
                    title: post.title.clone(),
                    shown: self
                        .contents
                        .get(post.id.as_str())
                        .map_or_else(String::new, |content| shown(post, content)),
                })
                .collect(),
            period: None,
        })
    }

    fn edition<'b>(
        &'b self,
        context: &'b Context,
        newsletter: &'b crate::config::newsletter::Newsletter,
    ) -> Edition<'b> {
        let posts = self
            .posts()
            .filter_map(|post| Some((post, self.contents.get(post.id.as_str())?.clone())));
        Edition {
            number: self.number,
            note: &self.note,
            date: context.clock.now().with_timezone(&context.config.zone()),
            site: &context.config.site,
            newsletter,
            posts: posts.collect(),
            meetups: context.config.meetups.iter().zip(&self.agendas).collect(),
        }
    }
}

/// The hash of what an issue shows of a post: where it is another by now, the post was edited.
pub fn shown(post: &Post, content: &Content) -> String {
    let authors = post.authors.iter().map(|author| author.name.as_str());
    let cover = content.cover.as_ref().map(|cover| cover.url.as_str());
    let parts = [
        &post.title,
        post.url.as_str(),
        &content.summary,
        cover.unwrap_or_default(),
    ];
    let parts: Vec<&str> = parts.into_iter().chain(authors).collect();
    blake3::hash(parts.join("\n").as_bytes()).to_hex()[..32].to_owned()
}

fn variant(
    edition: &Edition<'_>,
    templates: &Templates,
    language: &Language,
) -> Result<Variant, Problem> {
    let words = Words::load(templates, language)?;
    let digest = edition.digest(language, &words);
    let bodies = render(templates, &digest, &words)?;
    Ok(Variant {
        language: language.primary().to_owned(),
        subject: digest.subject,
        html: bodies.html,
        text: bodies.text,
        greeting_named: words.get("greeting_named").to_owned(),
        greeting_plain: words.get("greeting_plain").to_owned(),
    })
}

/// Gmail cuts a message at about 102 kB, and hides what stands behind: the
/// unsubscribe link, for one.
fn too_long(variant: &Variant) -> Option<Problem> {
    const LONG: usize = 80_000;
    (variant.html.len() > LONG).then(|| {
        let message = format!(
            "the HTML of the issue ({}) has {} bytes, and Gmail cuts off what is beyond 102,000",
            variant.language,
            variant.html.len()
        );
        Problem::new(
            message,
            "announce fewer posts at once, or shorten the templates",
        )
    })
}

/// The site's own language first, then every other that there are words for.
fn languages(templates: &Templates, own: &Language) -> Vec<Language> {
    let tags = templates.languages();
    let others = tags
        .iter()
        .filter_map(|tag| tag.parse().ok())
        .filter(|language: &Language| !language.speaks(own));
    std::iter::once(own.clone()).chain(others).collect()
}

/// A problem of the settings.
pub fn config(problem: Problem) -> Failure {
    Failure::new(Exit::Config, problem)
}
