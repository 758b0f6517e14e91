//! Tables of comma-separated values, with a header and comments.

use std::collections::BTreeMap;

use crate::distrust::MAX_ENTRIES;

/// Columns read; real lists have about twenty.
const MAX_COLUMNS: usize = 64;

/// A table: each row by the names of its columns.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

/// One row.
pub(super) struct Row<'a> {
    cells: BTreeMap<&'a str, &'a str>,
    /// Its number, from 1 after the header.
    pub(super) number: usize,
}

impl Row<'_> {
    /// The text in a column, without spaces around it; empty if there is none.
    pub(super) fn text(&self, column: &str) -> &str {
        self.cells.get(column).copied().unwrap_or_default().trim()
    }
}

/// The first line that is no comment, as names of columns in lower case.
pub(super) fn columns(bytes: &[u8]) -> Vec<String> {
    let Some(first) = lines(bytes).find(|line| !line.is_empty()) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(first);
    let Some(Ok(record)) = reader.records().next() else { return Vec::new() };
    record.iter().take(MAX_COLUMNS).map(column_name).collect()
}

/// Header lines of comments count too: abuse.ch writes the names of the columns as a comment.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let all = || bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let is_header = |line: &&[u8]| line.starts_with(b"#") && line.iter().filter(|byte| **byte == b',').count() > 2;
    let commented = all().take_while(|line| line.is_empty() || line.starts_with(b"#")).find(is_header);
    let plain = all().filter(|line| !line.starts_with(b"#"));
    commented.map(|line| line.trim_ascii_start().get(1..).unwrap_or_default()).into_iter().chain(plain)
}

fn column_name(name: &str) -> String {
    name.trim_matches(|c: char| c == '"' || c.is_whitespace()).to_lowercase()
}

impl Table {
    /// Reads a table.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let columns = columns(bytes);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut rows = Vec::new();
        for record in reader.byte_records() {
            let record = record.map_err(|error| error.to_string())?;
            let record = csv::StringRecord::from_byte_record_lossy(record);
            let is_header = rows.is_empty() && record.iter().map(column_name).eq(columns.iter().cloned());
            if !is_header {
                rows.push(record);
            }
            if rows.len() > MAX_ENTRIES {
                return Err(format!("more than {MAX_ENTRIES} rows"));
            }
        }
        Ok(Self { columns, rows })
    }

    /// Its rows. A row with more cells than columns keeps those that have a name.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().enumerate().map(|(position, record)| Row {
            cells: self.columns.iter().map(String::as_str).zip(record.iter()).collect(),
            number: position.saturating_add(1),
        })
    }
}

/// Whether the header has all of these columns.
pub(super) fn has_columns(bytes: &[u8], wanted: &[&str]) -> bool {
    let found = columns(bytes);
    wanted.iter().all(|name| found.iter().any(|column| column == name))
}
