//! What every command is given, and how it speaks.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::exit::Exit;
use super::report::{self, Failure, Severity};
use crate::blog::identity::Identity;
use crate::blog::listing::Listing;
use crate::blog::lock::Lock;
use crate::blog::lock_file;
use crate::blog::source::Source;
use crate::blog::{Blog, Counts, Wanted};
use crate::clock::Clock;
use crate::config::Config;
use crate::problem::Problem;
use crate::publish::folder::{Access, Written, replace, write};

/// The settings, the time, and how much is to be said.
pub struct Context {
    pub config: Config,
    pub clock: Clock,
    pub quiet: bool,
    pub json: bool,
    warned: Mutex<Vec<Problem>>,
}

impl Context {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// With exit code 78 where they are wrong.
    pub fn load(path: &Path, clock: Clock, (quiet, json): (bool, bool)) -> Result<Self, Failure> {
        let config = Config::load(path).map_err(|problem| Failure::new(Exit::Config, problem))?;
        Ok(Self {
            config,
            clock,
            quiet,
            json,
            warned: Mutex::default(),
        })
    }

    /// A result: on standard output, as `value` in JSON where that is wanted, else as `text`.
    ///
    /// # Errors
    ///
    /// With exit code 74 where it cannot be written. Whoever reads no further
    /// (`| head`) has seen enough: that is none.
    pub fn say(&self, text: &str, value: &impl Serialize) -> Result<(), Failure> {
        let text = match (self.json, self.quiet) {
            (true, _) => serde_json::to_string(value).unwrap_or_default(),
            (false, true) => return Ok(()),
            (false, false) => text.trim_end().to_owned(),
        };
        print(&text)
    }

    /// Something that stops nothing, and that somebody should know.
    pub fn warn(&self, problems: &[Problem]) {
        let warned = self.warned.lock();
        warned
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(problems);
        if !self.quiet {
            report::print(problems, Severity::Warning);
        }
    }

    /// What was warned of, quiet or not.
    pub fn warned(&self) -> Vec<Problem> {
        let warned = self.warned.lock();
        warned.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The posts that are wanted, with their identities.
    ///
    /// # Errors
    ///
    /// With exit code 65 where posts cannot be read, unless `keep_going`: then
    /// the others are given back, and what is wrong stands in [`Blog::problems`].
    pub fn blog(&self, keep_going: bool, wanted: Wanted<'_>) -> Result<Blog, Failure> {
        self.told(self.read_blog(&self.clock, wanted)?, keep_going)
    }

    /// The same with another lock than that of the file.
    ///
    /// # Errors
    ///
    /// As [`Context::blog`].
    pub fn blog_with(
        &self,
        lock: Lock,
        keep_going: bool,
        wanted: Wanted<'_>,
    ) -> Result<Blog, Failure> {
        self.told(self.load_blog(lock, &self.clock, wanted)?, keep_going)
    }

    /// The same, of what was found to lie in the folder of `source`.
    ///
    /// # Errors
    ///
    /// As [`Context::blog`].
    pub fn blog_in(
        &self,
        (source, listing): (&Source, Listing),
        keep_going: bool,
        wanted: Wanted<'_>,
    ) -> Result<Blog, Failure> {
        let lock = self.lock()?;
        let now = self.clock.now();
        self.told(Blog::of(listing, lock, (source, now), wanted), keep_going)
    }

    fn told(&self, mut blog: Blog, keep_going: bool) -> Result<Blog, Failure> {
        self.warn(&blog.warnings);
        if blog.counts == Counts::default() && blog.withdrawn.is_empty() && blog.broken.is_empty() {
            let message = format!("there is no post in {}", self.config.posts().display());
            let help = "look at [blog] posts, include and exclude in config.toml; `courrier posts` says what each file was held for";
            self.warn(&[Problem::new(message, help)]);
        }
        let problems = blog.take_problems();
        if !keep_going && !problems.is_empty() {
            return Err(Failure {
                exit: Exit::BadPosts,
                problems,
            });
        }
        blog.problems = problems;
        Ok(blog)
    }

    /// The posts that are wanted as of `clock`, those that cannot be read among them.
    ///
    /// # Errors
    ///
    /// Where `courrier.lock` or the folder cannot be read.
    pub fn read_blog(&self, clock: &Clock, wanted: Wanted<'_>) -> Result<Blog, Failure> {
        self.load_blog(self.lock()?, clock, wanted)
    }

    fn load_blog(&self, lock: Lock, clock: &Clock, wanted: Wanted<'_>) -> Result<Blog, Failure> {
        Blog::load(&self.source()?, lock, clock.now(), wanted)
            .map_err(|problem| Failure::new(Exit::BadPosts, problem))
    }

    /// Where the posts are.
    ///
    /// # Errors
    ///
    /// With exit code 78 where there is no such folder, or the settings of the site's
    /// own program cannot be read.
    pub fn source(&self) -> Result<Source, Failure> {
        let folder = self.config.posts();
        if !folder.exists() {
            let message = format!("there is no folder {}", folder.display());
            let help = "set `posts` in [blog] to the folder that holds the posts";
            let problem = self
                .config
                .at_setting(Problem::new(message, help), "blog.posts");
            return Err(Failure::new(Exit::Config, problem));
        }
        self.config
            .blog()
            .map_err(|problem| Failure::new(Exit::Config, problem))
    }

    /// What is permanent about the blog; nothing where nothing was published yet.
    ///
    /// # Errors
    ///
    /// With exit code 65 where `courrier.lock` cannot be read.
    pub fn blog_identity(&self) -> Result<Option<Identity>, Failure> {
        Ok(self.lock()?.known_blog().cloned())
    }

    /// How many posts were ever known.
    ///
    /// # Errors
    ///
    /// With exit code 65 where `courrier.lock` cannot be read.
    pub fn known_posts(&self) -> Result<usize, Failure> {
        Ok(self.lock()?.len())
    }

    fn lock(&self) -> Result<Lock, Failure> {
        self.read_lock()
            .map_err(|problem| Failure::new(Exit::BadPosts, problem))
    }

    fn read_lock(&self) -> Result<Lock, Problem> {
        let path = self.config.lock_file();
        let unreadable = |error| {
            Problem::new(
                format!("cannot read {}: {error}", path.display()),
                "look at its owner and mode",
            )
        };
        let name = path.display().to_string();
        match std::fs::read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                lock_file::parse(&text).map_err(|error| error.problem(&name, &text))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(unreadable(error)),
        }
    }

    /// Writes `courrier.lock`: before anything that names its ids is published.
    ///
    /// # Errors
    ///
    /// With exit code 74 where it cannot be written.
    pub fn keep(&self, lock: &Lock) -> Result<(), Failure> {
        if !lock.is_changed() {
            return Ok(());
        }
        let path = self.config.lock_file();
        replace(&path, Access::Public, |file| lock_file::write(lock, file))
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))
    }

    /// The address of the file called `name` below the folder of feeds.
    pub fn address(&self, name: &str) -> String {
        format!("{}{name}", self.config.site.url)
    }

    /// Writes a file for others to read.
    ///
    /// # Errors
    ///
    /// With exit code 74 where it cannot be written.
    pub fn publish(&self, path: &Path, bytes: &[u8]) -> Result<Written, Failure> {
        write(path, bytes, Access::Public)
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))
    }
}

/// `1 post`, `2 posts`.
pub fn count(number: impl std::fmt::Display, noun: &str) -> String {
    let number = number.to_string();
    let end = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{end}")
}

/// `1 post is`, `2 posts are`.
pub fn are(posts: usize) -> String {
    let verb = if posts == 1 { "is" } else { "are" };
    format!("{} {verb}", count(posts, "post"))
}

/// A line on standard output.
///
/// # Errors
///
/// As [`Context::say`].
pub fn print(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::io("cannot write the result", &error))
        }
        _ => Ok(()),
    }
}
