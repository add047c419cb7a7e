//! Which posts the next issue holds, and why.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::note::{Note, Wish};
use crate::blog::post::Post;
use crate::config::contents::Order;
use crate::issue::IssueNumber;
use crate::problem::Problem;

/// What decides: posts that no issue announced, published on `since` or later.
///
/// A post that was merged late is in, however old the last issue is; one that is
/// older than the newsletter never is.
#[derive(Debug)]
pub struct Rules<'a> {
    /// Permanent ids and the issue that announced them.
    pub announced: &'a HashMap<String, IssueNumber>,
    /// When each issue was planned.
    pub planned: &'a HashMap<u32, DateTime<Utc>>,
    /// Posts that changed since, at most.
    pub updated: usize,
    pub since: NaiveDate,
    /// Where a day begins.
    pub zone: Tz,
}

/// Whether a post is in the next issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    New,
    Announced(IssueNumber),
    /// An issue announced it, and it changed since: it is in, as such.
    Updated(IssueNumber),
    /// The same, but there is room for so many only, and other changes are newer.
    UpdateWaits(IssueNumber, usize),
    TooOld(NaiveDate),
    /// There is room for so many posts, and older ones come first.
    Waits(NonZeroUsize),
    /// The editor's note keeps it for a later issue.
    Held,
    /// Its front matter says that no issue is to hold it.
    KeptOut,
}

/// Days before the first issue from which posts are new, where no day is configured.
const FIRST_ISSUE_LOOKS_BACK: TimeDelta = TimeDelta::days(31);

impl Rules<'_> {
    pub fn judge(&self, post: &Post) -> Verdict {
        let day = post.published.with_timezone(&self.zone).date_naive();
        match self.announced.get(post.id.as_str()) {
            Some(issue) if self.is_updated(post, *issue) => Verdict::Updated(*issue),
            Some(issue) => Verdict::Announced(*issue),
            None if !post.is_for_issues => Verdict::KeptOut,
            None if day < self.since => Verdict::TooOld(self.since),
            None => Verdict::New,
        }
    }

    /// Whether it changed after `issue` announced it.
    fn is_updated(&self, post: &Post, issue: IssueNumber) -> bool {
        let planned = self.planned.get(&issue.get());
        let is_later = planned.is_some_and(|planned| post.updated > *planned);
        is_later && post.is_for_issues && self.updated > 0
    }
}

impl Verdict {
    pub fn is_in(self) -> bool {
        matches!(self, Self::New | Self::Updated(_))
    }
}

/// Lets the newest of `verdicts` wait, which stand newest first, where more than `most` are new.
pub fn make_room<P>(verdicts: &mut [(P, Verdict)], most: Option<NonZeroUsize>) {
    let Some(most) = most else { return };
    let new = verdicts
        .iter_mut()
        .rev()
        .filter(|(_, verdict)| *verdict == Verdict::New);
    for (_, verdict) in new.skip(most.get()) {
        *verdict = Verdict::Waits(most);
    }
}

/// Lets the older changes of `verdicts` wait, where more than `most` posts changed.
pub fn make_room_for_updates(verdicts: &mut [(&Post, Verdict)], most: usize) {
    let changed = verdicts.iter_mut();
    let mut changed: Vec<_> = changed
        .filter(|(_, verdict)| matches!(verdict, Verdict::Updated(_)))
        .collect();
    changed.sort_by_key(|(post, _)| std::cmp::Reverse(post.updated));
    for (_, verdict) in changed.into_iter().skip(most) {
        if let Verdict::Updated(issue) = *verdict {
            *verdict = Verdict::UpdateWaits(issue, most);
        }
    }
}

/// Puts the posts that are in, which stand newest first, into their order; the others
/// stay behind them.
pub fn arrange(verdicts: &mut [(&Post, Verdict)], order: Order) {
    verdicts.sort_by_key(|(_, verdict)| !verdict.is_in());
    let count = verdicts.partition_point(|(_, verdict)| verdict.is_in());
    match order {
        Order::Newest => {}
        Order::Oldest => verdicts[..count].reverse(),
        Order::Title => verdicts[..count].sort_by_key(|(post, _)| post.title.to_lowercase()),
    }
}

/// Follows the editor's `note`: held posts wait, pinned ones are in and come first.
///
/// # Errors
///
/// Where it names a post that this issue cannot hold.
pub fn follow(note: &Note, verdicts: &mut [(&Post, Verdict)]) -> Result<(), Vec<Problem>> {
    let mut problems = vec![];
    for wish in &note.held {
        match verdicts
            .iter_mut()
            .find(|(post, _)| is_meant(&wish.post, post))
        {
            Some((_, verdict)) if verdict.is_in() => *verdict = Verdict::Held,
            Some(_) => {}
            None => problems.push(unknown(wish, verdicts)),
        }
    }
    for wish in &note.pinned {
        match verdicts
            .iter_mut()
            .find(|(post, _)| is_meant(&wish.post, post))
        {
            Some((_, Verdict::Updated(_))) => {}
            Some((_, Verdict::Announced(_) | Verdict::UpdateWaits(..))) | None => {
                problems.push(unknown(wish, verdicts));
            }
            Some((_, verdict)) => *verdict = Verdict::New,
        }
    }
    let place = |post: &Post| {
        let pinned = note
            .pinned
            .iter()
            .position(|wish| is_meant(&wish.post, post));
        pinned.unwrap_or(usize::MAX)
    };
    verdicts.sort_by_key(|(post, _)| place(post));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn unknown(wish: &Wish, verdicts: &[(&Post, Verdict)]) -> Problem {
    wish.unknown(verdicts.iter().map(|(post, _)| &*post.path))
}

/// Whether an editor who writes `named` means `post`.
fn is_meant(named: &str, post: &Post) -> bool {
    let path = &*post.path;
    named == path || named == post.name || named == post.url.as_str() || named == post.id.as_str()
}

/// The day from which posts are new, for a newsletter whose first issue is of `first`.
pub fn since(configured: Option<NaiveDate>, first: NaiveDate) -> NaiveDate {
    configured.unwrap_or(first - FIRST_ISSUE_LOOKS_BACK)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Announced(issue) => write!(f, "announced in issue {issue}"),
            Self::Updated(issue) => write!(f, "changed since issue {issue} announced it"),
            Self::UpdateWaits(issue, most) => write!(
                f,
                "changed since issue {issue} announced it, and waits (updated = {most})"
            ),
            Self::Held => f.write_str("waits for a later issue (`hold` in the note)"),
            Self::KeptOut => f.write_str("in no issue (`newsletter: false`)"),
            Self::Waits(most) => write!(f, "waits for the next issue (max_posts = {most})"),
            Self::TooOld(since) => write!(f, "published before {since} (first_issue_since)"),
        }
    }
}
