//! Revocation lists and OCSP responses, dated: when they were made, and when they came in.

use rusqlite::{Connection, Params, Row, params};

use super::{Problem, Worked, sum, time, whole};
use crate::store::{RevocationKind, RevocationPiece};

pub(super) fn take(connection: &Connection, pieces: &[RevocationPiece]) -> Worked<()> {
    let mut known = connection.prepare("SELECT 1 FROM revocation WHERE sum = ?1")?;
    let mut insert = connection.prepare(
        "INSERT INTO revocation (kind, sum, issued, due, kept, source, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut shelve = connection.prepare("INSERT INTO revocation_shelf (shelf, revocation) VALUES (?1, ?2)")?;
    for piece in pieces {
        let sum = sum(&piece.body);
        // The first time counts: it is the proof of how long something has been known here.
        if known.exists([&sum])? {
            continue;
        }
        let (issued, due) = (piece.issued.map(|at| at.unix()), piece.due.map(|at| at.unix()));
        let kept = piece.kept.unix();
        let number = insert.insert(params![piece.kind.word(), sum, issued, due, kept, piece.source, piece.body])?;
        for shelf in &piece.shelves {
            shelve.execute(params![shelf, number])?;
        }
    }
    Ok(())
}

const FIELDS: &str = "kind, sum, issued, due, kept, source, body";

pub(super) fn on_shelf(connection: &Connection, shelf: &str) -> Worked<Vec<RevocationPiece>> {
    let shelved = "JOIN revocation_shelf ON revocation = number WHERE shelf = ?1";
    pieces(connection, shelved, [shelf])
}

pub(super) fn all(connection: &Connection) -> Worked<Vec<RevocationPiece>> {
    pieces(connection, "", [])
}

fn pieces(connection: &Connection, which: &str, of: impl Params) -> Worked<Vec<RevocationPiece>> {
    let mut find = connection.prepare(&format!("SELECT {FIELDS} FROM revocation {which} ORDER BY number"))?;
    let mut rows = find.query(of)?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        pieces.push(piece(row)?);
    }
    Ok(pieces)
}

fn piece(row: &Row<'_>) -> Worked<RevocationPiece> {
    let (kind, sum, body): (String, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(6)?);
    whole("revocation", &sum, &super::sum(&body))?;
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
