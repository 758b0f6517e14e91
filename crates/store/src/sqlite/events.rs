//! Events and snapshots of identities.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Row, Statement, params};

use super::keys::{self, Keys};
use super::{Problem, Worked, restored, stored, sum_of, time, whole};
use crate::store::{AppendError, Change, Conflict, Each, NewEvent, Sequence, Snapshot, StoredEvent};

/// Why nothing is appended.
pub(super) enum Stopped {
    Conflict(Conflict),
    Problem(Problem),
}

impl Stopped {
    pub(super) fn at(self, path: &Path) -> AppendError {
        match self {
            Self::Conflict(conflict) => AppendError::Conflict(conflict),
            Self::Problem(problem) => AppendError::Store(problem.at(path)),
        }
    }
}

impl<E: Into<Problem>> From<E> for Stopped {
    fn from(problem: E) -> Self {
        Self::Problem(problem.into())
    }
}

/// Appends within a transaction that already keeps other writers out.
pub(super) fn append(
    connection: &Connection,
    registry: Option<Sequence>,
    changes: &[Change],
) -> Result<Sequence, Stopped> {
    let mut log = Log::open(connection)?;
    compare(None, registry.unwrap_or(log.sequence), log.sequence)?;
    let mut identities = Identities::open(connection)?;
    for change in changes {
        let row = identities.find(&change.identity)?;
        let found = row.map_or(Sequence::START, |(_, sequence)| sequence);
        compare(Some(&change.identity), change.expected, found)?;
        let number = identities.put(row.map(|(number, _)| number), change)?;
        let mut version = found;
        for event in &change.events {
            version = version.after(1);
            log.push(number, &change.identity, version, event)?;
        }
    }
    Ok(log.sequence)
}

fn compare(identity: Option<&str>, expected: Sequence, found: Sequence) -> Result<(), Stopped> {
    if expected == found {
        return Ok(());
    }
    Err(Stopped::Conflict(Conflict { identity: identity.map(str::to_owned), expected, found }))
}

/// The end of the log, where events are put.
struct Log<'c> {
    insert: Statement<'c>,
    sequence: Sequence,
    chain: Vec<u8>,
}

impl<'c> Log<'c> {
    fn open(connection: &'c Connection) -> Worked<Self> {
        let last = connection
            .query_row("SELECT sequence, chain FROM event ORDER BY sequence DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let (sequence, chain) = last.unwrap_or_default();
        let insert = connection.prepare(
            "INSERT INTO event (sequence, identity, version, at, body, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        Ok(Self { insert, sequence: restored(sequence)?, chain })
    }

    fn push(&mut self, number: i64, identity: &str, version: Sequence, event: &NewEvent) -> Worked<()> {
        self.sequence = self.sequence.after(1);
        self.chain = chained(&self.chain, identity, version, event.at.unix(), &event.body);
        let place = (stored(self.sequence)?, stored(version)?);
        self.insert.execute(params![place.0, number, place.1, event.at.unix(), event.body, self.chain])?;
        Ok(())
    }
}

/// SHA-256 over the chain so far and an event: an event that is changed, moved or taken out breaks it.
pub(super) fn chained(chain: &[u8], identity: &str, version: Sequence, at: i64, body: &str) -> Vec<u8> {
    sum_of(&[chain, identity.as_bytes(), &version.0.to_be_bytes(), &at.to_be_bytes(), body.as_bytes()])
}

/// SHA-256 over a snapshot: of this identity, after so many events.
pub(super) fn sum_of_snapshot(identity: &str, sequence: Sequence, body: &str) -> Vec<u8> {
    sum_of(&[identity.as_bytes(), &sequence.0.to_be_bytes(), body.as_bytes()])
}

/// Snapshots and keys, with their statements prepared once for many changes.
struct Identities<'c> {
    find: Statement<'c>,
    insert: Statement<'c>,
    update: Statement<'c>,
    forget: Statement<'c>,
    select: Statement<'c>,
    keys: Keys<'c>,
}

impl<'c> Identities<'c> {
    fn open(connection: &'c Connection) -> Worked<Self> {
        Ok(Self {
            find: connection.prepare("SELECT number, sequence FROM identity WHERE id = ?1")?,
            insert: connection.prepare("INSERT INTO identity (id, sequence, snapshot, sum) VALUES (?1, ?2, ?3, ?4)")?,
            update: connection
                .prepare("UPDATE identity SET sequence = ?2, snapshot = ?3, sum = ?4 WHERE number = ?1")?,
            forget: connection.prepare("DELETE FROM selector WHERE identity = ?1")?,
            select: connection.prepare("INSERT OR IGNORE INTO selector (key, identity) VALUES (?1, ?2)")?,
            keys: Keys::open(connection)?,
        })
    }

    /// Its number here, and how many events it has.
    fn find(&mut self, id: &str) -> Worked<Option<(i64, Sequence)>> {
        let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let row = self.find.query_row([id], row).optional()?;
        row.map(|(number, sequence)| Ok((number, restored(sequence)?))).transpose()
    }

    fn put(&mut self, number: Option<i64>, change: &Change) -> Worked<i64> {
        let after = change.expected.after(change.events.len() as u64);
        let sum = sum_of_snapshot(&change.identity, after, &change.snapshot);
        let sequence = stored(after)?;
        let number = match number {
            Some(number) => {
                self.update.execute(params![number, sequence, change.snapshot, sum])?;
                self.forget.execute([number])?;
                number
            }
            None => self.insert.insert(params![change.identity, sequence, change.snapshot, sum])?,
        };
        for key in self.keys.numbered(&change.keys)? {
            self.select.execute([key, number])?;
        }
        Ok(number)
    }
}

pub(super) fn sequence(connection: &Connection) -> Worked<Sequence> {
    let last = "SELECT ifnull(max(sequence), 0) FROM event";
    restored(connection.query_row(last, [], |row| row.get(0))?)
}

const SNAPSHOT: &str = "SELECT id, sequence, snapshot, sum FROM identity";

fn snapshot(row: &Row<'_>) -> Worked<Snapshot> {
    let (identity, body): (String, String) = (row.get(0)?, row.get(2)?);
    let sequence = restored(row.get(1)?)?;
    let found = sum_of_snapshot(&identity, sequence, &body);
    whole(&format!("snapshot of `{identity}`"), &row.get::<_, Vec<u8>>(3)?, &found)?;
    Ok(Snapshot { identity, sequence, body })
}

pub(super) fn identity(connection: &Connection, id: &str) -> Worked<Option<Snapshot>> {
    let mut find = connection.prepare(&format!("{SNAPSHOT} WHERE id = ?1"))?;
    let mut rows = find.query([id])?;
    let found = rows.next()?.map(snapshot).transpose()?;
    found.map(|found| of(id, &found.identity).map(|()| found)).transpose()
}

/// An index that is damaged leads to the row of another identity.
fn of(expected: &str, found: &str) -> Worked<()> {
    if expected == found {
        return Ok(());
    }
    Err(Problem::Damaged(format!("identity `{expected}`: the index leads to `{found}`")))
}

pub(super) fn identities(connection: &Connection, each: Each<'_, Snapshot>) -> Worked<()> {
    let mut all = connection.prepare(&format!("{SNAPSHOT} ORDER BY id"))?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        each(snapshot(row)?).map_err(Problem::Given)?;
    }
    Ok(())
}

pub(super) fn candidates(connection: &Connection, keys: &[String]) -> Worked<Vec<Snapshot>> {
    let mut by_key = connection.prepare("SELECT identity FROM selector WHERE key = ?1")?;
    let mut numbers = BTreeSet::new();
    for key in keys::known(connection, keys)? {
        let mut rows = by_key.query([key])?;
        while let Some(row) = rows.next()? {
            numbers.insert(row.get::<_, i64>(0)?);
        }
    }
    let mut by_number = connection.prepare(&format!("{SNAPSHOT} WHERE number = ?1"))?;
    let mut found = Vec::new();
    for number in numbers {
        let mut rows = by_number.query([number])?;
        match rows.next()? {
            Some(row) => found.push(snapshot(row)?),
            None => return Err(Problem::Damaged(format!("selector of identity number {number}: there is none"))),
        }
    }
    Ok(found)
}

/// With each event the chain up to the one before it.
const EVENT: &str = "SELECT event.sequence, identity.id, event.version, event.at, event.body, event.chain, \
                            ifnull(before.chain, x'') \
                     FROM event JOIN identity ON identity.number = event.identity \
                     LEFT JOIN event AS before ON before.sequence = event.sequence - 1";

fn event(row: &Row<'_>) -> Worked<StoredEvent> {
    let event = StoredEvent {
        sequence: restored(row.get(0)?)?,
        identity: row.get(1)?,
        version: restored(row.get(2)?)?,
        at: time(row.get(3)?),
        body: row.get(4)?,
    };
    let (expected, before): (Vec<u8>, Vec<u8>) = (row.get(5)?, row.get(6)?);
    let found = chained(&before, &event.identity, event.version, event.at.unix(), &event.body);
    whole(&format!("event {}", event.sequence), &expected, &found)?;
    Ok(event)
}

pub(super) fn events_of(connection: &Connection, id: &str) -> Worked<Vec<StoredEvent>> {
    let mut find = connection.prepare(&format!("{EVENT} WHERE identity.id = ?1 ORDER BY event.version"))?;
    let mut rows = find.query([id])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let event = event(row)?;
        of(id, &event.identity)?;
        events.push(event);
    }
    Ok(events)
}

pub(super) fn events_after(connection: &Connection, after: Sequence, each: Each<'_, StoredEvent>) -> Worked<()> {
    let mut find = connection.prepare(&format!("{EVENT} WHERE event.sequence > ?1 ORDER BY event.sequence"))?;
    let mut rows = find.query([stored(after)?])?;
    while let Some(row) = rows.next()? {
        each(event(row)?).map_err(Problem::Given)?;
    }
    Ok(())
}
