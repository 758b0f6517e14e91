//! Opening the file: its rights, what it must be, how it is to behave.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{SqliteStore, failed, migrate, trouble};
use crate::error::{StoreError, StoreErrorKind};

/// How long a writer waits for its turn: many writers of a few milliseconds each, or one checkpoint of 64 MiB on
/// a slow disk.
const BUSY: Duration = Duration::from_secs(30);

impl SqliteStore {
    /// Opens a store for reading and writing, and makes it if it is not there: the file for its owner alone
    /// (0600), and the directories above it that are missing (0700).
    ///
    /// # Errors
    /// If the file is something else, was made by a later version, or cannot be opened or written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create(path).map_err(|error| trouble(path, kind_of(&error), words(&error)))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self::connect(path, flags)?;
        store.behave(true).map_err(|error| failed(path, error))?;
        let made = migrate::upgrade(&mut store.connection);
        made.map_err(|problem| problem.at(path))?;
        Ok(store)
    }

    /// Opens a store that is there for reading alone.
    ///
    /// # Errors
    /// If there is none, the file is something else or was made by another version, or it cannot be read.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if let Err(error) = fs::metadata(path) {
            return Err(trouble(path, kind_of(&error), words(&error)));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let store = Self::connect(path, flags)?;
        store.behave(false).map_err(|error| failed(path, error))?;
        migrate::require_current(&store.connection).map_err(|problem| problem.at(path))?;
        Ok(store)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(path, error))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    fn behave(&self, writing: bool) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.busy_timeout(BUSY)?;
        // Whoever can write the file must not be able to run code through its schema.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // 64 MiB, given in KiB: an index over a million digests is walked from memory.
        connection.pragma_update(None, "cache_size", -65_536)?;
        if !writing {
            return connection.pragma_update(None, "query_only", true);
        }
        migrate::refuse_foreign(connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // What was acknowledged survives the loss of power.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "fullfsync", true)?;
        // 64 MiB of pages: smaller steps cost most of the time of bulk writes.
        connection.pragma_update(None, "wal_autocheckpoint", 16_384)
    }
}

/// Makes an empty file for its owner alone, unless it is there.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        private_directories(above)?;
    }
    match private_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn private_directories(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn kind_of(error: &io::Error) -> StoreErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => StoreErrorKind::Missing,
        io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        _ => StoreErrorKind::Refused,
    }
}

/// The system's words without the number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
