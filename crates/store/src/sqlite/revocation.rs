//! Revocation lists and OCSP responses, dated: when they were made, and when they came in.

use rusqlite::{Connection, Row, params};

use super::{Problem, Worked, time, whole};
use crate::store::{RevocationKind, RevocationPiece};
use countersign::crypto::{Digest, DigestAlgorithm};

pub(super) fn take(connection: &Connection, pieces: &[RevocationPiece]) -> Worked<()> {
    let mut known = connection.prepare("SELECT 1 FROM revocation WHERE sum = ?1")?;
    let mut insert = connection.prepare(
        "INSERT INTO revocation (kind, sum, issued, due, kept, source, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut shelve = connection.prepare("INSERT INTO revocation_shelf (shelf, revocation) VALUES (?1, ?2)")?;
    for piece in pieces {
        let sum = Digest::of(DigestAlgorithm::Sha256, &piece.body);
        let sum = sum.as_bytes();
        // The first time counts: it is the proof of how long something has been known here.
        if known.exists([sum])? {
            continue;
        }
        let (issued, due) = (piece.issued.map(|at| at.unix()), piece.due.map(|at| at.unix()));
        let kept = piece.kept.unix();
        insert.execute(params![piece.kind.word(), sum, issued, due, kept, piece.source, piece.body])?;
        let number = connection.last_insert_rowid();
        for shelf in &piece.shelves {
            shelve.execute(params![shelf, number])?;
        }
    }
    Ok(())
}

const FIELDS: &str = "kind, sum, issued, due, kept, source, body";

pub(super) fn on_shelf(connection: &Connection, shelf: &str) -> Worked<Vec<RevocationPiece>> {
    let mut find = connection.prepare(&format!(
        "SELECT {FIELDS} FROM revocation JOIN revocation_shelf ON revocation = number WHERE shelf = ?1 ORDER BY number",
    ))?;
    let mut rows = find.query([shelf])?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        pieces.push(piece(row)?);
    }
    Ok(pieces)
}

pub(super) fn all(connection: &Connection) -> Worked<Vec<RevocationPiece>> {
    let mut find = connection.prepare(&format!("SELECT {FIELDS} FROM revocation ORDER BY number"))?;
    let mut rows = find.query([])?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        pieces.push(piece(row)?);
    }
    Ok(pieces)
}

fn piece(row: &Row<'_>) -> Worked<RevocationPiece> {
    let (kind, sum, body): (String, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(6)?);
    whole("revocation", &sum, Digest::of(DigestAlgorithm::Sha256, &body).as_bytes())?;
    let kind = RevocationKind::of_word(&kind);
    let kind = kind.ok_or_else(|| Problem::Damaged("revocation: a piece of unknown kind".to_owned()))?;
    let at = |seconds: Option<i64>| seconds.map(time);
    Ok(RevocationPiece {
        kind,
        issued: at(row.get(2)?),
        due: at(row.get(3)?),
        kept: time(row.get(4)?),
        source: row.get(5)?,
        shelves: Vec::new(),
        body,
    })
}
