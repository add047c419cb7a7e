//! One set of SQL for the engines that can hold a store.
//!
//! A statement is written as both SQLite and PostgreSQL read it, with `?1` for what
//! it is given.

use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::session::Session;
pub use super::sql_error::SqlError;
use super::value::{Cell, Field, Params, params};

/// Where statements are carried out; what they do is kept together or not at all.
pub(super) enum Transaction<'a> {
    /// With what its journals will say of it.
    Sqlite(&'a rusqlite::Connection, &'a Draft),
    Postgres(&'a Session, Server),
}

/// What is known of a server and of the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    /// Its clock when the transaction began, or the time that somebody asked for.
    pub now: DateTime<Utc>,
    /// It is spread over hosts: it knows no `SKIP LOCKED` that could be relied on.
    pub spread: bool,
}

/// A statement that is ready, for as often as it is wanted.
pub(super) enum Statement<'a> {
    Sqlite(rusqlite::CachedStatement<'a>),
    Postgres(&'a Session, &'a str),
}

/// One row of what a statement gives back.
pub(super) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// No row, where there may be none.
pub(super) trait OptionalExtension<T> {
    /// # Errors
    ///
    /// As before, but for [`SqlError::NoRow`].
    fn optional(self) -> Result<Option<T>, SqlError>;
}

impl Transaction<'_> {
    /// Makes `sql` ready; what was used before is ready already.
    pub fn prepare<'s>(&'s self, sql: &'s str) -> Result<Statement<'s>, SqlError> {
        Ok(match self {
            Self::Sqlite(connection, _) => Statement::Sqlite(connection.prepare_cached(sql)?),
            Self::Postgres(session, _) => Statement::Postgres(session, sql),
        })
    }

    /// The same.
    pub fn prepare_cached<'s>(&'s self, sql: &'s str) -> Result<Statement<'s>, SqlError> {
        self.prepare(sql)
    }

    /// Does `sql`; gives back how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, SqlError> {
        self.prepare(sql)?.execute(params)
    }

    /// Has `sql` done, at the latest before the next statement; where it cannot be, the
    /// transaction fails. For many statements over a network.
    pub fn execute_soon(&self, sql: &str, params: impl Params) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(..) => self.execute(sql, params).map(|_| ()),
            Self::Postgres(session, _) => session.execute_soon(sql, &params),
        }
    }

    /// Passes over the next `many` numbers of the rows of `table`.
    pub fn skip_numbers(&self, table: &str, many: i64) -> Result<(), SqlError> {
        const HERE: &str = "UPDATE sqlite_sequence SET seq = seq + ?2 WHERE name = ?1";
        const FIRST: &str = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
        const THERE: &str = "SELECT setval(pg_get_serial_sequence(?1, 'id'), nextval(pg_get_serial_sequence(?1, 'id')) + ?2)";
        match self {
            Self::Sqlite(..) => {
                if self.prepare(HERE)?.execute(params![table, many])? == 0 {
                    self.prepare(FIRST)?.execute(params![table, many])?;
                }
                Ok(())
            }
            Self::Postgres(..) => self
                .prepare(THERE)?
                .query_row(params![table, many], |_| Ok(())),
        }
    }

    /// Makes room for a job that adds a million rows: so many pages of an index that
    /// is filled in no order stay in memory, in place of being written each time.
    pub fn make_room(&self) -> Result<(), SqlError> {
        self.pragma("PRAGMA cache_size = -65536")
    }

    /// Gives that room back.
    pub fn give_room_back(&self) -> Result<(), SqlError> {
        self.pragma("PRAGMA cache_size = -2000; PRAGMA shrink_memory")
    }

    /// What `read` makes of the first row.
    ///
    /// # Errors
    ///
    /// [`SqlError::NoRow`] where there is none.
    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.prepare(sql)?.query_row(params, read)
    }

    /// Does `work`, and undoes it where it fails.
    pub fn savepoint<T, E: From<SqlError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let end = self
            .command("SAVEPOINT part")
            .map(|()| self.end_of_draft())?;
        let result = work(self);
        if result.is_err() {
            self.command("ROLLBACK TO part")?;
            self.cut_draft(end);
        }
        self.command("RELEASE part")?;
        result
    }

    /// Does `work`, and undoes it whatever comes of it.
    pub fn tried<T, E: From<SqlError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let end = self
            .command("SAVEPOINT attempt")
            .map(|()| self.end_of_draft())?;
        let result = work(self);
        self.command("ROLLBACK TO attempt")?;
        self.cut_draft(end);
        self.command("RELEASE attempt")?;
        result
    }

    /// Does `work`, and undoes it where it says so. Where it fails, the transaction fails.
    pub fn kept_if<E: From<SqlError>>(
        &self,
        work: impl FnOnce() -> Result<bool, E>,
    ) -> Result<(), E> {
        self.command("SAVEPOINT attempt")?;
        let end = self.end_of_draft();
        if !work()? {
            self.command("ROLLBACK TO attempt")?;
            self.cut_draft(end);
        }
        Ok(self.command("RELEASE attempt")?)
    }

    fn end_of_draft(&self) -> usize {
        match self {
            Self::Sqlite(_, draft) => draft.end(),
            Self::Postgres(..) => 0,
        }
    }

    fn cut_draft(&self, end: usize) {
        if let Self::Sqlite(_, draft) = self {
            draft.cut(end);
        }
    }

    /// Does several statements that are given nothing.
    pub fn execute_batch(&self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(connection, _) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(session, _) => session.batch(sql),
        }
    }

    /// A server sees to its memory by itself.
    fn pragma(&self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(..) => self.execute_batch(sql),
            Self::Postgres(..) => Ok(()),
        }
    }

    /// Does a statement that is given nothing and gives nothing back.
    fn command(&self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(connection, _) => {
                connection.prepare_cached(sql)?.raw_execute().map(|_| ())?
            }
            Self::Postgres(session, _) => session.batch(sql)?,
        }
        Ok(())
    }

    /// The time that all who share the store go by: that of the server where there is
    /// one, however wrong the clock of this machine is, else `own`.
    pub fn time(&self, own: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Sqlite(..) => own,
            Self::Postgres(_, server) => server.now,
        }
    }

    /// `sql`, an UPDATE of one row: where it is refused nothing has changed, so SQLite
    /// need not keep a copy of the pages to be able to undo it.
    pub fn of_one_row(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(..) => sql.replacen("UPDATE", "UPDATE OR FAIL", 1),
            Self::Postgres(..) => sql.to_owned(),
        }
    }

    /// What a SELECT ends with that is to pass over rows of the table `name` that
    /// somebody else changes at this moment.
    pub fn skip_locked(&self, name: &str) -> String {
        match self {
            Self::Postgres(_, server) if !server.spread => {
                format!(" FOR UPDATE OF {name} SKIP LOCKED")
            }
            _ => String::new(),
        }
    }

    /// What a SELECT ends with whose rows nobody else may change meanwhile.
    pub fn for_update(&self) -> &'static str {
        match self {
            Self::Sqlite(..) => "",
            Self::Postgres(..) => " FOR UPDATE",
        }
    }

    /// Whether others may be at work beside the holder of a lock on a file.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }
}

impl Statement<'_> {
    /// Does it; gives back how many rows it changed.
    pub fn execute(&mut self, params: impl Params) -> Result<usize, SqlError> {
        match self {
            Self::Sqlite(statement) => {
                bind(statement, &params)?;
                Ok(statement.raw_execute()?)
            }
            Self::Postgres(session, sql) => session.execute(sql, &params),
        }
    }

    /// What `read` makes of the first row.
    ///
    /// # Errors
    ///
    /// [`SqlError::NoRow`] where there is none.
    pub fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        match self {
            Self::Sqlite(statement) => {
                bind(statement, &params)?;
                let mut rows = statement.raw_query();
                read(&Row::Sqlite(rows.next()?.ok_or(SqlError::NoRow)?))
            }
            Self::Postgres(session, sql) => {
                let rows = session.query(sql, &params)?;
                read(&Row::Postgres(rows.first().ok_or(SqlError::NoRow)?))
            }
        }
    }

    /// What `read` makes of each row.
    pub fn query_map<T>(
        &mut self,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, SqlError>,
    ) -> Result<std::vec::IntoIter<Result<T, SqlError>>, SqlError> {
        let mut found = vec![];
        match self {
            Self::Sqlite(statement) => {
                bind(statement, &params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row)));
                }
            }
            Self::Postgres(session, sql) => {
                let rows = session.query(sql, &params)?;
                found.extend(rows.iter().map(|row| read(&Row::Postgres(row))));
            }
        }
        Ok(found.into_iter())
    }

    /// What `read` makes of all rows, where it can make something of each.
    pub fn query_all<T, E: From<SqlError>>(
        &mut self,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let rows = self.query_map(params, |row| Ok(read(row)))?;
        rows.map(|row| row?).collect()
    }
}

fn bind(
    statement: &mut rusqlite::CachedStatement<'_>,
    params: &impl Params,
) -> Result<(), SqlError> {
    let (given, wanted) = (params.count(), statement.parameter_count());
    if given != wanted {
        return Err(rusqlite::Error::InvalidParameterCount(given, wanted).into());
    }
    for index in 0..given {
        statement.raw_bind_parameter(index + 1, params.at(index))?;
    }
    Ok(())
}

impl Row<'_> {
    /// What is in the column, counted from 0.
    ///
    /// # Errors
    ///
    /// [`SqlError::Column`] where that is something else.
    pub fn get<T: Field>(&self, column: usize) -> Result<T, SqlError> {
        let cell = match self {
            Self::Sqlite(row) => Cell::of_sqlite(row.get_ref(column)?),
            Self::Postgres(row) => Some(row.try_get(column)?),
        };
        cell.and_then(T::read).ok_or(SqlError::Column(column))
    }
}

impl<T> OptionalExtension<T> for Result<T, SqlError> {
    fn optional(self) -> Result<Option<T>, SqlError> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(SqlError::NoRow) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
