//! The schema and its versions. A migration that was released is never changed; a new one goes to the end.

use rusqlite::{Connection, TransactionBehavior};

use super::{Problem, Worked};
use crate::error::StoreErrorKind;

/// `PRAGMA application_id` of our files: "CtSg".
const APPLICATION: i64 = 0x4374_5367;

/// Every step from an empty file to the schema of today. `PRAGMA user_version` counts those that were made.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001.sql")];

/// Brings the schema up to date, in one transaction.
pub(super) fn upgrade(connection: &mut Connection) -> Worked<()> {
    if version(connection)? == current() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again: another process may have done it while this one waited for its turn.
    let found = version(&transaction)?;
    if found > current() {
        return Err(too_new(found));
    }
    let made = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(made) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", current())?;
    transaction.commit()?;
    Ok(())
}

/// For reading: the schema must be the one that this version knows.
pub(super) fn require_current(connection: &Connection) -> Worked<()> {
    refuse_foreign(connection)?;
    let found = version(connection)?;
    if found == current() {
        return Ok(());
    }
    if found > current() {
        return Err(too_new(found));
    }
    let detail = format!("its schema is version {found}, expected {}", current());
    Err(Problem::Kind(StoreErrorKind::TooOld, detail))
}

/// A file with something in it must be one of ours.
pub(super) fn refuse_foreign(connection: &Connection) -> rusqlite::Result<()> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == APPLICATION || (application == 0 && tables == 0) {
        return Ok(());
    }
    let found = format!("an SQLite database with application id {application:#x} and {tables} tables and indexes");
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    Err(rusqlite::Error::SqliteFailure(code, Some(found)))
}

const fn current() -> i64 {
    MIGRATIONS.len() as i64
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn too_new(found: i64) -> Problem {
    let detail = format!("its schema is version {found}, this program knows versions up to {}", current());
    Problem::Kind(StoreErrorKind::TooNew, detail)
}
