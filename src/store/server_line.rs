//! The thread that works with a PostgreSQL server: jobs that wait together share a
//! commit, what is lost on the way is done again, and nothing is done twice.
//!
//! A COMMIT whose answer was lost is no riddle: each commit writes its number into the
//! row of its process, and that row tells on the next connection.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::job::{Job, Kind, Verdict};
use super::session::Session;
use super::sql::{OptionalExtension, Server, SqlError, Transaction};
use super::store_error::StoreError;
use super::value::params;

/// A server, and the place of this process on it.
pub(super) struct ServerLine {
    pub session: Session,
    /// Its name, unlike that of any other process.
    pub process: String,
    /// The database is spread over hosts.
    pub spread: bool,
    /// How far the time that somebody asked for is from the real one.
    pub ahead: TimeDelta,
    /// The number of the commit that is under way, or was last.
    pub batch: i64,
    /// Whether its answer was lost.
    pub unsure: bool,
}

/// How often it is looked whether others want to share a commit.
const GLANCES: usize = 3;
/// Jobs that come together and share one commit, at most.
const TOGETHER: usize = 200;
/// How long a job is tried again. Shorter than half the lease of a message that leaves.
const PATIENCE: Duration = Duration::from_secs(300);
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The lock that a writer has alone and that the steps of sending share: `courrier`.
/// Nobody waits for a transaction whose process stands still for so long.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const STEP: &str = "
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = '20s'; SET LOCAL synchronous_commit = on;
    SELECT pg_advisory_xact_lock_shared(x'636f757272696572'::bigint)";
const WRITE: &str = "
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = '20s'; SET LOCAL synchronous_commit = on;
    SELECT pg_advisory_xact_lock(x'636f757272696572'::bigint)";
/// Such a database finds out by itself what stands in each other's way.
const SPREAD_READ: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY";
const SPREAD: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

const MARK: &str = "
    INSERT INTO process (name, batch, seen)
    VALUES (?1, ?2, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT))
    ON CONFLICT (name) DO UPDATE SET batch = excluded.batch, seen = excluded.seen RETURNING seen";
/// Waits for a transaction of this process that the server still holds.
const MARKED: &str = "SELECT batch FROM process WHERE name = ?1 FOR UPDATE";

impl ServerLine {
    /// Does the jobs as they come, in their order. Ends with the last sender.
    pub fn work(&mut self, inbox: &mpsc::Receiver<Job>) {
        while let Ok(first) = inbox.recv() {
            let mut waiting = VecDeque::from([first]);
            for _ in 0..GLANCES {
                std::thread::yield_now();
                waiting.extend(inbox.try_iter().take(TOGETHER));
            }
            while let Some(first) = waiting.pop_front() {
                let mut together = vec![first];
                let kind = together[0].kind;
                while kind != Kind::Read && together.len() < TOGETHER {
                    match waiting.pop_front_if(|job| job.kind == kind) {
                        Some(job) => together.push(job),
                        None => break,
                    }
                }
                self.see_through(together);
            }
        }
    }

    /// Gives this process its row, before any commit of it: one whose answer is lost is
    /// waited for by that row.
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub fn introduce(&self) -> Result<(), SqlError> {
        let row = params![self.process, self.batch];
        self.plain()
            .query_row(MARK, row, |row| row.get::<i64>(0))
            .map(drop)
    }

    /// What `look` makes of the store, in which nothing is changed.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn look<T>(
        &mut self,
        look: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin(Kind::Read)?;
        let found = look(&self.plain());
        self.session.rollback();
        found
    }

    /// Does `work` alone, once.
    ///
    /// # Errors
    ///
    /// Where it could not be done; [`ServerLine::unsure`] tells whether it may stand all the same.
    pub fn alone<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin(Kind::Write)?;
        match work(&self.plain()) {
            Ok(done) => self.commit(Kind::Write).map(|_| done).map_err(Into::into),
            Err(error) => {
                self.session.rollback();
                Err(error)
            }
        }
    }

    /// Does `jobs` until they stand, and tells their callers. Where one is refused, it
    /// takes no other with it: each is done alone then.
    fn see_through(&mut self, mut jobs: Vec<Job>) {
        // While the server is away such pile up, and nobody wants to know any more.
        jobs.retain_mut(|job| job.kind != Kind::Read || job.is_wanted());
        if jobs.is_empty() {
            return;
        }
        let begun = Instant::now();
        let mut wait = FIRST_WAIT;
        let error = loop {
            match self.attempt(&mut jobs) {
                Ok(Verdict::Fine) => return tell(jobs, Ok(())),
                Ok(Verdict::Failed) | Err(SqlError::Undone) if jobs.len() > 1 => {
                    return jobs.into_iter().for_each(|job| self.see_through(vec![job]));
                }
                // Its own result says why.
                Ok(Verdict::Failed) => return tell(jobs, Ok(())),
                Ok(Verdict::Again) if begun.elapsed() < PATIENCE => {}
                Ok(Verdict::Again) => break SqlError::Lost,
                Err(error) if error.is_passing() && begun.elapsed() < PATIENCE => {
                    tracing::warn!(%error, "the database is asked again");
                }
                Err(error) => break error,
            }
            std::thread::sleep(wait.mul_f64(jitter()));
            wait = (wait * 2).min(LONGEST_WAIT);
        };
        tracing::error!(%error, "the database failed");
        // What was asked for next is not what the lost answer was about.
        self.unsure = false;
        tell(jobs, Err(error.to_string()));
    }

    fn attempt(&mut self, jobs: &mut [Job]) -> Result<Verdict, SqlError> {
        self.session.connect()?;
        if std::mem::take(&mut self.unsure) && self.stands()? {
            return Ok(Verdict::Fine);
        }
        let kind = jobs.first().map_or(Kind::Read, |job| job.kind);
        let done = self.do_all(kind, jobs);
        match done {
            Ok(Verdict::Fine) => self.commit(kind),
            other => {
                self.session.rollback();
                other
            }
        }
    }

    fn do_all(&mut self, kind: Kind, jobs: &mut [Job]) -> Result<Verdict, SqlError> {
        let now = self.begin(kind)?;
        let spread = self.spread;
        let transaction = Transaction::Postgres(&self.session, Server { now, spread });
        for job in jobs {
            match job.attempt(&transaction) {
                Verdict::Fine => {}
                other => return Ok(other),
            }
        }
        Ok(Verdict::Fine)
    }

    /// Begins a transaction; gives back the server's time.
    fn begin(&mut self, kind: Kind) -> Result<DateTime<Utc>, SqlError> {
        let sql = match (kind, self.spread) {
            (Kind::Read, false) => READ,
            (Kind::Step, false) => STEP,
            (Kind::Write, false) => WRITE,
            (Kind::Read, true) => SPREAD_READ,
            (_, true) => SPREAD,
        };
        self.session.begin(sql)?;
        if kind == Kind::Read {
            return Ok(Utc::now() + self.ahead);
        }
        self.batch += 1;
        let transaction = self.plain();
        let seen =
            transaction.query_row(MARK, params![self.process, self.batch], |row| row.get(0))?;
        Ok(DateTime::from_timestamp_millis(seen).unwrap_or_default() + self.ahead)
    }

    fn commit(&mut self, kind: Kind) -> Result<Verdict, SqlError> {
        match self.session.commit() {
            Ok(()) => Ok(Verdict::Fine),
            Err(error) => {
                self.unsure = kind != Kind::Read && error.is_passing() && !error.is_answer();
                if !self.unsure {
                    self.session.rollback();
                }
                Err(error)
            }
        }
    }

    /// Whether the transaction stands whose answer was lost.
    fn stands(&mut self) -> Result<bool, SqlError> {
        // Until it is told, nobody knows.
        self.unsure = true;
        self.session.begin("BEGIN")?;
        let marked = self
            .plain()
            .query_row(MARKED, [&self.process], |row| row.get(0));
        self.session.rollback();
        let marked: Option<i64> = marked.optional()?;
        self.unsure = false;
        Ok(marked == Some(self.batch))
    }

    fn plain(&self) -> Transaction<'_> {
        let (now, spread) = (Utc::now(), self.spread);
        Transaction::Postgres(&self.session, Server { now, spread })
    }
}

fn tell(jobs: Vec<Job>, kept: Result<(), String>) {
    for job in jobs {
        job.tell(kept.clone());
    }
}

/// So that two that stood in each other's way do not meet again at once.
fn jitter() -> f64 {
    let now = Utc::now().timestamp_subsec_nanos();
    0.5 + f64::from(now % 1000) / 1000.0
}
