//! The next issue as the preview shows it: made by the functions that send it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use super::agendas;
use super::context::Context;
use super::exit::Exit;
use super::issue_files::{no_message, press, reader};
use super::judged::judged;
use super::next_issue::NextIssue;
use super::picture_lines::{
    finding_line, language_name, post_lines, shown, unsupported_line, warned,
};
use super::ready;
use super::report::Failure;
use crate::blog::Wanted;
use crate::check::mail::reading::Reading;
use crate::clock::Clock;
use crate::digest::render::Bodies;
use crate::fetch::web_address;
use crate::language::Language;
use crate::mail::message::Parcel;
use crate::mail::press::preview;
use crate::meetup::event::Event;
use crate::problem::Problem;
use crate::store::issues::{Frozen, History, Plan, Variant};
use crate::store::ledger::Addressee;
use crate::subscriber::recipient::{Profile, Subscriber, SubscriberId};
use crate::web::preview::picture::{Picture, Scene};

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
    pub context: Context,
    pub parcel: Parcel,
    pub picture: Picture,
}

/// What the store knows that a picture needs.
struct Known {
    history: History,
    subscriber: Option<Subscriber>,
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
        let agendas = self.agendas(scene, &context).await;
        let next = NextIssue::decide(&blog, &known.history, agendas, &context)?;
        let plan = next.plan(&context)?;
        let posts = post_lines(&next, &blog);
        let frozen = frozen(plan);
        let (variant, reader) = addressed(scene, known.subscriber, &frozen, &context)?;
        let parcel = press(&frozen, &context)?
            .print(&reader, 0)
            .map_err(no_message)?;
        let picture = picture(&frozen, (&variant, &reader), &parcel);
        let bodies = Bodies {
            html: picture.html.clone(),
            text: picture.text.clone(),
        };
        let (findings, unsupported) = judged(&next, &variant, &bodies, &context)?;
        let picture = Picture {
            preheader: Reading::of(&picture.html).preheader(),
            posts,
            findings: warned(&context)
                .chain(findings.into_iter().map(finding_line))
                .collect(),
            unsupported: unsupported.into_iter().map(unsupported_line).collect(),
            ..picture
        };
        let picture = picture.named();
        Ok(Proof {
            context,
            parcel,
            picture,
        })
    }
}

impl Known {
    async fn read(scene: &Scene, context: &Context) -> Result<Self, Failure> {
        if !context.config.store().exists() {
            let history = History::default();
            return match scene.subscriber {
                None => Ok(Self {
                    history,
                    subscriber: None,
                }),
                Some(id) => Err(unknown(id)),
            };
        }
        let store = ready::store(context)?;
        let subscriber = match scene.subscriber {
            None => None,
            Some(id) => {
                let mut all = store.subscribers().await?.into_iter();
                let found = all.find(|(subscriber, _)| subscriber.id.0 == id);
                Some(found.ok_or_else(|| unknown(id))?.0)
            }
        };
        Ok(Self {
            history: store.history().await?,
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

fn frozen(plan: Plan) -> Frozen {
    Frozen {
        number: plan.number,
        letter: plan.letter,
        variants: plan.variants,
    }
}

/// Who reads, and in which words. Links of a preview unsubscribe nobody.
fn addressed(
    scene: &Scene,
    subscriber: Option<Subscriber>,
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
    let variant = Variant::for_speakers_of(&language, &frozen.variants);
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
        languages: frozen.variants.iter().map(language_name).collect(),
        html_bytes: bodies.html.len(),
        message_bytes: parcel.bytes.len(),
        html: bodies.html,
        text: bodies.text,
        raw: String::from_utf8_lossy(&parcel.bytes).into_owned(),
        posts: vec![],
        findings: vec![],
        unsupported: vec![],
    }
}
