//! The embedded store: one SQLite file.
//!
//! Durability: write-ahead log with `synchronous=FULL`, so that what was acknowledged is on the disk. Writers
//! take turns (`BEGIN IMMEDIATE`, a busy timeout); readers never wait for them.

mod check;
mod events;
mod inventory;
mod keys;
mod migrate;
mod open;
mod parts;
mod records;
mod revocation;

use std::path::PathBuf;

use countersign::crypto::{Digest, DigestAlgorithm, Hasher};
use countersign::time::Time;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};
use crate::store::{
    AppendError, Change, Each, Flaw, Installed, NewRecord, PolicyText, RevocationPiece, Sequence, Snapshot, Store,
    StoredEvent, StoredRecord,
};

/// A store in one file.
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SqliteStore").field(&self.path).finish()
    }
}

impl Store for SqliteStore {
    fn append(&mut self, registry: Option<Sequence>, changes: &[Change]) -> Result<Sequence, AppendError> {
        let (path, transaction) = self.begin()?;
        let sequence = events::append(&transaction, registry, changes).map_err(|error| error.at(&path))?;
        transaction.commit().map_err(|error| failed(&path, error))?;
        Ok(sequence)
    }

    fn sequence(&self) -> Result<Sequence, StoreError> {
        self.read(events::sequence)
    }

    fn identity(&self, id: &str) -> Result<Option<Snapshot>, StoreError> {
        self.read(|connection| events::identity(connection, id))
    }

    fn identities(&self, each: Each<'_, Snapshot>) -> Result<(), StoreError> {
        self.read(|connection| events::identities(connection, each))
    }

    fn candidates(&self, keys: &[String]) -> Result<Vec<Snapshot>, StoreError> {
        self.read(|connection| events::candidates(connection, keys))
    }

    fn events_of(&self, id: &str) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(|connection| events::events_of(connection, id))
    }

    fn events_after(&self, sequence: Sequence, each: Each<'_, StoredEvent>) -> Result<(), StoreError> {
        self.read(|connection| events::events_after(connection, sequence, each))
    }

    fn record(&mut self, policies: &[PolicyText], records: &[NewRecord]) -> Result<(), StoreError> {
        self.write(|transaction| records::record(transaction, policies, records))
    }

    fn records_of(&self, keys: &[String], each: Each<'_, StoredRecord>) -> Result<(), StoreError> {
        self.read(|connection| records::records_of(connection, keys, each))
    }

    fn records_about(&self, digest: &Digest, each: Each<'_, StoredRecord>) -> Result<(), StoreError> {
        self.read(|connection| records::records_about(connection, digest, each))
    }

    fn records(&self, each: Each<'_, StoredRecord>) -> Result<(), StoreError> {
        self.read(|connection| records::records(connection, each))
    }

    fn recorded(&self) -> Result<u64, StoreError> {
        self.read(records::recorded)
    }

    fn policy_text(&self, sha256: &Digest) -> Result<Option<String>, StoreError> {
        self.read(|connection| records::policy_text(connection, sha256))
    }

    fn take_inventory(&mut self, lines: &[Installed]) -> Result<(), StoreError> {
        self.write(|transaction| inventory::take(transaction, lines))
    }

    fn installed(&self, digest: &Digest) -> Result<Vec<Installed>, StoreError> {
        self.read(|connection| inventory::installed(connection, digest))
    }

    fn take_revocation(&mut self, pieces: &[RevocationPiece]) -> Result<(), StoreError> {
        self.write(|transaction| revocation::take(transaction, pieces))
    }

    fn revocation_on(&self, shelf: &str) -> Result<Vec<RevocationPiece>, StoreError> {
        self.read(|connection| revocation::on_shelf(connection, shelf))
    }

    fn revocation(&self) -> Result<Vec<RevocationPiece>, StoreError> {
        self.read(revocation::all)
    }

    fn check(&self) -> Result<Vec<Flaw>, StoreError> {
        self.read(check::check)
    }
}

impl SqliteStore {
    /// From now on everything is read as it is at this instant, whatever others write.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn hold(&self) -> Result<(), StoreError> {
        // A transaction begins with its first reading.
        let held = self.connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema");
        held.map_err(|error| failed(&self.path, error))
    }

    fn begin(&mut self) -> Result<(PathBuf, Transaction<'_>), StoreError> {
        let path = self.path.clone();
        // Immediate: a deferred transaction that has read could not become a writing one after another writer.
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| failed(&path, error))?;
        Ok((path, transaction))
    }

    fn write(&mut self, work: impl FnOnce(&Transaction<'_>) -> Worked<()>) -> Result<(), StoreError> {
        let (path, transaction) = self.begin()?;
        work(&transaction).map_err(|problem| problem.at(&path))?;
        transaction.commit().map_err(|error| failed(&path, error))
    }

    /// Reads several tables at one instant. Whoever is handed a document may read further, at the same instant.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Worked<T>) -> Result<T, StoreError> {
        if !self.connection.is_autocommit() {
            return work(&self.connection).map_err(|problem| problem.at(&self.path));
        }
        let begun = self.connection.unchecked_transaction().map_err(|error| failed(&self.path, error))?;
        let found = work(&begun).map_err(|problem| problem.at(&self.path))?;
        begun.commit().map_err(|error| failed(&self.path, error))?;
        Ok(found)
    }
}

type Worked<T> = Result<T, Problem>;

/// What can happen below the trait, before the store's place is added to it.
enum Problem {
    Sqlite(rusqlite::Error),
    Damaged(String),
    Kind(StoreErrorKind, String),
    /// The reader of the documents gave up.
    Given(StoreError),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Problem {
    fn at(self, path: &std::path::Path) -> StoreError {
        match self {
            Self::Sqlite(error) => failed(path, error),
            Self::Damaged(detail) => trouble(path, StoreErrorKind::Damaged, detail),
            Self::Kind(kind, detail) => trouble(path, kind, detail),
            Self::Given(error) => error,
        }
    }
}

fn trouble(path: &std::path::Path, kind: StoreErrorKind, detail: impl Into<String>) -> StoreError {
    StoreError { place: path.display().to_string(), kind, detail: detail.into() }
}

/// What an error of SQLite means to the user.
fn failed(path: &std::path::Path, error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode as Code;
    let kind = match error.sqlite_error_code() {
        Some(Code::DiskFull | Code::TooBig) => StoreErrorKind::Full,
        Some(Code::ReadOnly) => StoreErrorKind::ReadOnly,
        Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => StoreErrorKind::Busy,
        Some(Code::NotADatabase) => StoreErrorKind::Foreign,
        // Without an SQLite code: a column that does not hold what was written into it.
        Some(Code::DatabaseCorrupt | Code::ConstraintViolation | Code::TypeMismatch) | None => StoreErrorKind::Damaged,
        Some(_) => StoreErrorKind::Refused,
    };
    trouble(path, kind, error.to_string())
}

/// SHA-256 of a document.
fn sum(body: impl AsRef<[u8]>) -> Vec<u8> {
    Digest::of(DigestAlgorithm::Sha256, body.as_ref()).as_bytes().to_vec()
}

/// SHA-256 of a row: of all parts, each after its length, so that no two rows are the same bytes.
fn sum_of(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finish().as_bytes().to_vec()
}

/// What is kept, if it is what was written.
fn whole(what: &str, expected: &[u8], found: &[u8]) -> Worked<()> {
    if found == expected {
        return Ok(());
    }
    let hex = |bytes: &[u8]| Digest::new(DigestAlgorithm::Sha256, bytes).map_or_else(String::new, |sum| sum.hex());
    Err(Problem::Damaged(format!("{what}: expected sha256 {}, found {}", hex(expected), hex(found))))
}

/// The first eight bytes, to index by: an index over whole digests would be four times the size.
fn prefix(digest: &[u8]) -> i64 {
    let mut first = [0; 8];
    first.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    i64::from_be_bytes(first)
}

fn stored(sequence: Sequence) -> Worked<i64> {
    i64::try_from(sequence.0).map_err(|_| Problem::Damaged(format!("sequence {sequence} is beyond what can be kept")))
}

fn restored(sequence: i64) -> Worked<Sequence> {
    let sequence = u64::try_from(sequence);
    sequence.map(Sequence).map_err(|_| Problem::Damaged("a sequence is negative".to_owned()))
}

const fn time(seconds: i64) -> Time {
    Time::from_unix(seconds)
}
