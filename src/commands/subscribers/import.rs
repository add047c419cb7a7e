//! `courrier subscribers import`: a list of people, whole or not at all.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::agreement::{self, AgreementArgs};
use super::ahead::Ahead;
use super::bad_lines::{BadLines, is_same_file};
use crate::commands::city_sets::warn_of_unknown;
use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::intake::Imported;
use crate::subscriber::entry::Entry;
use crate::subscriber::evidence::Way;
use crate::subscriber::sheet::column::Mapping;
use crate::subscriber::sheet::encoding::Encoding;
use crate::subscriber::sheet::reader::{Reading, Sheet};
use crate::subscriber::sheet::terms::{Ground, SAY_HOW, Terms};

/// Add everybody in a list: all of them, or none where a line is wrong
///
/// The list is CSV, with commas, semicolons or tabs. Exports of Mailchimp, listmonk,
/// Substack, Ghost and Buttondown are known by their columns. In other lists: email,
/// name, language, cities (`Montreal; Ottawa`), consent (`express`, `form`, `implied
/// until 2027-01-31`, `withdrawn`; your own words only beside evidence), basis, since,
/// evidence and others: docs/consent.md. Nobody who left, bounced, complained or was
/// forgotten is brought back; who left or bounced there is not written to here.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The list
    file: PathBuf,
    /// How they all agreed, where the list does not say
    #[arg(long, visible_alias = "evidence", value_name = "EVIDENCE", value_parser = agreement::words)]
    consent: Option<String>,
    #[command(flatten)]
    agreement: AgreementArgs,
    /// What a column tells, where its name does not say: `Courriel=email`; may be
    /// given several times
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    mappings: Vec<Mapping>,
    /// How letters are written, where it is not found out rightly: `utf-8`,
    /// `utf-16le`, `utf-16be` or `windows-1252`
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<Encoding>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the good lines, and put the bad ones into a file to be mended
    #[arg(long, value_name = "FILE")]
    skip_bad: Option<PathBuf>,
}

/// What is read, how, and where its bad lines go.
#[derive(Clone)]
struct Source {
    file: PathBuf,
    reading: Reading,
    terms: Terms,
    kept: Option<PathBuf>,
    bad: Arc<Mutex<BadLines>>,
    /// Every city that somebody cares for.
    cities: Arc<Mutex<BTreeSet<String>>>,
}

/// As many cities are compared with those of the meetups.
const CITIES: usize = 1_000;

/// The good lines of a list.
struct Good {
    sheet: Sheet,
    bad: Arc<Mutex<BadLines>>,
    cities: Arc<Mutex<BTreeSet<String>>>,
}

fn encoding(word: &str) -> Result<Encoding, &'static str> {
    Encoding::from_word(word).ok_or("write utf-8, utf-16le, utf-16be or windows-1252")
}

pub async fn import(args: &ImportArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    let reading = Reading {
        name: args.file.display().to_string(),
        encoding: args.encoding,
        mappings: args.mappings.clone(),
    };
    let terms = args.terms(context)?;
    args.keep_the_list()?;
    let sheet = open(&args.file, &reading, &terms)?;
    look(&sheet, &reading, &terms, context)?;
    let service = sheet.columns().service.name();
    let kept = args.skip_bad.clone().filter(|_| !args.dry_run);
    let bad = BadLines::new(&reading.name, sheet.headers(), None);
    let source = Source {
        file: args.file.clone(),
        reading,
        terms,
        kept,
        bad: Arc::new(Mutex::new(bad.map_err(|error| unwritten(&error))?)),
        cities: Arc::default(),
    };
    let (opened, judged) = (source.clone(), source.clone());
    let (dry_run, skip_bad) = (args.dry_run, args.skip_bad.is_some());
    let imported = store
        .import_subscribers(
            move || opened.open(),
            move || judged.is_sound(skip_bad) && !dry_run,
            context.clock.now(),
        )
        .await?;
    let count = settle(&mut source.bad(), args, context)?;
    let cities = std::mem::take(&mut *source.cities.lock().unwrap_or_else(PoisonError::into_inner));
    warn_of_unknown(&cities.into_iter().collect::<Vec<_>>(), context);
    args.tell((&imported, service), count, context)?;
    Ok(Exit::Done)
}

/// What became of the bad lines; how many there were.
fn settle(bad: &mut BadLines, args: &ImportArgs, context: &Context) -> Result<u64, Failure> {
    if let Some(error) = bad.unwritten.take() {
        return Err(unwritten(&error));
    }
    let problems = std::mem::take(&mut bad.problems);
    if bad.count > 0 && (args.skip_bad.is_none() || bad.is_cut_short) {
        return Err(Failure {
            exit: Exit::BadPosts,
            problems,
        });
    }
    if bad.count > 0 {
        context.warn(&problems);
    }
    Ok(bad.count)
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::io("cannot write the bad lines", error)
}

impl Source {
    fn bad(&self) -> MutexGuard<'_, BadLines> {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list from its first line on; what was found bad before is found again.
    fn open(&self) -> io::Result<Ahead<Entry>> {
        let sheet = open(&self.file, &self.reading, &self.terms).map_err(|failure| {
            let what = failure.problems.into_iter().map(|problem| problem.message);
            io::Error::other(what.collect::<String>())
        })?;
        let (name, headers) = (&self.reading.name, sheet.headers());
        *self.bad() = BadLines::new(name, headers, self.kept.as_deref())?;
        let bad = self.bad.clone();
        let cities = self.cities.clone();
        Ahead::of(Good { sheet, bad, cities })
    }

    /// Whether the list, read to its end, may be kept.
    fn is_sound(&self, skip_bad: bool) -> bool {
        let mut bad = self.bad();
        bad.finish();
        let is_sound = bad.count == 0 || (skip_bad && !bad.is_cut_short);
        is_sound && bad.unwritten.is_none()
    }
}

impl ImportArgs {
    /// Refuses to put the bad lines of a list in its place.
    fn keep_the_list(&self) -> Result<(), Failure> {
        let is_list = |kept: &PathBuf| is_same_file(kept, &self.file);
        if self.skip_bad.as_ref().is_some_and(is_list) {
            let message = format!("{} is the list itself", self.file.display());
            let help = "give another file to --skip-bad: the bad lines would take the place of all";
            return Err(Failure::new(Exit::Usage, Problem::new(message, help)));
        }
        Ok(())
    }

    /// What is said of all whose line says nothing.
    fn terms(&self, context: &Context) -> Result<Terms, Failure> {
        let ground = self.agreement.ground(context)?;
        if ground.is_some() && self.consent.is_none() {
            let help = "say how and when they agreed: --evidence \"bought a ticket in our shop\"";
            let problem = Problem::new("a --basis without its evidence proves nothing", help);
            return Err(Failure::new(Exit::Usage, problem));
        }
        let words = self.consent.as_deref().unwrap_or("import");
        Ok(Terms {
            ground: ground.or(self.consent.as_ref().map(|_| Ground::Express)),
            evidence: self.agreement.evidence(words, Way::Import, context)?,
            today: context.clock.now().date_naive(),
        })
    }

    fn tell(
        &self,
        (imported, service): (&Imported, Option<&str>),
        bad: u64,
        context: &Context,
    ) -> Result<(), Failure> {
        let mut text = summary(imported);
        if self.dry_run {
            text = format!("nothing was done; it would be: {text}");
        }
        if let Some(service) = service {
            text = format!("a list of {service}: {text}");
        }
        for email in &imported.left_named {
            text.push_str("\n  ");
            text.push_str(email);
        }
        if let (1.., Some(kept)) = (bad, &self.skip_bad) {
            let kept = kept.display();
            text.push_str(&format!(
                "\n{bad} not taken: mend them in {kept}, and import that"
            ));
        }
        let mut value = json!(imported);
        value["bad"] = bad.into();
        value["dry_run"] = self.dry_run.into();
        value["service"] = service.into();
        context.say(&text, &value)
    }
}

fn summary(imported: &Imported) -> String {
    let parts = [
        (imported.renewed, "agreed anew"),
        (imported.withdrawn, "left now"),
        (imported.suppressed, "are not written to any more"),
        (imported.paused, "want nothing for a while"),
        (imported.left, "left earlier and were not brought back"),
    ];
    let rest: String = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let (added, known) = (imported.added, imported.known);
    let were = if known == 1 { "was" } else { "were" };
    format!("{added} added, {known} {were} subscribed already{rest}")
}

fn open(path: &Path, reading: &Reading, terms: &Terms) -> Result<Sheet, Failure> {
    let file = File::open(path).map_err(|error| {
        let message = format!("cannot open {}: {error}", reading.name);
        let problem = Problem::new(message, "give the path of a CSV file");
        Failure::new(Exit::Usage, problem)
    })?;
    let sheet = Sheet::open(file, reading, terms.clone());
    sheet.map_err(|problem| Failure::new(Exit::BadPosts, problem))
}

/// Says what a person should know before a million lines say the same.
fn look(sheet: &Sheet, reading: &Reading, terms: &Terms, context: &Context) -> Result<(), Failure> {
    let name = &reading.name;
    if terms.ground.is_none() && !sheet.columns().tell_of_consent() {
        let message =
            format!("{name}: nothing in it says that these people agreed to be written to");
        return Err(Failure::new(Exit::BadPosts, Problem::new(message, SAY_HOW)));
    }
    let unread = sheet.unread();
    if !unread.is_empty() {
        let message = format!("{name}: not read: {}", unread.join(", "));
        let help = "nothing is to be done; --map \"COLUMN=FIELD\" says what a column tells";
        context.warn(&[Problem::new(message, help)]);
    }
    if sheet.encoding() == Encoding::Windows1252 && reading.encoding.is_none() {
        let message = format!("{name} is not in UTF-8, and was read as windows-1252");
        let help = "look whether the names are right; --encoding says another one";
        context.warn(&[Problem::new(message, help)]);
    }
    Ok(())
}

impl Iterator for Good {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            match self.sheet.next()? {
                Ok(entry) => {
                    let mut cities = self.cities.lock().unwrap_or_else(PoisonError::into_inner);
                    if cities.len() < CITIES {
                        cities.extend(entry.profile.cities.iter().cloned());
                    }
                    return Some(entry);
                }
                Err(line) => {
                    let mut bad = self.bad.lock().unwrap_or_else(PoisonError::into_inner);
                    bad.add(&line);
                }
            }
        }
    }
}
