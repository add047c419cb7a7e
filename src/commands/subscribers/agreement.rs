//! How somebody agreed, as the one says who writes it down.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::commands::context::Context;
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::language::Language;
use crate::problem::Problem;
use crate::subscriber::evidence::{Evidence, Way};
use crate::subscriber::sheet::terms::Ground;
use crate::subscriber::term::Basis;

/// Everything but the words.
#[derive(Debug, clap::Args)]
pub struct AgreementArgs {
    /// What the consent rests on: `express` (they said yes), or what implies it:
    /// `purchase`, `contract`, `donation`, `volunteering`, `meeting` or
    /// `membership` (two years), `inquiry` (six months)
    #[arg(long, value_name = "BASIS", value_parser = basis)]
    basis: Option<Claimed>,
    /// The day of the purchase, the inquiry and so on; of a contract or a
    /// membership the last day so far
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// By which way they agreed: `form`, `mail`, `import`, `paper`, `meeting`,
    /// `purchase`, `phone` or `other`
    #[arg(long, value_name = "WAY", value_parser = way)]
    way: Option<Way>,
    /// The day on which they agreed, where it is not today
    #[arg(long, value_name = "DAY")]
    on: Option<NaiveDate>,
    /// A file with the words that they read as they agreed
    #[arg(long, value_name = "FILE")]
    wording: Option<PathBuf>,
    /// The language of these words, where it is not the site's
    #[arg(long, value_name = "LANGUAGE", requires = "wording")]
    wording_language: Option<Language>,
    /// The page on which they agreed
    #[arg(long, value_name = "URL")]
    page: Option<String>,
    /// Who writes it down, where it is not the user of this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// What a consent is said to rest on.
#[derive(Debug, Clone, Copy)]
enum Claimed {
    Express,
    Implied(Basis),
}

impl AgreementArgs {
    /// What the consent rests on; nothing where nobody said.
    ///
    /// # Errors
    ///
    /// With exit code 64 where the day has not come, or is of no use.
    pub fn ground(&self, context: &Context) -> Result<Option<Ground>, Failure> {
        let usage = |what: &str, help: &str| Failure::new(Exit::Usage, Problem::new(what, help));
        let today = context.clock.now().date_naive();
        if self.since.is_some_and(|since| since > today) {
            let help =
                "give the day of the purchase, the inquiry, the last day of the contract so far";
            return Err(usage("the day of --since has not come", help));
        }
        match (self.basis, self.since) {
            (Some(Claimed::Implied(basis)), since) => Ok(Some(Ground::Implied(basis, since))),
            (_, Some(_)) => Err(usage(
                "--since tells when an implied consent began, and this one is express",
                "say what implies it, like --basis purchase; when they said yes tells --on",
            )),
            (Some(Claimed::Express), None) => Ok(Some(Ground::Express)),
            (None, None) => Ok(None),
        }
    }

    /// What can be shown of it, in these words.
    ///
    /// # Errors
    ///
    /// With exit code 64 where the file of the wording cannot be read.
    pub fn evidence(&self, words: &str, way: Way, context: &Context) -> Result<Evidence, Failure> {
        let given: Option<DateTime<Utc>> = self
            .on
            .map(|day| day.and_time(NaiveTime::default()).and_utc());
        let evidence = Evidence::new(self.way.unwrap_or(way), words)
            .given(given)
            .on_page(self.page.as_deref().unwrap_or_default())
            .entered_by(&self.writer());
        let Some(path) = &self.wording else {
            return Ok(evidence);
        };
        let shown = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot read {}: {error}", path.display());
            let help = "give the path of a text file in UTF-8";
            Failure::new(Exit::Usage, Problem::new(message, help))
        })?;
        let language = self.wording_language.clone();
        let language = language.unwrap_or_else(|| context.config.site.language.clone());
        Ok(evidence.shown(language, shown.trim()))
    }

    fn writer(&self) -> String {
        let user = || {
            let names = ["LOGNAME", "USER", "USERNAME"];
            names.iter().find_map(|name| std::env::var(name).ok())
        };
        self.by.clone().or_else(user).unwrap_or_default()
    }
}

fn basis(word: &str) -> Result<Claimed, String> {
    match word {
        "express" => Ok(Claimed::Express),
        "implied" => Err(format!("say what implies it: {}", bases())),
        _ => Basis::from_word(word)
            .map(Claimed::Implied)
            .ok_or_else(|| format!("write `express`, or what implies it: {}", bases())),
    }
}

fn bases() -> String {
    Basis::ALL.map(Basis::word).join(", ")
}

fn way(word: &str) -> Result<Way, String> {
    let all = || Way::ALL.map(Way::word).join(", ");
    Way::from_word(word).ok_or_else(|| format!("write one of: {}", all()))
}

/// Something to show when somebody asks.
pub fn words(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("say how and when they agreed")
    } else {
        Ok(text.to_owned())
    }
}
