//! Why a statement could not be carried out, and whether to try again.

use tokio_postgres::error::SqlState;

/// Why a statement could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("{}", words(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("there is no connection to the server")]
    Lost,
    #[error("the server refused a part of it, so nothing of it stands")]
    Undone,
    #[error("there is no such row")]
    NoRow,
    #[error("column {0} holds something else than was expected")]
    Column(usize),
}

impl SqlError {
    /// Whether all of the transaction may be tried again: the server was not there,
    /// or two transactions stood in each other's way.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Lost => true,
            Self::Postgres(error) => match error.code() {
                Some(code) => is_passing(code),
                None => error.is_closed() || is_of_the_line(error),
            },
            Self::Sqlite(_) | Self::Undone | Self::NoRow | Self::Column(_) => false,
        }
    }

    /// Whether the file of a store is not what was written into it.
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let code = match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether the server answered: it knows what became of the transaction.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| !is_end(code)))
    }
}

/// By the PostgreSQL manual, appendix A.
fn is_passing(code: &SqlState) -> bool {
    is_end(code)
        || [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::INVALID_SQL_STATEMENT_NAME,
        ]
        .contains(code)
}

fn is_of_the_line(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// Whether the connection is over: the server stops or starts, or waited for too long.
fn is_end(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("08") || code.starts_with("57P0") || code == "25P03"
}

/// What the server says, without the values that it names: they may be addresses.
fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => {
            let source = std::error::Error::source(error);
            source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    }
}
