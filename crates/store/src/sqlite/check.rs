//! Looking at everything that is kept.

use countersign::crypto::{Digest, DigestAlgorithm};
use rusqlite::{Connection, Row};

use super::events::{chained, sum_of_snapshot};
use super::parts::Joiner;
use super::records::sum_of_record;
use super::{Worked, restored, sum, time};
use crate::store::{Flaw, Sequence};

/// Flaws listed at most: a broken file has thousands, and the first tell what is wrong.
const MOST: usize = 100;

pub(super) fn check(connection: &Connection) -> Worked<Vec<Flaw>> {
    let mut flaws = Vec::new();
    pages(connection, &mut flaws)?;
    if flaws.is_empty() {
        references(connection, &mut flaws)?;
        chain(connection, &mut flaws)?;
        documents(connection, &mut flaws)?;
    }
    flaws.truncate(MOST);
    Ok(flaws)
}

fn flaw(place: impl Into<String>, detail: impl Into<String>) -> Flaw {
    Flaw { place: place.into(), detail: detail.into() }
}

/// The file's own structure: pages, indexes against their tables.
fn pages(connection: &Connection, flaws: &mut Vec<Flaw>) -> Worked<()> {
    let mut check = connection.prepare(&format!("PRAGMA integrity_check({MOST})"))?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        if text != "ok" {
            flaws.push(flaw("file", text));
        }
    }
    Ok(())
}

fn references(connection: &Connection, flaws: &mut Vec<Flaw>) -> Worked<()> {
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        flaws.push(flaw(table, format!("a row leads to nothing in `{parent}`")));
    }
    Ok(())
}

/// Every event in its place, unchanged, and each identity with as many as its snapshot says.
fn chain(connection: &Connection, flaws: &mut Vec<Flaw>) -> Worked<()> {
    let mut all = connection.prepare(
        "SELECT event.sequence, identity.id, event.version, event.at, event.body, event.chain \
         FROM event JOIN identity ON identity.number = event.identity ORDER BY event.sequence",
    )?;
    let mut rows = all.query([])?;
    let (mut next, mut chain) = (Sequence::START, Vec::new());
    while let Some(row) = rows.next()? {
        next = next.after(1);
        let found = restored(row.get(0)?)?;
        if found != next {
            flaws.push(flaw(format!("event {next}"), format!("is missing; the next one is {found}")));
            next = found;
        }
        chain = link(row, &chain, found, flaws)?;
    }
    counts(connection, flaws)
}

fn link(row: &Row<'_>, before: &[u8], sequence: Sequence, flaws: &mut Vec<Flaw>) -> Worked<Vec<u8>> {
    let (identity, body): (String, String) = (row.get(1)?, row.get(4)?);
    let expected: Vec<u8> = row.get(5)?;
    let found = chained(before, &identity, restored(row.get(2)?)?, row.get(3)?, &body);
    if found != expected {
        flaws.push(flaw(format!("event {sequence}"), "is not what was appended, or not after what it followed"));
    }
    // From here on by what is written there, so that one changed event is one flaw.
    Ok(expected)
}

fn counts(connection: &Connection, flaws: &mut Vec<Flaw>) -> Worked<()> {
    let mut check = connection.prepare(
        "SELECT identity.id, identity.sequence, count(event.sequence), ifnull(max(event.version), 0) \
         FROM identity LEFT JOIN event ON event.identity = identity.number GROUP BY identity.number",
    )?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        let (id, expected): (String, i64) = (row.get(0)?, row.get(1)?);
        let (count, last): (i64, i64) = (row.get(2)?, row.get(3)?);
        if count != expected || last != expected {
            let detail = format!("its snapshot is after {expected} events; there are {count}, the last is {last}");
            flaws.push(flaw(format!("identity `{id}`"), detail));
        }
    }
    Ok(())
}

/// Every document against its digest.
fn documents(connection: &Connection, flaws: &mut Vec<Flaw>) -> Worked<()> {
    let snapshot = |row: &Row<'_>| {
        let (id, body): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(sum_of_snapshot(&id, restored(row.get(1)?)?, &body))
    };
    compare(connection, flaws, "identity", "SELECT id, sequence, snapshot, sum FROM identity", snapshot)?;
    let mut parts = Joiner::open(connection)?;
    let facts = |row: &Row<'_>| Ok(sum(parts.join(&row.get::<_, String>(2)?)?));
    compare(connection, flaws, "facts", "SELECT CAST(number AS TEXT), 0, body, sum FROM facts", facts)?;
    let text = |row: &Row<'_>| Ok(sum(row.get::<_, String>(2)?));
    compare(connection, flaws, "policy", "SELECT CAST(number AS TEXT), 0, text, sha256 FROM policy", text)?;
    let piece = |row: &Row<'_>| Ok(sum(row.get::<_, Vec<u8>>(2)?));
    compare(connection, flaws, "revocation", "SELECT CAST(number AS TEXT), 0, body, sum FROM revocation", piece)?;
    let record = |row: &Row<'_>| {
        let (at, facts, policy): (i64, Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(4)?, row.get(5)?);
        let policy = Digest::new(DigestAlgorithm::Sha256, &policy);
        let body: String = row.get(2)?;
        Ok(policy.map_or_else(Vec::new, |policy| sum_of_record(time(at), &facts, &policy, &body)))
    };
    let all = "SELECT CAST(record.number AS TEXT), record.at, record.body, record.sum, facts.sum, policy.sha256 \
               FROM record JOIN facts ON facts.number = record.facts JOIN policy ON policy.number = record.policy";
    compare(connection, flaws, "record", all, record)
}

/// Compares what stands in the fourth column with what is computed of the row.
fn compare(
    connection: &Connection,
    flaws: &mut Vec<Flaw>,
    table: &str,
    query: &str,
    mut computed: impl FnMut(&Row<'_>) -> Worked<Vec<u8>>,
) -> Worked<()> {
    let mut each = connection.prepare(query)?;
    let mut rows = each.query([])?;
    while let Some(row) = rows.next()? {
        if computed(row)? != row.get::<_, Vec<u8>>(3)? {
            let id: String = row.get(0)?;
            flaws.push(flaw(format!("{table} `{id}`"), "is not the document that was written"));
        }
    }
    Ok(())
}
