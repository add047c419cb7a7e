//! `courrier dkim`: the keys that sign, and what the DNS has to say of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Exit;
use super::next_issue::config;
use super::report::Failure;
use crate::config::dkim::Selector;
use crate::dns::{Dns, DnsError};
use crate::mail::dkim::{Algorithm, PrivateKey, Record, Signer};
use crate::problem::Problem;
use crate::publish::folder::{Access, replace};

/// Where new keys are put.
const KEYS: &str = "dkim";

/// Make DKIM keys, and show what the DNS has to say of them
#[derive(Debug, clap::Subcommand)]
pub enum DkimArgs {
    New(NewArgs),
    /// Show the DNS records of the keys in config.toml, and of new ones in dkim/
    Records,
    Check(CheckArgs),
}

/// Make a key, and show its DNS record and its line for config.toml
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// The name of the key in the DNS, like letter2026; a new one for each key
    selector: Selector,
    /// What every receiver knows (rsa), or what is fast and short (ed25519); best both
    #[arg(long, value_enum, default_value = "rsa")]
    algorithm: Kind,
}

/// Compare what the DNS has with the key
///
/// Asks the DNS, where the record is not given.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The name of the key
    selector: Selector,
    /// The text of the TXT record, or `-` for standard input
    #[arg(long, value_name = "TEXT")]
    record: Option<String>,
    /// The name server to ask, instead of the system's
    #[arg(long, value_name = "IP:PORT", conflicts_with = "record")]
    resolver: Option<SocketAddr>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    Rsa,
    Ed25519,
}

pub async fn dkim(args: &DkimArgs, context: &Context) -> Result<Exit, Failure> {
    match args {
        DkimArgs::New(args) => new(args, context),
        DkimArgs::Records => records(context),
        DkimArgs::Check(args) => check(args, context).await,
    }
}

/// What signs the newsletter's mail, where `[dkim]` has keys.
///
/// # Errors
///
/// With exit code 78 where a key cannot be read, or is none.
pub fn signer(context: &Context) -> Result<Option<Signer>, Failure> {
    let settings = &context.config.dkim;
    if !settings.signs() {
        return Ok(None);
    }
    let from = &context.config.newsletter().map_err(config)?.from.address;
    let mut keys = vec![];
    for (selector, file, pem) in settings.read(context.config.home()).map_err(config)? {
        let key = PrivateKey::from_pem(pem.as_bytes()).map_err(|error| {
            let message = format!("{} does not sign: {error}", file.display());
            config(Problem::new(
                message,
                "`courrier dkim new SELECTOR` makes a key",
            ))
        })?;
        keys.push((selector, key));
    }
    let domain = settings.domain(from).to_owned();
    Ok(Some(Signer::new(domain, keys)))
}

fn new(args: &NewArgs, context: &Context) -> Result<Exit, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let domain = context.config.dkim.domain(&newsletter.from.address);
    let selector = args.selector.as_str();
    let name = format!("{KEYS}/{selector}.pem");
    let file = context.config.path(Path::new(&name));
    if file.exists() {
        let message = format!("there is a key already, {}", file.display());
        let help = "`courrier dkim records` shows its record; give a new key another name: mail that is under way needs the old one";
        return Err(Failure::new(Exit::Usage, Problem::new(message, help)));
    }
    let algorithm = match args.algorithm {
        Kind::Rsa => Algorithm::Rsa,
        Kind::Ed25519 => Algorithm::Ed25519,
    };
    let made = PrivateKey::generate(algorithm)
        .and_then(|pem| Ok((PrivateKey::from_pem(pem.as_bytes())?, pem)));
    let (key, pem) = made.map_err(|error| {
        Failure::new(
            Exit::Storage,
            Problem::new(format!("cannot make a key: {error}"), "try again"),
        )
    })?;
    replace(&file, Access::Private, |out| out.write_all(pem.as_bytes()))
        .map_err(|error| Failure::io(format!("cannot write {}", file.display()), &error))?;
    let record = key.record(selector, domain);
    let text = format!(
        "The key is in {}. Put this into the DNS:\n\n{}\n\nand, once it is there, this into config.toml:\n\n[dkim.keys]\n{selector} = \"{name}\"\n",
        file.display(),
        record.zone_line()
    );
    context.say(&text, &record)?;
    Ok(Exit::Done)
}

fn records(context: &Context) -> Result<Exit, Failure> {
    let records = all_records(context)?;
    let text: Vec<String> = records.iter().map(Record::zone_line).collect();
    context.say(&text.join("\n"), &records)?;
    Ok(Exit::Done)
}

/// Those of the keys that sign, and of those that wait for their line in config.toml.
fn all_records(context: &Context) -> Result<Vec<Record>, Failure> {
    let signer = signer(context)?;
    let mut records = signer.as_ref().map_or_else(Vec::new, Signer::records);
    let waiting = waiting(context)?;
    records.extend(waiting.into_iter().filter(|record| {
        let is_new = |known: &Record| known.name != record.name;
        signer
            .iter()
            .flat_map(Signer::records)
            .all(|known| is_new(&known))
    }));
    if records.is_empty() {
        let message = "config.toml has no [dkim.keys], so nothing is signed";
        let help = "`courrier dkim new SELECTOR` makes a key";
        return Err(config(Problem::new(message, help)));
    }
    Ok(records)
}

/// The records of the keys that `courrier dkim new` made.
fn waiting(context: &Context) -> Result<Vec<Record>, Failure> {
    let newsletter = context.config.newsletter().map_err(config)?;
    let domain = context.config.dkim.domain(&newsletter.from.address);
    let Ok(folder) = std::fs::read_dir(context.config.path(Path::new(KEYS))) else {
        return Ok(vec![]);
    };
    let mut files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let record = |file: &PathBuf| {
        let selector: Selector = file
            .file_name()?
            .to_str()?
            .strip_suffix(".pem")?
            .parse()
            .ok()?;
        let pem = std::fs::read(file).ok()?;
        let key = PrivateKey::from_pem(&pem).ok()?;
        Some(key.record(selector.as_str(), domain))
    };
    Ok(files.iter().filter_map(record).collect())
}

async fn check(args: &CheckArgs, context: &Context) -> Result<Exit, Failure> {
    let records = all_records(context)?;
    let own = format!("{}._domainkey.", args.selector.as_str());
    let record = records.iter().find(|record| record.name.starts_with(&own));
    let record = record.ok_or_else(|| {
        let message = format!("there is no key {}", args.selector.as_str());
        let help = "`courrier dkim records` shows the keys that there are";
        Failure::new(Exit::Usage, Problem::new(message, help))
    })?;
    let published = published(args, &record.name, context).await?;
    let wrong = match published.is_empty() {
        true => Some("there is none"),
        false => record.differs_from(&published),
    };
    match wrong {
        None => {
            let text = format!("{} holds this key", record.name);
            context.say(&text, record)?;
            Ok(Exit::Done)
        }
        Some(wrong) => {
            let message = format!("the DNS record {} is wrong: {wrong}", record.name);
            let help = format!("it has to be\n{}", record.zone_line());
            Err(Failure::new(Exit::Guard, Problem::new(message, help)))
        }
    }
}

/// The text of the record `name`: as given, or as the DNS has it.
async fn published(args: &CheckArgs, name: &str, context: &Context) -> Result<String, Failure> {
    match args.record.as_deref() {
        Some("-") => std::io::read_to_string(std::io::stdin())
            .map(|text| joined(&text))
            .map_err(|error| Failure::io("cannot read the record", &error)),
        Some(text) => Ok(joined(text)),
        None => in_the_dns(args, name, context).await,
    }
}

async fn in_the_dns(args: &CheckArgs, name: &str, context: &Context) -> Result<String, Failure> {
    let unanswered = |error: DnsError| {
        let help = "look whether the name servers answer; another one: --resolver IP:PORT";
        Failure::new(Exit::Unreachable, Problem::new(error.to_string(), help))
    };
    let server = args.resolver.or(context.config.doctor.resolver);
    let dns = Dns::new(server).map_err(unanswered)?;
    let texts = dns.texts(name).await.map_err(unanswered)?;
    Ok(texts.into_iter().next().unwrap_or_default())
}

/// The strings of a TXT record, as `dig` and zone files write them, in one.
fn joined(text: &str) -> String {
    if text.contains('"') {
        text.split('"').skip(1).step_by(2).collect()
    } else {
        text.trim().to_owned()
    }
}
