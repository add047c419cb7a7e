//! Rows that are added by the thousand.

use super::sql::{OptionalExtension, SqlError, Statement, Transaction};
use super::value::{Owned, Params};

/// Rows that one statement adds.
const AT_ONCE: usize = 64;

/// An INSERT of one row at a time into a table with numbers.
///
/// SQLite would make a table of its own for each `RETURNING`.
pub(super) enum Insert<'a> {
    Sqlite(&'a rusqlite::Connection, Statement<'a>),
    Postgres(&'a Transaction<'a>, String),
}

impl<'a> Insert<'a> {
    /// Makes `sql` ready.
    pub fn ready(tx: &'a Transaction<'a>, sql: &'a str) -> Result<Self, SqlError> {
        Ok(match tx {
            Transaction::Sqlite(connection, _) => Self::Sqlite(connection, tx.prepare(sql)?),
            Transaction::Postgres(..) => Self::Postgres(tx, format!("{sql} RETURNING id")),
        })
    }

    /// Adds a row; gives back the number that it has got, or nothing where `ON CONFLICT DO
    /// NOTHING` did nothing.
    pub fn add(&mut self, params: impl Params) -> Result<Option<i64>, SqlError> {
        match self {
            Self::Sqlite(connection, statement) => {
                let rows = statement.execute(params)?;
                Ok((rows > 0).then(|| connection.last_insert_rowid()))
            }
            Self::Postgres(tx, sql) => tx.query_row(sql, params, |row| row.get(0)).optional(),
        }
    }
}

/// Does an INSERT for many rows. `sql` is that of one row; `values` are those of all, row
/// after row. Where it cannot be done, the transaction fails.
///
/// What SQLite makes ready for a statement, it then makes ready once for many rows.
pub(super) fn add_rows(tx: &Transaction<'_>, sql: &str, values: &[Owned]) -> Result<(), SqlError> {
    let columns = sql.matches('?').count().max(1);
    let many = match tx {
        Transaction::Sqlite(..) => many_rows(sql, columns),
        Transaction::Postgres(..) => None,
    };
    for lot in values.chunks(AT_ONCE * columns) {
        match &many {
            Some(many) if lot.len() == AT_ONCE * columns => {
                tx.execute(many, lot)?;
            }
            _ => lot
                .chunks(columns)
                .try_for_each(|row| tx.execute_soon(sql, row))?,
        }
    }
    Ok(())
}

/// The INSERT of as many rows as are added at once.
fn many_rows(sql: &str, columns: usize) -> Option<String> {
    let (table, _) = sql.split_once("VALUES")?;
    let row = format!("({})", vec!["?"; columns].join(", "));
    Some(format!("{table}VALUES {}", vec![row; AT_ONCE].join(", ")))
}
