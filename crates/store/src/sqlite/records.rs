//! Records of verdicts.

use std::collections::BTreeSet;

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, Statement, params};

use super::keys::{self, Keys};
use super::parts::{Joiner, Splitter};
use super::{Problem, Worked, prefix, sum, sum_of, time, whole};
use crate::error::StoreErrorKind;
use crate::store::{Each, NewRecord, PolicyText, StoredRecord};

pub(super) fn record(connection: &Connection, policies: &[PolicyText], records: &[NewRecord]) -> Worked<()> {
    for policy in policies {
        put_policy(connection, policy)?;
    }
    let mut insert =
        connection.prepare("INSERT INTO record (at, facts, policy, body, sum) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let mut facts = Facts::open(connection)?;
    for record in records {
        let policy = facts.policy(&record.policy)?.ok_or_else(|| {
            let detail = format!("a verdict under policy {}, whose text is neither given nor known", record.policy);
            Problem::Kind(StoreErrorKind::Refused, detail)
        })?;
        let (facts, sum_of_facts) = facts.put(record)?;
        let sum = sum_of_record(record.at, &sum_of_facts, &record.policy, &record.body);
        insert.execute(params![record.at.unix(), facts, policy, record.body, sum])?;
    }
    Ok(())
}

/// SHA-256 over a record: of these facts under this policy at that instant.
pub(super) fn sum_of_record(at: Time, facts: &[u8], policy: &Digest, body: &str) -> Vec<u8> {
    sum_of(&[&at.unix().to_be_bytes(), facts, policy.as_bytes(), body.as_bytes()])
}

fn put_policy(connection: &Connection, policy: &PolicyText) -> Worked<()> {
    whole("a policy", policy.sha256.as_bytes(), &sum(&policy.text))?;
    let insert = "INSERT OR IGNORE INTO policy (sha256, text) VALUES (?1, ?2)";
    connection.execute(insert, params![policy.sha256.as_bytes(), policy.text])?;
    Ok(())
}

/// Facts and what they are found by, with the statements prepared once for many records.
struct Facts<'c> {
    policy: Statement<'c>,
    find: Statement<'c>,
    insert: Statement<'c>,
    by_key: Statement<'c>,
    by_digest: Statement<'c>,
    keys: Keys<'c>,
    parts: Splitter<'c>,
}

impl<'c> Facts<'c> {
    fn open(connection: &'c Connection) -> Worked<Self> {
        Ok(Self {
            policy: connection.prepare("SELECT number FROM policy WHERE sha256 = ?1")?,
            find: connection.prepare("SELECT number FROM facts WHERE prefix = ?1 AND sum = ?2")?,
            insert: connection.prepare("INSERT INTO facts (prefix, sum, body) VALUES (?1, ?2, ?3)")?,
            by_key: connection.prepare("INSERT OR IGNORE INTO facts_key (key, facts) VALUES (?1, ?2)")?,
            by_digest: connection.prepare("INSERT OR IGNORE INTO facts_digest (prefix, facts) VALUES (?1, ?2)")?,
            keys: Keys::open(connection)?,
            parts: Splitter::open(connection)?,
        })
    }

    fn policy(&mut self, sha256: &Digest) -> Worked<Option<i64>> {
        Ok(self.policy.query_row([sha256.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The number and digest of these facts; if they are new, they are written.
    fn put(&mut self, record: &NewRecord) -> Worked<(i64, Vec<u8>)> {
        let sum = sum(&record.facts);
        let known = self.find.query_row(params![prefix(&sum), sum], |row| row.get(0)).optional()?;
        if let Some(number) = known {
            return Ok((number, sum));
        }
        let kept = self.parts.split(&record.facts)?;
        let number = self.insert.insert(params![prefix(&sum), sum, kept])?;
        for key in self.keys.numbered(&record.keys)? {
            self.by_key.execute([key, number])?;
        }
        for digest in &record.digests {
            self.by_digest.execute([prefix(digest.as_bytes()), number])?;
        }
        Ok((number, sum))
    }
}

pub(super) fn records_of(connection: &Connection, keys: &[String], each: Each<'_, StoredRecord>) -> Worked<()> {
    let mut by_key = connection.prepare(
        "SELECT record.number FROM facts_key JOIN record ON record.facts = facts_key.facts WHERE facts_key.key = ?1",
    )?;
    let mut numbers = BTreeSet::new();
    for key in keys::known(connection, keys)? {
        let mut rows = by_key.query([key])?;
        while let Some(row) = rows.next()? {
            numbers.insert(row.get(0)?);
        }
    }
    hand_out(connection, numbers, each)
}

pub(super) fn records_about(connection: &Connection, digest: &Digest, each: Each<'_, StoredRecord>) -> Worked<()> {
    let mut by_digest = connection.prepare(
        "SELECT record.number FROM facts_digest JOIN record ON record.facts = facts_digest.facts \
         WHERE facts_digest.prefix = ?1",
    )?;
    let mut numbers = BTreeSet::new();
    let mut rows = by_digest.query([prefix(digest.as_bytes())])?;
    while let Some(row) = rows.next()? {
        numbers.insert(row.get(0)?);
    }
    hand_out(connection, numbers, each)
}

/// A record with everything that it rests on.
const WHOLE: &str = "SELECT record.at, policy.sha256, facts.body, facts.sum, record.body, record.sum, record.number \
                     FROM record JOIN facts ON facts.number = record.facts JOIN policy ON policy.number = record.policy";

/// Every record, in order.
pub(super) fn records(connection: &Connection, each: Each<'_, StoredRecord>) -> Worked<()> {
    let mut all = connection.prepare(&format!("{WHOLE} ORDER BY record.number"))?;
    let mut parts = Joiner::open(connection)?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        each(restore(row.get(6)?, row, &mut parts)?).map_err(Problem::Given)?;
    }
    Ok(())
}

/// The records with these numbers, in order. Another record whose digest begins with the same eight bytes
/// may be among them: the facts say which artifact it is about.
fn hand_out(connection: &Connection, numbers: BTreeSet<i64>, each: Each<'_, StoredRecord>) -> Worked<()> {
    let mut find = connection.prepare(&format!("{WHOLE} WHERE record.number = ?1"))?;
    let mut parts = Joiner::open(connection)?;
    for number in numbers {
        let mut rows = find.query([number])?;
        let row = rows.next()?.ok_or_else(|| Problem::Damaged(format!("record {number}: its facts are not there")))?;
        each(restore(number, row, &mut parts)?).map_err(Problem::Given)?;
    }
    Ok(())
}

fn restore(number: i64, row: &Row<'_>, parts: &mut Joiner<'_>) -> Worked<StoredRecord> {
    let what = format!("record {number}");
    let policy = Digest::new(DigestAlgorithm::Sha256, &row.get::<_, Vec<u8>>(1)?);
    let record = StoredRecord {
        number: u64::try_from(number).unwrap_or(0),
        at: time(row.get(0)?),
        policy: policy.ok_or_else(|| Problem::Damaged(format!("{what}: its policy has no SHA-256")))?,
        facts: parts.join(&row.get::<_, String>(2)?)?,
        body: row.get(4)?,
    };
    let facts = sum(&record.facts);
    whole(&format!("facts of {what}"), &row.get::<_, Vec<u8>>(3)?, &facts)?;
    let found = sum_of_record(record.at, &facts, &record.policy, &record.body);
    whole(&what, &row.get::<_, Vec<u8>>(5)?, &found)?;
    Ok(record)
}

pub(super) fn recorded(connection: &Connection) -> Worked<u64> {
    let count: i64 = connection.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) fn policy_text(connection: &Connection, sha256: &Digest) -> Worked<Option<String>> {
    let mut find = connection.prepare("SELECT text FROM policy WHERE sha256 = ?1")?;
    let text: Option<String> = find.query_row([sha256.as_bytes()], |row| row.get(0)).optional()?;
    if let Some(text) = &text {
        whole(&format!("policy {sha256}"), sha256.as_bytes(), &sum(text))?;
    }
    Ok(text)
}
