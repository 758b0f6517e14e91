//! Inventories: which digest is installed where.

use rusqlite::{Connection, params};

use super::{Problem, Worked, prefix, time};
use crate::store::Installed;
use countersign::crypto::Digest;

pub(super) fn take(connection: &Connection, lines: &[Installed]) -> Worked<()> {
    let mut insert = connection.prepare(
        "INSERT INTO installed (prefix, digest, place, name, version, observed, source) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (prefix, digest, place, name, version) DO UPDATE \
         SET observed = excluded.observed, source = excluded.source WHERE excluded.observed > observed",
    )?;
    for line in lines {
        let digest = (prefix(line.digest.as_bytes()), line.digest.to_string());
        let seen = (line.observed.unix(), &line.source);
        insert.execute(params![digest.0, digest.1, line.place, line.name, line.version, seen.0, seen.1])?;
    }
    Ok(())
}

pub(super) fn installed(connection: &Connection, digest: &Digest) -> Worked<Vec<Installed>> {
    let mut find = connection.prepare(
        "SELECT digest, place, name, version, observed, source FROM installed \
         WHERE prefix = ?1 AND digest = ?2 ORDER BY place, name, version",
    )?;
    let mut rows = find.query(params![prefix(digest.as_bytes()), digest.to_string()])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        lines.push(Installed {
            digest: text.parse().map_err(|_| Problem::Damaged(format!("installed: `{text}` is no digest")))?,
            place: row.get(1)?,
            name: row.get(2)?,
            version: row.get(3)?,
            observed: time(row.get(4)?),
            source: row.get(5)?,
        });
    }
    Ok(lines)
}
