//! The next issue: its posts, and its bodies in every language.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::context::{Context, count};
use super::exit::Exit;
use super::lost_ids::lost_ids;
use super::report::Failure;
use crate::blog::Blog;
use crate::blog::body::Content;
use crate::blog::post::Post;
use crate::config::contents::Groups;
use crate::digest::edition::Edition;
use crate::digest::grouping::{family, heading};
use crate::digest::note::Note;
use crate::digest::render::render;
use crate::digest::selection::{
    Rules, Verdict, arrange, follow, make_room, make_room_for_updates, since,
};
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::meetup::Meetup;
use crate::meetup::event::Event;
use crate::problem::Problem;
use crate::store::issues::{Announced, History, Letter, Plan, Variant};
use crate::templates::files::Templates;
use crate::templates::words::Words;

/// Posts that come first, and posts that wait.
pub type Wishes = (Vec<String>, Vec<String>);

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
    /// With exit code 65 where the text of a post that is in cannot be shown; 77 where
    /// the ids are others than those of earlier issues; 78 without `[newsletter]`.
    pub fn decide(
        blog: &'a Blog,
        history: &History,
        agendas: Vec<Vec<Event>>,
        context: &Context,
    ) -> Result<Self, Failure> {
        Self::decide_in_order(blog, history, (agendas, None), context)
    }

    /// The same with another order than that of the note, where one is given: posts
    /// that come first, and posts that wait.
    ///
    /// # Errors
    ///
    /// As [`NextIssue::decide`].
    pub fn decide_in_order(
        blog: &'a Blog,
        history: &History,
        (agendas, order): (Vec<Vec<Event>>, Option<Wishes>),
        context: &Context,
    ) -> Result<Self, Failure> {
        let newsletter = context.config.newsletter().map_err(config)?;
        refuse_other_ids(blog, history, context)?;
        let zone = context.config.zone();
        let first = history.first_planned.unwrap_or_else(|| context.clock.now());
        let since = since(
            newsletter.first_issue_since.map(|day| day.0),
            first.with_timezone(&zone).date_naive(),
        );
        let rules = Rules {
            announced: &history.announced,
            planned: &history.planned,
            updated: newsletter.updated,
            since,
            zone,
        };
        let mut verdicts: Vec<_> = blog
            .posts
            .iter()
            .map(|post| (post, rules.judge(post)))
            .collect();
        make_room(&mut verdicts, newsletter.max_posts);
        make_room_for_updates(&mut verdicts, newsletter.updated);
        arrange(&mut verdicts, newsletter.order);
        let number = history.last.map_or(IssueNumber::FIRST, IssueNumber::next);
        let bad = |problems| Failure {
            exit: Exit::BadPosts,
            problems,
        };
        let site = &context.config.site;
        let note = Note::read(&context.config.notes(), number, (&site.url, &site.language));
        let mut note = note.map_err(bad)?;
        if let Some((pinned, held)) = order {
            note.reorder(&pinned, &held);
        }
        follow(&note, &mut verdicts).map_err(bad)?;
        Ok(Self {
            number,
            contents: contents(&verdicts).map_err(bad)?,
            verdicts,
            agendas,
            note,
        })
    }

    /// Whether an editor said something of it in `language`.
    pub fn has_note(&self, language: &Language) -> bool {
        self.note.in_language(language).is_some()
    }

    /// The new posts, in their order.
    pub fn posts(&self) -> impl Iterator<Item = &'a Post> {
        let new = |verdict: &Verdict| *verdict == Verdict::New;
        self.of(new)
    }

    /// The posts that changed since an issue announced them.
    pub fn updated(&self) -> impl Iterator<Item = &'a Post> {
        self.of(|verdict| matches!(verdict, Verdict::Updated(_)))
    }

    fn of(&self, is_wanted: impl Fn(&Verdict) -> bool) -> impl Iterator<Item = &'a Post> {
        let own = self.verdicts.iter();
        own.filter(move |(_, verdict)| is_wanted(verdict))
            .map(|(post, _)| *post)
    }

    /// Why `post` is in or out, and where it stands.
    pub fn why(&self, post: &Post, verdict: Verdict, groups: &Groups) -> String {
        let mut why = verdict.to_string();
        if verdict == Verdict::New
            && let Some(heading) = heading(post, groups)
        {
            why.push_str(&format!(", below \u{201c}{heading}\u{201d}"));
        }
        let all: Vec<&Post> = self.of(|verdict| verdict.is_in()).collect();
        let others = family(post, &all).filter(|other| other.url != post.url);
        let others: Vec<&str> = others.map(|other| &*other.path).collect();
        if verdict.is_in() && !others.is_empty() {
            let others = others.join(", ");
            why.push_str(&format!(
                "; a reader sees this one or its translation, {others}"
            ));
        }
        why
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
    /// for, the site's own first; and once more for each of `choices` of cities.
    ///
    /// # Errors
    ///
    /// With exit code 65 where a template or a file of words is wrong.
    pub fn plan(&self, choices: &[Vec<String>], context: &Context) -> Result<Plan, Failure> {
        let newsletter = context.config.newsletter().map_err(config)?;
        let templates = templates(context)?;
        let site = &context.config.site;
        let edition = self.edition(context, newsletter);
        let languages = languages(&templates, &site.language);
        let bad = |problem| Failure::new(Exit::BadPosts, problem);
        let mut variants: Vec<Variant> = vec![];
        for language in &languages {
            for cities in std::iter::once(&vec![]).chain(choices) {
                let made = variant(&edition, &templates, (language, cities));
                variants.push(made.map_err(bad)?);
            }
        }
        let usual = Variant::of_all_cities(&variants);
        context.warn(&usual.filter_map(too_long).collect::<Vec<_>>());
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
                until: self.first_evening(),
            },
            variants,
            cities: Meetup::cities(&context.config.meetups),
            announced: self
                .posts()
                .chain(self.updated())
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

    /// When the first evening begins that it tells of.
    fn first_evening(&self) -> Option<DateTime<Utc>> {
        let evenings = self.agendas.iter().flatten();
        evenings.map(|event| event.begins.to_utc()).min()
    }

    fn edition<'b>(
        &'b self,
        context: &'b Context,
        newsletter: &'b crate::config::newsletter::Newsletter,
    ) -> Edition<'b> {
        let with_content = |post: &'a Post| {
            let content = self.contents.get(post.id.as_str())?;
            Some((post, content.clone()))
        };
        Edition {
            number: self.number,
            note: &self.note,
            date: context.clock.now().with_timezone(&context.config.zone()),
            site: &context.config.site,
            newsletter,
            posts: self.posts().filter_map(with_content).collect(),
            updated: self.updated().filter_map(with_content).collect(),
            meetups: context.config.meetups.iter().zip(&self.agendas).collect(),
        }
    }
}

/// The templates, in the design of the settings.
///
/// # Errors
///
/// With exit code 78 where there is no such design.
pub fn templates(context: &Context) -> Result<Templates, Failure> {
    let design = &context.config.newsletter().map_err(config)?.design;
    Templates::of_design(&context.config.templates(), design).map_err(config)
}

/// What is to be shown of the posts that are in, by their ids.
fn contents<'a>(
    verdicts: &[(&'a Post, Verdict)],
) -> Result<HashMap<&'a str, Content>, Vec<Problem>> {
    let (mut contents, mut problems) = (HashMap::new(), vec![]);
    for (post, _) in verdicts.iter().filter(|(_, verdict)| verdict.is_in()) {
        match post.content() {
            Ok(content) => drop(contents.insert(post.id.as_str(), content)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(contents)
    } else {
        Err(problems)
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
    (language, cities): (&Language, &[String]),
) -> Result<Variant, Problem> {
    let words = Words::load(templates, language)?;
    let digest = edition.digest(language, &words, cities);
    let bodies = render(templates, &digest, &words)?;
    Ok(Variant {
        language: language.primary().to_owned(),
        cities: cities.to_vec(),
        subject: digest.subject,
        html: bodies.html,
        text: bodies.text,
        greeting_named: words.get("greeting_named").to_owned(),
        greeting_plain: words.get("greeting_plain").to_owned(),
    })
}

/// A lock that was made anew has other ids than the posts were announced by.
fn refuse_other_ids(blog: &Blog, history: &History, context: &Context) -> Result<(), Failure> {
    let announced = &history.announced;
    if announced.is_empty() || blog.lock.has_any(announced) {
        return Ok(());
    }
    let message = format!(
        "{} knows none of the {} that earlier issues announced",
        context.config.lock_file().display(),
        count(announced.len(), "post")
    );
    Err(lost_ids(message))
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
