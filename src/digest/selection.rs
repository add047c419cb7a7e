//! Which posts the next issue holds, and why.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::note::{Note, Wish};
use crate::blog::post::Post;
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
    pub since: NaiveDate,
    /// Where a day begins.
    pub zone: Tz,
}

/// Whether a post is in the next issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    New,
    Announced(IssueNumber),
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
            Some(issue) => Verdict::Announced(*issue),
            None if !post.is_for_issues => Verdict::KeptOut,
            None if day < self.since => Verdict::TooOld(self.since),
            None => Verdict::New,
        }
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
            Some((_, verdict @ Verdict::New)) => *verdict = Verdict::Held,
            Some(_) => {}
            None => problems.push(unknown(wish, verdicts)),
        }
    }
    for wish in &note.pinned {
        match verdicts
            .iter_mut()
            .find(|(post, _)| is_meant(&wish.post, post))
        {
            Some((_, Verdict::Announced(_))) | None => problems.push(unknown(wish, verdicts)),
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
            Self::Held => f.write_str("waits for a later issue (`hold` in the note)"),
            Self::KeptOut => f.write_str("in no issue (`newsletter: false`)"),
            Self::Waits(most) => write!(f, "waits for the next issue (max_posts = {most})"),
            Self::TooOld(since) => write!(f, "published before {since} (first_issue_since)"),
        }
    }
}
