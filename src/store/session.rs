//! One connection to a PostgreSQL server, used by one thread.
//!
//! `tokio-postgres` on a runtime of its own: the thread of the store waits for each
//! answer, and still can have many statements under way.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use tokio::runtime::Runtime;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::server_value::kind;
use super::sql_error::SqlError;
use super::value::{Owned, Params, Value};

/// A statement that is under way, and whose answer was not waited for yet.
type Pending = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>>>>;

/// A connection, and the statements that it has ready.
pub struct Session {
    runtime: Runtime,
    server: Config,
    trust: MakeRustlsConnect,
    client: RefCell<Option<Rc<Client>>>,
    ready: RefCell<HashMap<String, Statement>>,
    pending: RefCell<Vec<Pending>>,
    /// Whether the server refused something: then nothing of the transaction stands.
    spoilt: Cell<bool>,
}

/// How long a server is waited for that does not answer to a connection.
const CONNECTING: Duration = Duration::from_secs(10);
/// A connection on which nothing arrives for so long is held for lost.
const SILENCE: Duration = Duration::from_secs(30);
/// Statements that are under way at a time.
const MOST_PENDING: usize = 500;

impl Session {
    /// A connection to `server`, which is made when it is needed.
    ///
    /// # Errors
    ///
    /// Where the system refuses.
    pub fn to(mut server: Config, trust: MakeRustlsConnect) -> std::io::Result<Self> {
        server
            .connect_timeout(CONNECTING)
            .keepalives_idle(SILENCE)
            .tcp_user_timeout(SILENCE);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            server,
            trust,
            client: RefCell::default(),
            ready: RefCell::default(),
            pending: RefCell::default(),
            spoilt: Cell::default(),
        })
    }

    /// Connects where there is no connection.
    pub fn connect(&self) -> Result<(), SqlError> {
        if self.client().is_ok_and(|client| !client.is_closed()) {
            return Ok(());
        }
        self.disconnect();
        let connected = async {
            let (client, connection) = self.server.connect(self.trust.clone()).await?;
            // It ends with the client, or with an error that the client tells, too.
            tokio::spawn(connection);
            Ok::<_, SqlError>(client)
        };
        let client = self.runtime.block_on(connected)?;
        *self.client.borrow_mut() = Some(Rc::new(client));
        Ok(())
    }

    /// Lets go of the connection and of all that was under way on it.
    pub fn disconnect(&self) {
        self.pending.borrow_mut().clear();
        self.ready.borrow_mut().clear();
        *self.client.borrow_mut() = None;
    }

    /// Begins a transaction with `sql`.
    pub fn begin(&self, sql: &str) -> Result<(), SqlError> {
        self.pending.borrow_mut().clear();
        self.spoilt.set(false);
        self.batch(sql)
    }

    /// Makes all durable that was done since [`Session::begin`].
    ///
    /// # Errors
    ///
    /// Also where something was refused meanwhile, whoever heard of it: the server
    /// would say yes and keep nothing.
    pub fn commit(&self) -> Result<(), SqlError> {
        self.settle()?;
        if self.spoilt.get() {
            return Err(SqlError::Undone);
        }
        self.batch("COMMIT")
    }

    /// Undoes what was done since [`Session::begin`]; the connection, too, where that fails.
    pub fn rollback(&self) {
        self.pending.borrow_mut().clear();
        if self.batch("ROLLBACK").is_err() {
            self.disconnect();
        }
    }

    /// Does several statements that are given nothing.
    pub fn batch(&self, sql: &str) -> Result<(), SqlError> {
        self.settle()?;
        let client = self.client()?;
        let done = self.runtime.block_on(client.batch_execute(sql));
        self.heard(done)
    }

    /// Does `sql`; gives back how many rows it changed.
    pub fn execute(&self, sql: &str, params: &dyn Params) -> Result<usize, SqlError> {
        self.settle()?;
        let (statement, client) = (self.prepare(sql, params)?, self.client()?);
        let done = client.execute_raw(&statement, values(params));
        let count = self.heard(self.runtime.block_on(done))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Has `sql` done, and does not wait for it: whether it could be done is told by
    /// what is done next. Over a network this is many times as fast.
    pub fn execute_soon(&self, sql: &str, params: &dyn Params) -> Result<(), SqlError> {
        if self.pending.borrow().len() >= MOST_PENDING {
            self.settle()?;
        }
        let (statement, client) = (self.prepare(sql, params)?, self.client()?);
        let values: Vec<Owned> = values(params).map(Owned::from).collect();
        let mut pending: Pending =
            Box::pin(async move { client.execute_raw(&statement, values).await });
        // The first look sends it. One that is over already is kept for its answer.
        let answer = self
            .runtime
            .block_on(async { futures_util::poll!(pending.as_mut()) });
        let answered = |answer| Box::pin(std::future::ready(answer)) as Pending;
        self.pending.borrow_mut().push(match answer {
            std::task::Poll::Ready(answer) => answered(answer),
            std::task::Poll::Pending => pending,
        });
        Ok(())
    }

    /// The rows that `sql` gives back.
    pub fn query(&self, sql: &str, params: &dyn Params) -> Result<Vec<Row>, SqlError> {
        self.settle()?;
        let (statement, client) = (self.prepare(sql, params)?, self.client()?);
        let found = async {
            let rows = client.query_raw(&statement, values(params)).await?;
            rows.try_collect().await
        };
        self.heard(self.runtime.block_on(found))
    }

    /// Waits for the statements that are under way.
    fn settle(&self) -> Result<(), SqlError> {
        let pending = std::mem::take(&mut *self.pending.borrow_mut());
        if pending.is_empty() {
            return Ok(());
        }
        let done = self.runtime.block_on(try_join_all(pending));
        self.heard(done).map(|_| ())
    }

    fn heard<T>(&self, answer: Result<T, tokio_postgres::Error>) -> Result<T, SqlError> {
        self.spoilt.set(self.spoilt.get() || answer.is_err());
        Ok(answer?)
    }

    fn client(&self) -> Result<Rc<Client>, SqlError> {
        self.client.borrow().clone().ok_or(SqlError::Lost)
    }

    fn prepare(&self, sql: &str, params: &dyn Params) -> Result<Statement, SqlError> {
        if let Some(statement) = self.ready.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let types: Vec<Type> = values(params).map(kind).collect();
        let client = self.client()?;
        let sent = numbered(sql);
        let prepared = self.runtime.block_on(client.prepare_typed(&sent, &types));
        let statement = self.heard(prepared)?;
        let mut ready = self.ready.borrow_mut();
        ready.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn values(params: &dyn Params) -> impl ExactSizeIterator<Item = Value<'_>> {
    (0..params.count()).map(|index| params.at(index))
}

/// `$1` for each `?1`; what stands in quotes stays as it is.
fn numbered(sql: &str) -> String {
    let parts = sql.split('\'').enumerate().map(|(index, part)| {
        if index % 2 == 0 {
            part.replace('?', "$")
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_is_given_is_numbered_as_postgresql_wants_it() {
        let sql = "SELECT 'why?' FROM a WHERE b = ?1 OR c = ?12";
        let numbered = numbered(sql);
        assert_eq!(numbered, "SELECT 'why?' FROM a WHERE b = $1 OR c = $12");
    }
}
