//! Hears when a file changes that an issue is made of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::context::Context;
use crate::problem::Problem;

/// So long nothing more has to change: an editor may write a file in several steps.
const QUIET: Duration = Duration::from_millis(15);

/// Watches folders, and not files: an editor that saves by renaming would take
/// the file away from a watch.
pub struct Watch {
    watcher: RecommendedWatcher,
    heard: mpsc::UnboundedReceiver<PathBuf>,
    watched: BTreeSet<(PathBuf, bool)>,
    /// What courrier writes itself.
    own: Vec<PathBuf>,
}

impl Watch {
    /// Begins to hear of what `context` says that issues are made of.
    ///
    /// # Errors
    ///
    /// Where the system does not tell of files.
    pub fn begin(context: &Context) -> Result<Self, Problem> {
        let (tell, heard) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            for path in event
                .into_iter()
                .filter(is_change)
                .flat_map(|event| event.paths)
            {
                let _ = tell.send(path);
            }
        });
        let watcher = watcher.map_err(|error| {
            let help = "raise the system's limit of inotify instances, or end other programs that watch files";
            Problem::new(format!("cannot watch files: {error}"), help)
        })?;
        let mut watch = Self {
            watcher,
            heard,
            watched: BTreeSet::new(),
            own: vec![],
        };
        watch.follow(context);
        Ok(watch)
    }

    /// Watches where things lie by now.
    pub fn follow(&mut self, context: &Context) {
        let config = &context.config;
        self.own = vec![
            config.cache(),
            config.public(),
            config.outbox(),
            config.store(),
        ];
        let wanted: BTreeSet<(PathBuf, bool)> = [
            (config.home().to_owned(), false),
            (config.posts(), true),
            (config.templates(), true),
            (config.notes(), true),
        ]
        .into_iter()
        .filter(|(folder, _)| folder.is_dir())
        .collect();
        for (folder, _) in self.watched.difference(&wanted) {
            // A folder that is gone is watched no more.
            let _ = self.watcher.unwatch(folder);
        }
        for (folder, below) in wanted.difference(&self.watched) {
            let mode = match below {
                true => RecursiveMode::Recursive,
                false => RecursiveMode::NonRecursive,
            };
            // What cannot be watched is loaded again by hand.
            let _ = self.watcher.watch(folder, mode);
        }
        self.watched = wanted;
    }

    /// Waits until something has changed, and then until it has done so.
    pub async fn change(&mut self) {
        while let Some(path) = self.heard.recv().await {
            if !self.concerns(&path) {
                continue;
            }
            while tokio::time::timeout(QUIET, self.heard.recv())
                .await
                .is_ok_and(|more| more.is_some())
            {}
            return;
        }
    }

    /// Neither what courrier writes nor what editors keep beside a file.
    fn concerns(&self, path: &Path) -> bool {
        let is_own = |own: &PathBuf| {
            let name = own.display().to_string();
            path.starts_with(own) || path.display().to_string().starts_with(&format!("{name}-"))
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_aside = name.ends_with('~') || name.ends_with(".swp") || name == ".git";
        !is_aside && !self.own.iter().any(is_own)
    }
}

/// Reading a file is told of too, and would never end.
fn is_change(event: &notify::Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}
