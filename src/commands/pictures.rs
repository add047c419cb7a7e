//! The next issue as the preview shows it: made by the functions that send it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use super::agendas;
use super::context::Context;
use super::exit::Exit;
use super::issue_files::{no_message, press, reader};
use super::issue_pages::page;
use super::judged::judged;
use super::next_issue::{NextIssue, config};
use super::picture_lines::{
    finding_line, language_name, post_lines, shown, unsupported_line, warned,
};
use super::ready;
use super::report::Failure;
use crate::blog::Wanted;
use crate::check::mail::reading::Reading;
use crate::clock::Clock;
use crate::config::contents::Cities;
use crate::config::newsletter::Newsletter;
use crate::digest::render::Bodies;
use crate::fetch::web_address;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::mail::message::Parcel;
use crate::mail::press::preview;
use crate::meetup::Meetup;
use crate::meetup::choice::chosen;
use crate::meetup::event::Event;
use crate::problem::Problem;
use crate::store::issues::{Frozen, History, Plan, Variant};
use crate::store::ledger::Addressee;
use crate::store::sent::sent_issues;
use crate::subscriber::recipient::{Profile, Subscriber, SubscriberId};
use crate::templates::copies;
use crate::web::preview::picture::{LastIssue, Picture, Scene};

/// Makes pictures of what `config.toml` says at that moment.
#[derive(Clone)]
pub struct Pictures {
    config: PathBuf,
    /// The time that somebody asked for.
    now: Option<DateTime<Utc>>,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// What the meetups' calendars said.
struct Kept {
    /// The settings and the day that they were asked for.
    asked: String,
    at: Instant,
    agendas: Vec<Vec<Event>>,
    warned: Vec<Problem>,
}

/// So long a calendar on the web is not asked again: one that is down takes its time each time.
const FRESH: Duration = Duration::from_secs(300);

/// One message of the next issue, and what it was made of.
pub struct Proof {
    pub number: IssueNumber,
    /// An address with `:token` in it.
    pub unsubscribe: String,
    pub context: Context,
    pub parcel: Parcel,
    pub picture: Picture,
}

/// What the store knows that a picture needs.
#[derive(Default)]
struct Known {
    history: History,
    subscriber: Option<Subscriber>,
    /// The issue that is planned, or under way.
    open: Option<Frozen>,
}

impl Pictures {
    pub fn new(config: &Path, now: Option<DateTime<Utc>>) -> Self {
        Self {
            config: config.to_owned(),
            now,
            kept: Arc::default(),
        }
    }

    /// The settings as they are now, as of the day of `scene`.
    ///
    /// # Errors
    ///
    /// With exit code 78 where they are wrong.
    pub fn context(&self, scene: &Scene) -> Result<Context, Failure> {
        let clock = Clock::new(scene.day.map_or(self.now, |day| Some(self.on(day))));
        Context::load(&self.config, clock, (true, false))
    }

    /// On `day`, at the time of day that it is now.
    fn on(&self, day: NaiveDate) -> DateTime<Utc> {
        let now = Clock::new(self.now).now();
        day.and_time(now.time()).and_utc()
    }

    /// The next events of the meetups, and what is to be said of their calendars.
    async fn agendas(&self, scene: &Scene, context: &Context) -> Vec<Vec<Event>> {
        let config = &context.config;
        let asked = format!("{:?} {:?} {:?}", scene.day, config.meetups, config.events);
        if let Some((agendas, warned)) = self.kept(&asked) {
            context.warn(&warned);
            return agendas;
        }
        let before = context.warned().len();
        let agendas = agendas::load(context).await;
        let mut calendars = config
            .meetups
            .iter()
            .filter_map(|meetup| meetup.calendar.as_ref());
        // A calendar in a file may be at work on, too.
        if calendars.all(|calendar| web_address(calendar).is_some()) {
            let kept = Kept {
                asked,
                at: Instant::now(),
                agendas: agendas.clone(),
                warned: context.warned().split_off(before),
            };
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        agendas
    }

    fn kept(&self, asked: &str) -> Option<(Vec<Vec<Event>>, Vec<Problem>)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept
            .as_ref()
            .filter(|kept| kept.asked == asked && kept.at.elapsed() < FRESH)?;
        Some((kept.agendas.clone(), kept.warned.clone()))
    }

    /// The message of `scene`.
    ///
    /// # Errors
    ///
    /// As `courrier digest`, and with exit code 64 for a subscriber whom nobody knows.
    pub async fn proof(&self, scene: &Scene) -> Result<Proof, Failure> {
        let context = self.context(scene)?;
        let known = Known::read(scene, &context).await?;
        let blog = context.blog(false, Wanted::All)?;
        let tried = (self.agendas(scene, &context).await, scene.order());
        let next = NextIssue::decide_in_order(&blog, &known.history, tried, &context)?;
        let newsletter = context.config.newsletter().map_err(config)?;
        let cities = cities(scene, known.subscriber.as_ref(), &context);
        let choice = (!cities.is_empty()).then(|| cities.clone());
        context.warn(&copies::outdated(&context.config.templates()));
        let posts = post_lines(&next, &blog, &newsletter.groups);
        let planned = known.open.as_ref().map(|open| open.number.get());
        let frozen = match (scene.planned, known.open) {
            (true, Some(open)) => open,
            (true, None) => return Err(not_planned()),
            (false, _) => frozen(next.plan(choice.as_slice(), &context)?),
        };
        if !scene.planned && next.posts().next().is_none() {
            context.warn(&[would_be_empty(next.number)]);
        }
        let (variant, reader) = addressed(scene, (known.subscriber, &cities), &frozen, &context)?;
        let parcel = press(&frozen, &context)?
            .print(&reader, 0)
            .map_err(no_message)?;
        let picture = picture(&frozen, (&variant, &reader), &parcel);
        let bodies = Bodies {
            html: picture.html.clone(),
            text: picture.text.clone(),
        };
        let (findings, unsupported) = match scene.planned {
            true => (vec![], vec![]),
            false => judged(&next, &variant, &bodies, &context)?,
        };
        let page = page_of(&frozen, &variant, &context)?;
        let picture = Picture {
            preheader: Reading::of(&picture.html).preheader(),
            posts,
            findings: warned(&context)
                .chain(findings.into_iter().map(finding_line))
                .collect(),
            unsupported: unsupported.into_iter().map(unsupported_line).collect(),
            last: last_issue(&variant, &context),
            planned,
            has_page: !page.is_empty(),
            page,
            ..picture
        };
        let picture = picture.named();
        Ok(Proof {
            number: frozen.number,
            unsubscribe: frozen.letter.unsubscribe,
            context,
            parcel,
            picture,
        })
    }
}

fn not_planned() -> Failure {
    let help = "`courrier digest plan` plans one";
    Failure::new(Exit::Usage, Problem::new("no issue is planned", help))
}

/// The page of the issue, in the language of `variant`; empty where issues have none.
fn page_of(frozen: &Frozen, variant: &Variant, context: &Context) -> Result<String, Failure> {
    let usual = Variant::of_all_cities(&frozen.variants);
    let variant = usual
        .filter(|other| other.language == variant.language)
        .last()
        .unwrap_or(variant);
    let page = page(
        (frozen.number, &frozen.letter),
        variant,
        &frozen.variants,
        context,
    )?;
    Ok(page.unwrap_or_default())
}

/// The issue that was sent last, in the language of `variant`. Where the store cannot
/// tell, there is nothing to compare with.
fn last_issue(variant: &Variant, context: &Context) -> Option<LastIssue> {
    let last = sent_issues(&context.config.store_place().ok()?, 1)
        .ok()?
        .newest
        .pop()?;
    let own = |other: &&Variant| other.language == variant.language;
    let text = last.variants.iter().find(own).or(last.variants.first())?;
    let link = last.letter.unsubscribe.replace(":token", "preview");
    Some(LastIssue {
        issue: last.number.get(),
        text: preview(text, None, &link).text,
    })
}

impl Known {
    async fn read(scene: &Scene, context: &Context) -> Result<Self, Failure> {
        if !context.config.has_store() {
            return match scene.subscriber {
                None => Ok(Self::default()),
                Some(id) => Err(unknown(id)),
            };
        }
        let store = ready::store(context)?;
        let subscriber = match scene.subscriber {
            None => None,
            Some(id) => {
                let found = store.subscriber_numbered(SubscriberId(id)).await?;
                Some(found.ok_or_else(|| unknown(id))?)
            }
        };
        Ok(Self {
            history: store.history().await?,
            open: store.open_issue().await?,
            subscriber,
        })
    }
}

fn unknown(id: i64) -> Failure {
    let help = "`courrier subscribers list` shows who is subscribed";
    Failure::new(
        Exit::Usage,
        Problem::new(format!("there is no subscriber {id}"), help),
    )
}

fn would_be_empty(number: IssueNumber) -> Problem {
    let message = format!("issue {number} would be empty, so it is not sent: no post is new");
    let help = "write a post, or see under “Out” why each is out";
    Problem::new(message, help)
}

fn frozen(plan: Plan) -> Frozen {
    let mut variants = plan.variants;
    // An issue without a post has no subject either, and is shown all the same.
    for variant in &mut variants {
        if variant.subject.as_str().is_empty() {
            variant.subject = plan.letter.title.clone();
        }
    }
    Frozen {
        number: plan.number,
        letter: plan.letter,
        variants,
    }
}

/// The cities that the reader chose, where they make a difference.
fn cities(scene: &Scene, subscriber: Option<&Subscriber>, context: &Context) -> Vec<String> {
    let config = &context.config;
    let is_same = |newsletter: &Newsletter| newsletter.cities == Cities::All;
    if config.newsletter.as_ref().is_none_or(is_same) {
        return vec![];
    }
    let typed = scene.cities.as_deref().unwrap_or_default();
    let typed: Vec<String> = typed.split(',').map(str::to_owned).collect();
    let wanted = subscriber.map_or(&typed, |known| &known.profile.cities);
    let known = Meetup::cities(&config.meetups);
    chosen(known.iter().map(String::as_str), wanted)
}

/// Who reads, and in which words. Links of a preview unsubscribe nobody.
fn addressed(
    scene: &Scene,
    (subscriber, cities): (Option<Subscriber>, &[String]),
    frozen: &Frozen,
    context: &Context,
) -> Result<(Variant, Addressee), Failure> {
    let wrong = |what: String, help: &str| Failure::new(Exit::Usage, Problem::new(what, help));
    let asked = scene.language.as_deref().map(|tag| {
        tag.parse::<Language>()
            .map_err(|_| wrong(format!("`{tag}` is no language"), "write a tag like `fr`"))
    });
    let asked = asked.transpose()?;
    let profile = subscriber.as_ref().map(|known| &known.profile);
    let own = profile.and_then(|profile: &Profile| profile.language.clone());
    let language = asked
        .or(own)
        .unwrap_or(context.config.site.language.clone());
    let variant = Variant::for_reader((Some(&language), cities), &frozen.variants);
    let variant = variant.ok_or_else(|| {
        let help = "write templates/words/en.toml";
        wrong("there are words for no language".to_owned(), help)
    })?;
    let invented = reader(variant, frozen);
    let name = scene.name.clone().filter(|name| !name.trim().is_empty());
    let addressee = match &subscriber {
        None => Addressee { name, ..invented },
        Some(known) => Addressee {
            subscriber: SubscriberId(known.id.0),
            rcpt: known.profile.email.to_string(),
            name: known.profile.name.as_ref().map(ToString::to_string),
            ..invented
        },
    };
    Ok((variant.clone(), addressee))
}

fn picture(frozen: &Frozen, (variant, reader): (&Variant, &Addressee), parcel: &Parcel) -> Picture {
    let link = frozen.letter.unsubscribe.replace(":token", &reader.token);
    let name = reader.name.as_deref().and_then(|name| name.parse().ok());
    let bodies = preview(variant, name.as_ref(), &link);
    Picture {
        id: String::new(),
        issue: frozen.number.get(),
        title: frozen.letter.title.to_string(),
        from: shown(
            frozen.letter.from.name.as_ref(),
            frozen.letter.from.address.as_str(),
        ),
        to: shown(name.as_ref(), &reader.rcpt),
        subject: variant.subject.to_string(),
        preheader: String::new(),
        language: variant.language.clone(),
        languages: Variant::of_all_cities(&frozen.variants)
            .map(language_name)
            .collect(),
        cities: variant.cities.join(", "),
        html_bytes: bodies.html.len(),
        message_bytes: parcel.bytes.len(),
        html: bodies.html,
        page: String::new(),
        has_page: false,
        last: None,
        planned: None,
        text: bodies.text,
        raw: String::from_utf8_lossy(&parcel.bytes).into_owned(),
        posts: vec![],
        findings: vec![],
        unsupported: vec![],
    }
}
