//! `identity import-inventory`: which digest is installed where.

use std::collections::BTreeMap;

use countersign::crypto::Digest;
use countersign::time::Time;
use countersign_store::{Installed, SqliteStore, Store as _};

use super::args::ImportInventory;
use super::at;
use crate::describe::print;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// Bytes of an inventory at most: a few million lines.
const LARGEST: u64 = 1 << 30;

/// Mistakes listed at most.
const MOST: usize = 100;

const COLUMNS: [&str; 5] = ["place", "digest", "name", "version", "observed"];

/// Runs `identity import-inventory`.
pub(crate) fn run(store: &mut SqliteStore, options: &ImportInventory) -> Result<u8, Trouble> {
    let bytes = read_whole(&options.file, LARGEST)?;
    let path = path_text(&options.file);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let rows = if first == Some(&b'[') { objects(&path, &bytes)? } else { table(&path, &bytes)? };
    let seen = at(options.at);
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        match row.and_then(|row| installed(&row, seen, &path)) {
            Ok(installed) => lines.push(installed),
            Err(problem) => mistakes.push(format!("{path}:{line}: {problem}")),
        }
    }
    if !mistakes.is_empty() || lines.is_empty() {
        let count = mistakes.len();
        let more = (count > MOST).then(|| format!("and {} more", count - MOST));
        let trouble = Trouble::new(path, format!("{count} mistakes, {} good lines; nothing was imported", lines.len()));
        return Err(trouble.with_list(mistakes.into_iter().take(MOST).chain(more)));
    }
    store.take_inventory(&lines)?;
    Ok(print(&format!("{path}: {} lines\n", lines.len())))
}

type Row = BTreeMap<String, String>;
type Rows = Vec<(u64, Result<Row, String>)>;

fn table(path: &str, bytes: &[u8]) -> Result<Rows, Trouble> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| Trouble::new(path, error.to_string()))?.clone();
    let missing = ["place", "digest"].into_iter().find(|name| !header.iter().any(|known| known == *name));
    let unknown = header.iter().find(|name| !COLUMNS.contains(name));
    if let Some(problem) = missing
        .map(|name| format!("line 1: column `{name}` is missing"))
        .or_else(|| unknown.map(|name| format!("line 1: column `{name}` is not known")))
    {
        return Err(Trouble::new(path, problem).with_list([format!("columns are: {}", COLUMNS.join(", "))]));
    }
    let rows = reader.into_records().map(|row| match row {
        Ok(row) => {
            let cells = header.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
            (row.position().map_or(0, csv::Position::line), Ok(cells.collect()))
        }
        Err(error) => (error.position().map_or(0, csv::Position::line), Err(error.to_string())),
    });
    Ok(rows.collect())
}

fn objects(path: &str, bytes: &[u8]) -> Result<Rows, Trouble> {
    let list: Vec<Row> = serde_json::from_slice(bytes).map_err(|error| Trouble::new(path, error.to_string()))?;
    let checked = list.into_iter().map(|row| match row.keys().find(|name| !COLUMNS.contains(&name.as_str())) {
        Some(name) => Err(format!("`{name}` is not known; the names are: {}", COLUMNS.join(", "))),
        None => Ok(row),
    });
    Ok((1..).zip(checked).collect())
}

fn installed(row: &Row, seen: Time, source: &str) -> Result<Installed, String> {
    let cell = |name: &str| row.get(name).map(|text| text.trim()).unwrap_or_default();
    let digest = cell("digest");
    let digest = if digest.contains(':') { digest.to_owned() } else { format!("sha256:{digest}") };
    let digest: Digest = digest.parse().map_err(|bad: countersign::crypto::BadDigest| bad.to_string())?;
    if cell("place").is_empty() {
        return Err("`place` is empty".to_owned());
    }
    let observed = match cell("observed") {
        "" => seen,
        text => text.parse().map_err(|bad: countersign::time::BadTime| bad.to_string())?,
    };
    Ok(Installed {
        digest,
        place: cell("place").to_owned(),
        name: cell("name").to_owned(),
        version: cell("version").to_owned(),
        observed,
        source: source.to_owned(),
    })
}
