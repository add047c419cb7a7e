//! What `courrier doctor` sees on this machine.

use std::path::{Path, PathBuf};

use super::context::{Context, count};
use super::judged::of_next_issue;
use super::ready;
use super::report::Failure;
use crate::blog::Wanted;
use crate::check::finding::Severity;
use crate::check::installation::files::{self, Readers};
use crate::check::installation::machine;
use crate::check::installation::point::{Area, Point};
use crate::config::newsletter::{Newsletter, TransportKind};
use crate::mail::sendmail;
use crate::problem::Problem;
use crate::store::health::{Health, health};
use crate::templates::files::{Templates, is_known};
use crate::templates::words::Words;

/// What lies beside the database, each as private as it is.
const BESIDE: [&str; 6] = ["", "-wal", "-shm", ".epoch", ".sent.log", ".left.log"];

/// The modes of the settings, of secrets and of the store.
pub fn modes(path: &Path, context: &Context) -> Vec<Point> {
    let settings = &context.config;
    let mut points: Vec<Point> = files::mode(path, Readers::Anybody).into_iter().collect();
    points.extend(files::folder(settings.home()));
    let store = settings.store();
    for end in BESIDE {
        let mut name = store.as_os_str().to_owned();
        name.push(end);
        points.extend(files::mode(&PathBuf::from(name), Readers::Nobody));
    }
    let keys = settings.dkim.files(settings.home());
    for (selector, file) in keys {
        points.push(files::mode(&file, Readers::Nobody).unwrap_or_else(|| {
            let help = "`courrier dkim new` makes a key; or take the line out of [dkim.keys]";
            Area::Files.wrong(
                format!("dkim {selector}"),
                format!("{} is not there", file.display()),
                help,
            )
        }));
    }
    for relay in settings.smtp.iter().flat_map(|smtp| smtp.relays()) {
        points.extend(relay.login(settings.home()).err().map(|problem| {
            Area::Files.wrong(
                format!("secret of {}", relay.host),
                problem.message,
                problem.help.unwrap_or_default(),
            )
        }));
    }
    points
}

/// The database, and whether it is the one that sends; what it knows of the time.
pub async fn store(context: &Context) -> (Vec<Point>, Option<Health>) {
    let place = match context.config.store_place() {
        Ok(place) => place,
        Err(problem) => return (vec![wrong_store("[store]", problem)], None),
    };
    let name = place.shown();
    let health = match health(&place).map_err(Failure::from) {
        Ok(Some(health)) => health,
        Ok(None) => {
            let said = "there is none yet; the first command that needs it makes it";
            return (vec![Area::Store.right(name, said)], None);
        }
        Err(failure) => {
            let problems = failure.problems.into_iter();
            return (problems.map(|it| wrong_store(&name, it)).collect(), None);
        }
    };
    let sound = match &place.server {
        None => "it is sound, and has",
        Some(_) => "it answers, and has",
    };
    let said = format!("{sound} {}", count(health.subscribers, "subscriber"));
    let points = vec![Area::Store.right(&name, said), identity(context).await];
    (points, Some(health))
}

fn wrong_store(name: &str, problem: Problem) -> Point {
    let (said, help) = (problem.message, problem.help.unwrap_or_default());
    Area::Store.wrong(name, said, help)
}

/// Whether the store is the one that sends, or a copy of it.
async fn identity(context: &Context) -> Point {
    let doubts = match ready::store(context) {
        Ok(store) => store
            .doubts(context.config.store_moves())
            .await
            .map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match doubts {
        Ok(doubts) => match doubts.first() {
            None => Area::Store.right("identity", "it is the one that sends"),
            Some(doubt) => {
                let help =
                    "nothing is sent until `courrier ledger reconcile` says which one is real";
                Area::Store.wrong("identity", doubt.to_string(), help)
            }
        },
        Err(failure) => {
            let problem = failure.problems.into_iter().next();
            let problem =
                problem.unwrap_or_else(|| Problem::new("it cannot be opened", "look at its owner"));
            wrong_store("identity", problem)
        }
    }
}

/// The clock and the disks.
pub async fn machine(health: Option<&Health>, context: &Context) -> Vec<Point> {
    let newest = health.and_then(|health| health.newest);
    let mut points = vec![
        machine::clock(context.clock.now(), newest),
        machine::time_service().await,
    ];
    points.extend(machine::disk("the store", &context.config.store()));
    points.extend(machine::disk("the feeds", &context.config.public()));
    points
}

/// Whether every post can be read.
pub fn posts(context: &Context) -> Point {
    let folder = context.config.posts().display().to_string();
    let help = "`courrier check` names each, with the line";
    match context.read_blog(&context.clock, Wanted::All) {
        Ok(blog) if !blog.broken.is_empty() => {
            let said = format!("{} cannot be read", count(blog.broken.len(), "file"));
            Area::Posts.wrong(folder, said, help)
        }
        Ok(blog) if blog.posts.is_empty() => {
            let help = "`courrier posts` says what each file was held for";
            Area::Posts.warning(folder, "there is no post that readers may see", help)
        }
        Ok(blog) => {
            let said = format!("{} can be read", count(blog.posts.len(), "post"));
            Area::Posts.right(folder, said)
        }
        Err(failure) => {
            let said = failure.problems.first().map(|problem| problem.one_line());
            Area::Posts.wrong(folder, said.unwrap_or_default(), help)
        }
    }
}

/// Whether every template and file of words can be read and used.
pub fn templates(context: &Context) -> Vec<Point> {
    let folder = context.config.templates();
    let name = folder.display().to_string();
    let mut points: Vec<Point> = unknown_templates(&folder);
    let own = Templates::new(&folder);
    let languages = own.languages();
    let words = languages.iter().filter_map(|tag| tag.parse().ok());
    let words = words.filter_map(|language| Words::load(&own, &language).err());
    let problems: Vec<_> = own.problems().into_iter().chain(words).collect();
    let unspoken = Words::missing(&own, &context.config.site.language).map(|problem| {
        Area::Templates.warning("words", problem.message, problem.help.unwrap_or_default())
    });
    points.extend(unspoken);
    points.push(match problems.first() {
        None => {
            let said = format!("they can be read, with words in {}", languages.join(", "));
            Area::Templates.right(name, said)
        }
        Some(problem) => {
            let help = problem.help.clone().unwrap_or_default();
            Area::Templates.wrong(name, problem.one_line(), help)
        }
    });
    points
}

/// Files in the folder of templates that take the place of none.
fn unknown_templates(folder: &Path) -> Vec<Point> {
    let files = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build();
    let files = files.flatten().filter(|entry| entry.path().is_file());
    let names = files.filter_map(|entry| {
        Some(
            entry
                .path()
                .strip_prefix(folder)
                .ok()?
                .display()
                .to_string(),
        )
    });
    names
        .filter(|name| !is_known(name) && !name.starts_with("preview/"))
        .map(|name| {
            let help = "a file of your own has to be included by one that is known; `courrier init DIR --templates` shows the names";
            Area::Templates.warning(name, "it takes the place of no template", help)
        })
        .collect()
}

/// Whether the newsletter is ready for people: law, links and signatures.
pub fn newsletter(newsletter: &Newsletter, context: &Context) -> Vec<Point> {
    vec![
        sender(newsletter),
        transport(newsletter, context),
        unsubscribe(newsletter, context),
        signature(context),
        bounces(newsletter, context),
    ]
}

/// What the law asks of every mail (CASL, SOR/2012-36 s. 2).
fn sender(newsletter: &Newsletter) -> Point {
    const NAME: &str = "sender";
    let sender = &newsletter.sender;
    let address = sender.address.replace('\n', ", ");
    if address.contains("100 Example Street") {
        let help = "set [newsletter.sender] to where you are: CASL asks it of every mail";
        return Area::Newsletter.wrong(NAME, "the mailing address is the example's", help);
    }
    let said = format!(
        "each mail names {}, {address}, {}",
        sender.name, sender.contact
    );
    Area::Newsletter.right(NAME, said)
}

fn transport(newsletter: &Newsletter, context: &Context) -> Point {
    const NAME: &str = "transport";
    let area = Area::Newsletter;
    let command = &context.config.sendmail.command;
    match newsletter.transport {
        TransportKind::Folder => {
            let said = "mails become files in outbox/, and nobody is written to";
            area.warning(
                NAME,
                said,
                "set transport = \"smtp\" once all else is right",
            )
        }
        TransportKind::Smtp => area.right(NAME, "mail leaves by SMTP"),
        TransportKind::Sendmail => match sendmail::find(command) {
            Ok(()) => area.right(NAME, format!("mail leaves by {}", command.display())),
            Err(trouble) => {
                let help = "set [sendmail] command to a program that is there";
                area.wrong(NAME, trouble.to_string(), help)
            }
        },
    }
}

fn unsubscribe(newsletter: &Newsletter, context: &Context) -> Point {
    const NAME: &str = "unsubscribe";
    let nobody = "nothing says that somebody answers the links";
    let help = "set [newsletter] unsubscribe to the address that does, with `:token` in it";
    let (serve, site) = (&context.config.serve, &context.config.site.url);
    let is_answered = newsletter.unsubscribe.is_some() || serve.has_url();
    match (is_answered, newsletter.transport) {
        (false, TransportKind::Folder) => Area::Newsletter.warning(NAME, nobody, help),
        (false, _) => Area::Newsletter.wrong(NAME, nobody, help),
        (true, _) => {
            let link = newsletter.unsubscribe_link(serve.base(site), ":token");
            Area::Newsletter.right(NAME, link)
        }
    }
}

fn bounces(newsletter: &Newsletter, context: &Context) -> Point {
    const NAME: &str = "bounces";
    let area = Area::Newsletter;
    match &newsletter.bounces {
        None => {
            let help = "set [newsletter] bounces to a mailbox that `courrier bounces read` reads";
            area.warning(NAME, "what comes back goes to `from`, and says less", help)
        }
        Some(_) if context.config.bounce_mailbox().is_none() => {
            let help = "set [bounces] mailbox, and let cron run `courrier bounces read`";
            area.warning(NAME, "nobody reads what comes back", help)
        }
        Some(address) => area.right(NAME, format!("they come back to {address}")),
    }
}

fn signature(context: &Context) -> Point {
    let area = Area::Newsletter;
    let dkim = &context.config.dkim;
    let keys = dkim.files(context.config.home()).count();
    if keys > 0 {
        let said = format!(
            "{} signs each mail, List-Unsubscribe and List-Unsubscribe-Post too",
            count(keys, "key")
        );
        return area.right("signature", said);
    }
    if dkim.relay_signs {
        let help = "send one with `courrier send --test ADDRESS`: its signature has to name List-Unsubscribe and List-Unsubscribe-Post (RFC 8058 §4)";
        return area.unknown("signature", "the mail server is said to sign", help);
    }
    let help = "`courrier dkim new SELECTOR` makes a key; or set relay_signs = true in [dkim]";
    area.wrong(
        "signature",
        "nothing signs the mails, and Gmail, Yahoo and Microsoft refuse such",
        help,
    )
}

/// The mails of the next issue, by the rules of `courrier check --mail`.
pub async fn next_issue(context: &Context) -> Point {
    let (area, name) = (Area::Newsletter, "next issue");
    let help = "`courrier check --mail` says which, where, and how to mend it";
    match of_next_issue(context).await {
        Err(failure) => {
            let said = failure.problems.first().map(|problem| problem.one_line());
            area.wrong(name, said.unwrap_or_default(), help)
        }
        Ok(findings) => {
            let errors = findings
                .iter()
                .filter(|finding| finding.about.severity == Severity::Error);
            match (errors.count(), findings.len()) {
                (0, 0) => area.right(name, "its mails break no rule"),
                (0, warnings) => area.warning(
                    name,
                    format!("{} about its mails", count(warnings, "warning")),
                    help,
                ),
                (errors, _) => area.wrong(
                    name,
                    format!("{} in its mails", count(errors, "error")),
                    help,
                ),
            }
        }
    }
}
