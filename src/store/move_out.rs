//! A store moves from its file to a server, and it is proved that nothing is missing.

use std::path::Path;

use chrono::TimeDelta;
use rusqlite::Connection;
use serde::Serialize;

use super::draft::Draft;
use super::server::{self, Opened};
use super::sql::{Row, SqlError, Transaction};
use super::sqlite;
use super::store_error::StoreError;
use super::value::Owned;
use crate::config::store::StoreServer;

/// What was counted of one table, on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub table: String,
    pub rows: u64,
    /// The sum of the hashes of its rows, in hexadecimal.
    pub hash: String,
}

/// A table, and by what its rows are put in order. Those that others belong to come first.
struct Table {
    name: &'static str,
    order: &'static str,
}

const fn table(name: &'static str, order: &'static str) -> Table {
    Table { name, order }
}

const TABLES: &[Table] = &[
    table("secret", "name"),
    table("subscriber", "id"),
    table("wording", "id"),
    table("consent", "id"),
    table("suppression", "id"),
    table("issue", "number"),
    table("variant", "issue, language"),
    table("announcement", "issue, post"),
    table("delivery", "id"),
    table("period", "day"),
    table("schedule", "\"only\""),
    table("bounce", "id"),
    table("forgotten", "hash"),
    table("pace", "name"),
    table("departure", "relay, hour"),
    table("request", "id"),
    table("notice", "id"),
    table("instance", "\"only\""),
];
/// What belongs to a file, to a process or to the schema itself.
const STAY: &[&str] = &["edge", "erasure", "only_to"];
const COLUMNS_THAT_STAY: &[&str] = &["machine", "file", "journaled", "copied", "moved"];
/// Rows that are in memory at a time.
const PAGE: i64 = 2000;

/// A column: its name, and what SQLite calls its type.
type Column = (String, String);

/// Moves the store at `path` to `server`. From the first moment on nothing is written
/// into the file, by no process; where the move fails it is as before.
///
/// # Errors
///
/// [`StoreError::NotEmpty`] where there is a store at the server,
/// [`StoreError::HalfMoved`] where the last answer of the server was lost.
pub fn move_out(path: &Path, server: &StoreServer) -> Result<Vec<Counted>, StoreError> {
    let mut source = sqlite::open_moved(path)?;
    let before = sqlite::moved_to(&source)?;
    let to = server.shown();
    mark(&source, Some(&to))?;
    let mut unsure = false;
    // A connection has a runtime of its own, which cannot run on a thread of another.
    let moved = std::thread::scope(|scope| {
        let copying = || {
            let mut opened = server::open(server, "migration".to_owned(), TimeDelta::zero())?;
            let copied = copy(&mut source, &mut opened, &to);
            unsure = opened.line.unsure;
            copied
        };
        scope.spawn(copying).join()
    });
    let moved = moved.unwrap_or_else(|_| Err(StoreError::Closed("its thread ended".to_owned())));
    match moved {
        Err(error) if unsure => Err(StoreError::HalfMoved {
            to,
            reason: error.to_string(),
        }),
        Err(error) => {
            mark(&source, before.as_deref())?;
            Err(error)
        }
        Ok(counted) => Ok(counted),
    }
}

fn mark(source: &Connection, to: Option<&str>) -> Result<(), StoreError> {
    source.execute("UPDATE instance SET moved = ?1", [to])?;
    Ok(())
}

fn copy(
    source: &mut Connection,
    opened: &mut Opened,
    to: &str,
) -> Result<Vec<Counted>, StoreError> {
    let source = source.transaction()?;
    // Nothing is written here.
    let draft = Draft::default();
    let source = Transaction::Sqlite(&source, &draft);
    refuse_unknown_tables(&source)?;
    opened.line.alone(|target| {
        refuse_occupied(target, to)?;
        for sql in ["DELETE FROM secret", "DELETE FROM instance"] {
            target.execute(sql, [])?;
        }
        TABLES
            .iter()
            .map(|table| copy_table(&source, target, table))
            .collect()
    })
}

/// A table that a later courrier has, and that was forgotten here.
fn refuse_unknown_tables(source: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str = "
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let names: Vec<String> = source.prepare(SQL)?.query_all([], |row| row.get(0))?;
    let is_known = |name: &String| {
        STAY.contains(&name.as_str()) || TABLES.iter().any(|table| table.name == name)
    };
    match names.into_iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(StoreError::Foreign(format!("a table {name}"))),
    }
}

fn refuse_occupied(target: &Transaction<'_>, to: &str) -> Result<(), StoreError> {
    const SQL: &str = "
        SELECT EXISTS (SELECT 1 FROM subscriber) OR EXISTS (SELECT 1 FROM issue)
            OR EXISTS (SELECT 1 FROM period)";
    match target.query_row(SQL, [], |row| row.get(0))? {
        true => Err(StoreError::NotEmpty(to.to_owned())),
        false => Ok(()),
    }
}

fn copy_table(
    source: &Transaction<'_>,
    target: &Transaction<'_>,
    table: &Table,
) -> Result<Counted, StoreError> {
    let columns = columns(source, table.name)?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
    let insert = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        names.join(", "),
        places.join(", ")
    );
    let here = each_row(source, (table, &columns), |row| {
        Ok(target.execute_soon(&insert, row)?)
    })?;
    let there = each_row(target, (table, &columns), |_| Ok(()))?;
    if here != there {
        return Err(StoreError::Damaged(format!(
            "{} rows of {} left, {} arrived, or they are others",
            here.rows, table.name, there.rows
        )));
    }
    if table.order == "id" {
        number_on(source, target, table.name)?;
    }
    Ok(there)
}

/// The columns that a row is made of; the names are ready for a statement.
fn columns(source: &Transaction<'_>, table: &str) -> Result<Vec<Column>, StoreError> {
    let sql = format!("SELECT name, type FROM pragma_table_info('{table}') ORDER BY cid");
    let columns: Vec<Column> = source
        .prepare(&sql)?
        .query_all([], |row| Ok::<_, SqlError>((row.get(0)?, row.get(1)?)))?;
    let goes =
        |(name, _): &Column| table != "instance" || !COLUMNS_THAT_STAY.contains(&name.as_str());
    let quoted = |(name, kind): Column| (format!("\"{name}\""), kind);
    let columns = columns.into_iter().filter(goes).map(quoted);
    // What a file counts of its journal is nothing to a server.
    Ok(columns.collect())
}

/// Calls `with` for each row, and counts them.
fn each_row(
    side: &Transaction<'_>,
    (table, columns): (&Table, &[Column]),
    mut with: impl FnMut(&[Owned]) -> Result<(), StoreError>,
) -> Result<Counted, StoreError> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let by_id = table.order == "id";
    let from = if by_id {
        "WHERE id > ?2 ORDER BY id LIMIT ?1"
    } else {
        "LIMIT ?1 OFFSET ?2"
    };
    let order = if by_id {
        String::new()
    } else {
        format!("ORDER BY {}", table.order)
    };
    let sql = format!(
        "SELECT {} FROM {} {order} {from}",
        names.join(", "),
        table.name
    );
    let (mut rows, mut sum, mut last) = (0_u64, [0_u64; 4], 0_i64);
    loop {
        let page: Vec<Vec<Owned>> = side
            .prepare(&sql)?
            .query_all([PAGE, last], |row| read(row, columns))?;
        for row in &page {
            with(row)?;
            add(&mut sum, row);
        }
        rows += page.len() as u64;
        last = match page.last().and_then(|row| row.first()) {
            None => break,
            Some(Owned::Integer(Some(id))) if by_id => *id,
            Some(_) => last + page.len() as i64,
        };
    }
    Ok(Counted {
        table: table.name.to_owned(),
        rows,
        hash: sum.iter().map(|part| format!("{part:016x}")).collect(),
    })
}

fn read(row: &Row<'_>, columns: &[Column]) -> Result<Vec<Owned>, SqlError> {
    let cell = |(at, (_, kind)): (usize, &Column)| {
        Ok(match kind.as_str() {
            "INTEGER" => Owned::Integer(row.get(at)?),
            "BLOB" => Owned::Bytes(row.get(at)?),
            _ => Owned::Text(row.get(at)?),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

/// In whichever order the rows come, the sum is the same.
fn add(sum: &mut [u64; 4], row: &[Owned]) {
    let hash = blake3::hash(format!("{row:?}").as_bytes());
    for (part, bytes) in sum.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
        let mut eight = [0; 8];
        eight.copy_from_slice(bytes);
        *part = part.wrapping_add(u64::from_be_bytes(eight));
    }
}

/// What comes next has a number that was never given before: that of a row that is gone
/// may stand in a link that is still good.
fn number_on(
    source: &Transaction<'_>,
    target: &Transaction<'_>,
    table: &str,
) -> Result<(), StoreError> {
    const GIVEN: &str = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
    let given: i64 = source.query_row(GIVEN, [table], |row| row.get(0))?;
    let sql = format!(
        "SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST(COALESCE(max(id), 0), ?1) + 1, false) FROM {table}"
    );
    Ok(target.query_row(&sql, [given], |_| Ok(()))?)
}
