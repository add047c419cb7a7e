//! The verbs of the command line; one file each, arguments and function together.

pub mod agendas;
pub mod alert_mail;
pub mod alert_memory;
pub mod alerts;
pub mod backup;
pub mod bounce_inbox;
pub mod bounces;
pub mod build;
pub mod built;
pub mod check;
pub mod city_sets;
pub mod complaints;
pub mod completions;
pub mod context;
pub mod course;
pub mod digest;
pub mod dkim;
pub mod doctor;
pub mod examples;
pub mod exit;
pub mod feed_files;
pub mod guard;
pub mod import_ids;
pub mod init;
pub mod installation;
pub mod issue_feed;
pub mod issue_files;
pub mod issue_pages;
pub mod judged;
pub mod key;
pub mod ledger;
pub mod lost_ids;
pub mod next_issue;
pub mod note;
pub mod note_order;
pub mod notices;
pub mod occasion;
pub mod only;
pub mod outgoing;
pub mod picture_lines;
pub mod pictures;
pub mod ping;
pub mod planning;
pub mod posts;
pub mod preview;
pub mod public_pages;
pub mod publish;
pub mod published_feed;
pub mod published_files;
pub mod published_place;
pub mod ready;
pub mod reconcile;
pub mod relays;
pub mod report;
pub mod resolve;
pub mod run;
pub mod samples;
pub mod send;
pub mod sent;
pub mod serve;
pub mod shown_in;
pub mod site_pages;
pub mod status;
pub mod status_figures;
pub mod status_page;
pub mod stop_signal;
pub mod store;
pub mod subscribers;
pub mod surroundings;
pub mod time_limit;
pub mod trial;
pub mod tried_links;
pub mod unchanged;
pub mod version;
pub mod watch;
pub mod work;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::clock::Clock;
use context::Context;
use exit::Exit;
use report::{Failure, Severity};

/// Turns a folder of posts into feeds and a newsletter
#[derive(Debug, Parser)]
#[command(name = "courrier", version, max_term_width = 80, after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub struct Courrier {
    /// The settings; relative paths in them are read from where they lie
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value = "config.toml",
        env = "COURRIER_CONFIG"
    )]
    config: PathBuf,
    /// Pretend that it is this time, like 2026-11-22T09:00:00Z
    #[arg(long, global = true, value_name = "TIME")]
    now: Option<DateTime<Utc>>,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Give results as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

const AFTER_HELP: &str = "\
Results go to standard output, messages to standard error. Set RUST_LOG=info to
follow each step.

Exit codes:
   0  done, or nothing to do
  64  the command line is wrong
  65  a post, a template, a feed or courrier.lock is wrong: each is named
  69  the mail server, a feed that is asked for, or the place to publish to
      cannot be reached
  74  the disk or the store failed
  75  something is left for the next run, or another run is at work
  76  the mail server refuses this sender or this issue, or the place to publish
      to refuses us: a person must look
  77  a guard wants a person's word
  78  config.toml is wrong, or the store may be an old one or a copy";

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::RunArgs),
    Build(build::BuildArgs),
    Check(check::CheckArgs),
    Ping(ping::PingArgs),
    Publish(publish::PublishArgs),
    Posts(posts::PostsArgs),
    Digest(digest::DigestArgs),
    Preview(preview::PreviewArgs),
    Send(send::SendArgs),
    Work(work::WorkArgs),
    Serve(serve::ServeArgs),
    Status(status::StatusArgs),
    #[command(subcommand)]
    Subscribers(subscribers::SubscribersArgs),
    #[command(subcommand)]
    Bounces(bounces::BouncesArgs),
    #[command(subcommand)]
    Dkim(dkim::DkimArgs),
    #[command(subcommand)]
    Key(key::KeyArgs),
    #[command(subcommand)]
    Ledger(ledger::LedgerArgs),
    Backup(backup::BackupArgs),
    #[command(subcommand)]
    Store(store::StoreArgs),
    Doctor(doctor::DoctorArgs),
    Init(init::InitArgs),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

/// The command line, with examples and what this build is.
pub fn command() -> clap::Command {
    examples::with_examples(Courrier::command()).long_version(version::LONG)
}

impl Courrier {
    /// What the command line of this process asks for.
    ///
    /// # Errors
    ///
    /// Where it is wrong, or asks for help.
    pub fn read() -> Result<Self, clap::Error> {
        Self::from_arg_matches(&command().try_get_matches()?)
    }

    /// What is logged where RUST_LOG does not say it, and whether in JSON: a server
    /// tells of each request.
    pub fn log(&self) -> (&'static str, bool) {
        match &self.verb {
            Verb::Serve(_) if self.quiet => ("error", true),
            Verb::Serve(_) => ("error,courrier=info", true),
            _ => ("error", false),
        }
    }

    /// Whether it answers others, many of them at once.
    pub fn is_server(&self) -> bool {
        matches!(self.verb, Verb::Serve(_) | Verb::Preview(_))
    }

    /// Does what the command line asks for, and says how it ended.
    pub async fn run(self) -> Exit {
        match self.dispatch().await {
            Ok(exit) => exit,
            Err(failure) => {
                report::print(&failure.problems, Severity::Error);
                failure.exit
            }
        }
    }

    async fn dispatch(self) -> Result<Exit, Failure> {
        if let Verb::Init(args) = &self.verb {
            return init::init(args, self.quiet);
        }
        match &self.verb {
            Verb::Completions(args) => return completions::completions(args, command()),
            Verb::Man(args) => return completions::man(args, command()),
            _ => {}
        }
        if let Verb::Check(args) = &self.verb
            && !args.is_about_own_posts()
        {
            let voice = args.voice((self.quiet, self.json));
            let now = Clock::new(self.now).now();
            return check::anywhere(args, now, voice).await;
        }
        let context = Context::load(&self.config, Clock::new(self.now), (self.quiet, self.json))?;
        match &self.verb {
            Verb::Run(args) => run::run(args, &context).await,
            Verb::Build(args) => build::build(args, &context).await,
            Verb::Check(args) => check::own(args, &context).await,
            Verb::Ping(args) => ping::ping(args, &context).await,
            Verb::Publish(args) => publish::publish(args, &context).await,
            Verb::Posts(args) => posts::posts(args, &context),
            Verb::Digest(args) => digest::digest(args, &context).await,
            Verb::Preview(args) => preview::preview(args, (&self.config, self.now), &context).await,
            Verb::Send(args) => send::send(args, &context).await,
            Verb::Work(args) => work::work(args, &context).await,
            Verb::Serve(args) => serve::serve(args, &context).await,
            Verb::Status(args) => status::status(args, &context).await,
            Verb::Subscribers(args) => subscribers::subscribers(args, &context).await,
            Verb::Bounces(args) => bounces::bounces(args, &context).await,
            Verb::Key(args) => key::key(args, &context).await,
            Verb::Dkim(args) => dkim::dkim(args, &context).await,
            Verb::Ledger(args) => ledger::ledger(args, &context).await,
            Verb::Backup(args) => backup::backup(args, &context).await,
            Verb::Store(args) => store::store(args, &context).await,
            Verb::Doctor(args) => doctor::doctor(args, &self.config, &context).await,
            Verb::Init(args) => init::init(args, self.quiet),
            Verb::Completions(args) => completions::completions(args, command()),
            Verb::Man(args) => completions::man(args, command()),
        }
    }
}
