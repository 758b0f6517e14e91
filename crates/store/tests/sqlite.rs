//! The embedded store: the rules of every store, and what only a file can go through.

#![allow(missing_docs)]

mod conformance;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use conformance::{Maker, change, piece, policy, record};
use countersign_store::{AppendError, Sequence, SqliteStore, Store, StoreErrorKind};
use tempfile::TempDir;

struct Files(TempDir, std::cell::Cell<u32>);

impl Maker for Files {
    type Store = SqliteStore;

    fn make(&self) -> SqliteStore {
        self.1.set(self.1.get() + 1);
        SqliteStore::open(&self.0.path().join(format!("{}.db", self.1.get()))).unwrap()
    }
}

#[test]
fn it_keeps_the_rules_of_every_store() {
    conformance::all(&Files(tempfile::tempdir().unwrap(), std::cell::Cell::new(0)));
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

#[test]
fn it_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/countersign/store.db");
    let mut store = SqliteStore::open(&path).unwrap();
    store.append(None, &[change("a", 0, 1, &[])]).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("data")), 0o700);
        for file in fs::read_dir(path.parent().unwrap()).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let (_folder, path) = folder();
    SqliteStore::open(&path).unwrap().append(None, &[change("a", 0, 2, &["k"])]).unwrap();
    let read = SqliteStore::open_to_read(&path).unwrap();
    assert_eq!(read.sequence().unwrap(), Sequence(2));
    assert_eq!(read.candidates(&["k".to_owned()]).unwrap().len(), 1);
}

#[test]
fn a_store_opened_to_read_is_not_written() {
    let (_folder, path) = folder();
    assert_eq!(SqliteStore::open_to_read(&path).unwrap_err().kind, StoreErrorKind::Missing);
    assert!(!path.exists());
    drop(SqliteStore::open(&path).unwrap());
    let mut read = SqliteStore::open_to_read(&path).unwrap();
    let refused = read.append(None, &[change("a", 0, 1, &[])]);
    let Err(AppendError::Store(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.kind, StoreErrorKind::ReadOnly, "{error}");
}

#[test]
fn another_file_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    let foreign = "not a database, but long enough to be taken for one. ".repeat(100);
    fs::write(&path, &foreign).unwrap();
    assert_eq!(SqliteStore::open(&path).unwrap_err().kind, StoreErrorKind::Foreign);
    assert_eq!(SqliteStore::open_to_read(&path).unwrap_err().kind, StoreErrorKind::Foreign);
    assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
}

#[test]
fn another_database_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x); PRAGMA application_id = 77; PRAGMA user_version = 1").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Foreign, "{error}");
    assert!(error.to_string().contains("0x4d"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_later_schema_is_refused() {
    let (_folder, path) = folder();
    drop(SqliteStore::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    for error in [SqliteStore::open(&path).unwrap_err(), SqliteStore::open_to_read(&path).unwrap_err()] {
        assert_eq!(error.kind, StoreErrorKind::TooNew);
        assert!(error.to_string().contains("version 99"), "{error}");
    }
}

#[test]
fn events_and_records_cannot_be_changed_in_the_file() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).unwrap();
    store.append(None, &[change("a", 0, 1, &[])]).unwrap();
    let under = policy("p");
    store.record(std::slice::from_ref(&under), &[record(1, "x", &["k"], &under)]).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    for statement in ["UPDATE event SET at = 0", "DELETE FROM event", "UPDATE record SET at = 0"] {
        assert!(raw.execute_batch(statement).unwrap_err().to_string().contains("append-only"), "{statement}");
    }
}

#[test]
fn a_change_behind_its_back_is_found() {
    let tampering = [
        ("DROP TRIGGER event_stays; UPDATE event SET body = '{}' WHERE sequence = 2", "event 2"),
        ("DROP TRIGGER event_is_kept; DELETE FROM event WHERE sequence = 2", "event 2"),
        ("DROP TRIGGER event_is_kept; DELETE FROM event WHERE sequence = 3", "identity `a`"),
        ("UPDATE identity SET snapshot = '{}'", "identity `a`"),
        ("DROP TRIGGER facts_stay; UPDATE facts SET body = '{}'", "facts `1`"),
        ("DROP TRIGGER record_stays; UPDATE record SET body = '{}'", "record `1`"),
        ("UPDATE policy SET text = ''", "policy `1`"),
        ("DROP TRIGGER revocation_stays; UPDATE revocation SET body = x'30'", "revocation `1`"),
        ("PRAGMA foreign_keys = off; DELETE FROM key", "selector"),
    ];
    for (statement, place) in tampering {
        let (_folder, path) = folder();
        let mut store = SqliteStore::open(&path).unwrap();
        store.append(None, &[change("a", 0, 3, &["k"])]).unwrap();
        let under = policy("p");
        store.record(std::slice::from_ref(&under), &[record(1, "x", &["k"], &under)]).unwrap();
        store.take_revocation(&[piece("one", 5, &["a"])]).unwrap();
        assert_eq!(store.check().unwrap(), []);
        rusqlite::Connection::open(&path).unwrap().execute_batch(statement).unwrap();
        let flaws = store.check().unwrap();
        assert!(flaws.iter().any(|flaw| flaw.place == place), "{statement}: {flaws:?}");
    }
}

#[test]
fn a_damaged_part_is_an_error_and_no_answer() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).unwrap();
    let under = policy("p");
    let facts = format!(r#"{{"certificate":"{}"}}"#, "QUJD".repeat(200));
    let new = countersign_store::NewRecord { facts, ..record(1, "x", &["k"], &under) };
    store.record(std::slice::from_ref(&under), &[new]).unwrap();
    for damage in ["UPDATE part SET text = replace(text, 'QUJD', 'QUJE')", "DELETE FROM part"] {
        rusqlite::Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let read = store.records_of(&["k".to_owned()], &mut |_| Ok(()));
        assert_eq!(read.unwrap_err().kind, StoreErrorKind::Damaged, "{damage}");
    }
}

#[test]
fn a_damaged_snapshot_is_an_error_and_no_answer() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).unwrap();
    store.append(None, &[change("a", 0, 1, &["k"])]).unwrap();
    let damage = r#"UPDATE identity SET snapshot = replace(snapshot, 'after', 'aftet')"#;
    rusqlite::Connection::open(&path).unwrap().execute_batch(damage).unwrap();
    assert_eq!(store.identity("a").unwrap_err().kind, StoreErrorKind::Damaged);
    assert_eq!(store.candidates(&["k".to_owned()]).unwrap_err().kind, StoreErrorKind::Damaged);
}

/// A store with a few pages of everything, closed, so that all of it is in the one file.
fn filled(path: &Path) {
    let mut store = SqliteStore::open(path).unwrap();
    let under = policy("p");
    for number in 0..60 {
        let (id, key) = (format!("identity-{number}"), format!("key-{number}"));
        store.append(None, &[change(&id, 0, 3, &[&key])]).unwrap();
        store.record(std::slice::from_ref(&under), &[record(number, &id, &[&key], &under)]).unwrap();
    }
}

/// Reads everything; what is read must be what was written.
fn read_all(path: &Path) -> Result<(), countersign_store::StoreError> {
    let store = SqliteStore::open_to_read(path)?;
    for number in 0..60 {
        let (id, key) = (format!("identity-{number}"), format!("key-{number}"));
        if let Some(snapshot) = store.identity(&id)? {
            assert_eq!(snapshot.body, change(&id, 0, 3, &[]).snapshot);
        }
        store.candidates(std::slice::from_ref(&key))?;
        store.events_of(&id)?;
        store.records_of(&[key], &mut |_| Ok(()))?;
    }
    store.identities(&mut |_| Ok(()))?;
    store.events_after(Sequence::START, &mut |_| Ok(()))?;
    store.check().map(|_| ())
}

#[test]
fn flipped_bytes_are_an_error_and_never_a_panic() {
    let (_folder, path) = folder();
    filled(&path);
    let whole = fs::read(&path).unwrap();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut errors, mut found, rounds) = (0, 0, 400);
    for _ in 0..rounds {
        let mut bytes = whole.clone();
        for _ in 0..1 + random.below(8) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        fs::write(&path, &bytes).unwrap();
        errors += u32::from(read_all(&path).is_err());
        let flaws = SqliteStore::open_to_read(&path).and_then(|store| store.check());
        found += u32::from(flaws.is_ok_and(|flaws| !flaws.is_empty()));
        let _ = SqliteStore::open(&path).map(|mut store| store.append(None, &[change("new", 0, 1, &["k"])]));
        for beside in ["store.db-wal", "store.db-shm"] {
            let _ = fs::remove_file(path.with_file_name(beside));
        }
    }
    assert!(errors > 20, "{errors} of {rounds} were errors");
    assert!(errors + found > rounds / 2, "{errors} errors, {found} found by the check, of {rounds}");
}

#[test]
fn a_cut_file_is_an_error_and_never_a_panic() {
    let (_folder, path) = folder();
    filled(&path);
    let whole = fs::read(&path).unwrap();
    for length in (1..whole.len()).step_by(whole.len() / 40) {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(read_all(&path).is_err(), "cut at {length}");
    }
    fs::write(&path, &whole).unwrap();
    read_all(&path).unwrap();
}

/// xorshift64*: the same faults in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        usize::try_from(random >> 16).unwrap() % end
    }
}

#[test]
fn writers_take_turns_and_none_is_lost() {
    let (_folder, path) = folder();
    // Not made beforehand: the writers also race to make it.
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || write_turns(path, writer));
        }
    });
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.sequence().unwrap(), Sequence(4 * 25 * 2));
    assert_eq!(store.identity("shared").unwrap().unwrap().sequence, Sequence(4 * 25));
    assert_eq!(store.check().unwrap(), []);
}

/// Appends to an identity of its own, and to one that all writers fight for.
fn write_turns(path: &Path, writer: usize) {
    let mut store = SqliteStore::open(path).unwrap();
    for turn in 0..25 {
        store.append(None, &[change(&format!("own-{writer}"), turn, 1, &[])]).unwrap();
        loop {
            let now = store.identity("shared").unwrap().map_or(0, |snapshot| snapshot.sequence.0);
            match store.append(None, &[change("shared", now, 1, &["k"])]) {
                Ok(_) => break,
                Err(AppendError::Conflict(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn readers_do_not_wait_for_a_writer() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).unwrap();
    store.append(None, &[change("a", 0, 1, &[])]).unwrap();
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = std::time::Instant::now();
    assert!(SqliteStore::open_to_read(&path).unwrap().identity("a").unwrap().is_some());
    assert!(start.elapsed().as_secs() < 5);
}

#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_is_said() {
    // Not even root makes files here.
    let error = SqliteStore::open(Path::new("/proc/countersign/store.db")).unwrap_err();
    assert!(matches!(error.kind, StoreErrorKind::Missing | StoreErrorKind::Refused), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::File::create(&file).unwrap().write_all(b"x").unwrap();
    let error = SqliteStore::open(&file.join("store.db")).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Refused, "{error}");
    let error = SqliteStore::open(folder.path()).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Refused, "{error}");
}
