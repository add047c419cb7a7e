//! One set of SQL for the engines that can hold a store.
//!
//! A statement is written as both SQLite and PostgreSQL read it, with `?1` for what
//! it is given.

use super::value::{Cell, Field, Params};

/// Where statements are carried out; what they do is kept together or not at all.
pub(super) struct Transaction<'a>(&'a rusqlite::Connection);

/// A statement that is ready, for as often as it is wanted.
pub(super) struct Statement<'a>(rusqlite::CachedStatement<'a>);

/// One row of what a statement gives back.
pub(super) struct Row<'a>(&'a rusqlite::Row<'a>);

/// Why a statement could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("there is no such row")]
    NoRow,
    #[error("column {0} holds something else than was expected")]
    Column(usize),
}

/// No row, where there may be none.
pub(super) trait OptionalExtension<T> {
    /// # Errors
    ///
    /// As before, but for [`SqlError::NoRow`].
    fn optional(self) -> Result<Option<T>, SqlError>;
}

impl<'a> Transaction<'a> {
    /// What is under way on `connection`.
    pub fn on(connection: &'a rusqlite::Connection) -> Self {
        Self(connection)
    }

    /// Makes `sql` ready; what was used before is ready already.
    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>, SqlError> {
        Ok(Statement(self.0.prepare_cached(sql)?))
    }

    /// The same.
    pub fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>, SqlError> {
        self.prepare(sql)
    }

    /// Does `sql`; gives back how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, SqlError> {
        self.prepare(sql)?.execute(params)
    }

    /// Does several statements that are given nothing.
    pub fn execute_batch(&self, sql: &str) -> Result<(), SqlError> {
        Ok(self.0.execute_batch(sql)?)
    }

    /// Makes room for a job that adds a million rows: so many pages of an index that
    /// is filled in no order stay in memory, in place of being written each time.
    pub fn make_room(&self) -> Result<(), SqlError> {
        self.execute_batch("PRAGMA cache_size = -65536")
    }

    /// Gives that room back.
    pub fn give_room_back(&self) -> Result<(), SqlError> {
        self.execute_batch("PRAGMA cache_size = -2000; PRAGMA shrink_memory")
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
}

impl Statement<'_> {
    /// Does it; gives back how many rows it changed.
    pub fn execute(&mut self, params: impl Params) -> Result<usize, SqlError> {
        self.bind(&params)?;
        Ok(self.0.raw_execute()?)
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
        self.bind(&params)?;
        let mut rows = self.0.raw_query();
        let row = rows.next()?.ok_or(SqlError::NoRow)?;
        read(&Row(row))
    }

    /// What `read` makes of each row.
    pub fn query_map<T>(
        &mut self,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, SqlError>,
    ) -> Result<std::vec::IntoIter<Result<T, SqlError>>, SqlError> {
        self.bind(&params)?;
        let mut rows = self.0.raw_query();
        let mut found = vec![];
        while let Some(row) = rows.next()? {
            found.push(read(&Row(row)));
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

    fn bind(&mut self, params: &impl Params) -> Result<(), SqlError> {
        let (given, wanted) = (params.count(), self.0.parameter_count());
        if given != wanted {
            return Err(rusqlite::Error::InvalidParameterCount(given, wanted).into());
        }
        for index in 0..given {
            self.0.raw_bind_parameter(index + 1, params.at(index))?;
        }
        Ok(())
    }
}

impl Row<'_> {
    /// What is in the column, counted from 0.
    ///
    /// # Errors
    ///
    /// [`SqlError::Column`] where that is something else.
    pub fn get<T: Field>(&self, column: usize) -> Result<T, SqlError> {
        let cell = Cell::of_sqlite(self.0.get_ref(column)?);
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
