//! Single mails that are no issue: who asked is answered, and what is planned leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::context::Context;
use super::dkim::signer;
use super::next_issue::config;
use super::ready::refuse_doubtful;
use super::relays::transport;
use super::report::{self, Failure, Severity};
use crate::config::newsletter::{Newsletter, Uncertain};
use crate::key::{Key, Purpose};
use crate::mail::notice::carry::{Carried, Messenger};
use crate::mail::notice::compose::{Message, Stationery};
use crate::mail::notice::print::NoticePress;
use crate::mail::transport::Transport;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::notices::Notice;
use crate::store::requests::{Reply, Unanswered};
use crate::subscriber::consent::Audience;
use crate::subscriber::pass::Pass;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::token::Token;
use crate::templates::files::Templates;

/// What writes and sends the single mails of a newsletter.
pub struct Office<'a> {
    context: &'a Context,
    newsletter: &'a Newsletter,
    templates: Templates,
    messenger: Messenger,
    has_begun: AtomicBool,
}

/// How long a link to confirm is good for, and one to choose.
const TO_CONFIRM: TimeDelta = TimeDelta::hours(72);
const TO_CHOOSE: TimeDelta = TimeDelta::days(30);
/// A mail that did not leave until then is of no use.
const EXPIRES: TimeDelta = TimeDelta::hours(24);
/// How often it is looked whether somebody asked. Not when they ask: who watches how
/// long an answer takes must not see what is done about the one before.
const GLANCE: Duration = Duration::from_secs(2);
/// After something went wrong.
const REST: Duration = Duration::from_secs(60);
/// How often old requests are forgotten.
const HOUR: Duration = Duration::from_secs(3600);
/// Requests that are answered at once, and mails that leave before others are answered.
const AT_ONCE: usize = 20;

/// What somebody waits for leaves first, whether a server is at work or not.
///
/// # Errors
///
/// As [`Office::answer`] and [`Office::send`].
pub async fn before_the_issue(
    store: &Store,
    newsletter: &Newsletter,
    context: &Context,
) -> Result<(), Failure> {
    let office = Office::open(store, newsletter, context)?;
    office.answer().await?;
    let carried = office.send(usize::MAX).await?;
    if carried.accepted > 0 {
        tracing::info!(accepted = carried.accepted, "single mails");
    }
    Ok(())
}

impl<'a> Office<'a> {
    /// Opens the way by which mail leaves.
    ///
    /// # Errors
    ///
    /// As a send: where settings are wrong, or a guard wants a person's word.
    pub fn open(
        store: &Store,
        newsletter: &'a Newsletter,
        context: &'a Context,
    ) -> Result<Self, Failure> {
        let smtp = context.config.smtp.as_ref();
        let press = NoticePress {
            from: newsletter.from.clone(),
            reply_to: newsletter.reply_to.clone(),
            bounces: newsletter.bounces.clone(),
            signer: signer(context)?,
        };
        let messenger = Messenger {
            store: store.clone(),
            clock: store.clock(context.clock),
            transport: beside_issues(transport(newsletter, context)?),
            press,
            owner: store.process().to_owned(),
            retry: smtp.map_or(Duration::from_secs(600), |smtp| smtp.retry()),
            resend: newsletter.uncertain == Uncertain::Resend,
        };
        Ok(Self {
            context,
            newsletter,
            templates: Templates::new(&context.config.templates()),
            messenger,
            has_begun: AtomicBool::new(false),
        })
    }

    /// Sends what is due, about `most` of it. What the mail server says stops nothing else.
    ///
    /// # Errors
    ///
    /// Where the store fails, or may be an old one or a copy.
    pub async fn send(&self, most: usize) -> Result<Carried, Failure> {
        let Messenger {
            store, transport, ..
        } = &self.messenger;
        if !store.notice_is_due(self.now()).await? {
            return Ok(Carried::default());
        }
        if transport.audience() == Audience::People {
            refuse_doubtful(store, self.context).await?;
            if !self.has_begun.swap(true, Ordering::Relaxed) {
                store.begin_epoch().await?;
            }
        }
        let carried = self.messenger.carry(most).await?;
        if let Some(trouble) = &carried.stopped {
            tracing::error!(%trouble, "single mails wait");
        }
        Ok(carried)
    }

    /// Answers those who asked to be subscribed: a mail each is planned, where there
    /// were not enough.
    ///
    /// # Errors
    ///
    /// Where the store fails, or a template is wrong.
    pub async fn answer(&self) -> Result<(), Failure> {
        let store = &self.messenger.store;
        loop {
            let asked = store.unanswered(AT_ONCE, self.now()).await?;
            let count = asked.len();
            if count == 0 {
                return Ok(());
            }
            let key = store.fresh_key().await?;
            for request in asked {
                let notice = self.reply(&request, &key).map_err(config)?;
                let domain = self.newsletter.from.address.domain().to_owned();
                store.answer(request, notice, domain, self.now()).await?;
            }
            if count < AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Answers and sends until `ended`; what is under way then is done first.
    pub async fn work(&self, ended: &Arc<Notify>) {
        let mut forgot: Option<Instant> = None;
        loop {
            let wait = match self.once().await {
                Ok(true) => GLANCE,
                Ok(false) => REST,
                Err(failure) => {
                    report::print(&failure.problems, Severity::Error);
                    REST
                }
            };
            if forgot.is_none_or(|then| then.elapsed() > HOUR) {
                let store = &self.messenger.store;
                if let Err(error) = store.forget_old_requests(self.now()).await {
                    tracing::error!(%error, "old requests cannot be forgotten");
                }
                forgot = Some(Instant::now());
            }
            tokio::select! {
                () = ended.notified() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// False where the mail server takes nothing now.
    async fn once(&self) -> Result<bool, Failure> {
        self.answer().await?;
        Ok(self.send(AT_ONCE).await?.stopped.is_none())
    }

    fn reply(&self, request: &Unanswered, key: &Key) -> Result<Option<Notice>, Problem> {
        let now = self.now();
        let (kind, path, subscriber) = match request.reply {
            Reply::Confirm => {
                let pass = Pass::good_for(TO_CONFIRM, Purpose::Confirm, request.id, now);
                ("confirm", format!("confirm/{}", pass.encode(key)), None)
            }
            Reply::Known(id) => {
                let pass = Pass::good_for(TO_CHOOSE, Purpose::Preferences, id.0, now);
                (
                    "known",
                    format!("preferences/{}", pass.encode(key)),
                    Some(id),
                )
            }
            Reply::Nothing => return Ok(None),
        };
        let message = Message {
            kind,
            language: &request.language,
            link: &self.address(&path),
            unsubscribe: subscriber.map(|id| self.way_out(id, key)),
            holes: &[],
        };
        Ok(Some(Notice {
            kind,
            occasion: format!("request {}", request.id),
            rcpt: request.email.clone(),
            subscriber,
            body: self.stationery().compose(&message, now)?,
            expires: now + EXPIRES,
        }))
    }

    /// By which a subscriber can leave, from a mail that is no issue.
    pub fn way_out(&self, subscriber: SubscriberId, key: &Key) -> String {
        let token = Token {
            subscriber,
            issue: None,
        };
        let settings = &self.context.config;
        let base = settings.serve.base(&settings.site.url);
        self.newsletter
            .unsubscribe_link(base, &token.encode(key, self.now()))
    }

    /// What mails are written on.
    pub fn stationery(&self) -> Stationery<'_> {
        Stationery {
            site: &self.context.config.site,
            newsletter: self.newsletter,
            templates: &self.templates,
        }
    }

    /// The address of a page of subscriptions.
    pub fn address(&self, path: &str) -> String {
        let settings = &self.context.config;
        format!("{}{path}", settings.serve.base(&settings.site.url))
    }

    fn now(&self) -> DateTime<Utc> {
        self.messenger.clock.now()
    }
}

/// They lie beside the folders of issues, not in them.
fn beside_issues(transport: Transport) -> Transport {
    match transport {
        Transport::Folder { path } => Transport::Folder {
            path: path.join("notices"),
        },
        other => other,
    }
}
