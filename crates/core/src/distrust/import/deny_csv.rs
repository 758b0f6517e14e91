//! Our own deny list as a table: the members of an entry as columns, such as `certificate_sha1,reason,note`.
//!
//! It is written by hand, so that nothing in it is guessed: an unknown column or a bad row is an error.

use serde_json::{Map, Value};

use super::table::{Table, columns, has_columns};
use super::{ImportFormat, Imported};
use crate::distrust::pack::entry_of_json;
use crate::distrust::selector::MEMBERS;

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "deny-csv",
    title: "deny list of one's own (CSV with the columns of an entry)",
    origin: "own deny list",
    detect,
    read,
};

/// The columns beside those that say what is named.
const COLUMNS: [&str; 5] = ["since", "revoked_at", "reason", "note", "reference"];

fn detect(bytes: &[u8]) -> bool {
    has_columns(bytes, &["reason"]) && columns(bytes).iter().any(|column| MEMBERS.contains(&column.as_str()))
}

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let table = Table::read(bytes)?;
    let unknown = |name: &&String| !MEMBERS.contains(&name.as_str()) && !COLUMNS.contains(&name.as_str());
    if let Some(name) = table.columns.iter().find(unknown) {
        return Err(format!("unknown column `{name}`; known are {}, {}", MEMBERS.join(", "), COLUMNS.join(", ")));
    }
    let mut imported = Imported::default();
    for row in table.rows() {
        let object = |names: &[&str]| {
            let given = names.iter().filter(|name| !row.text(name).is_empty());
            given.map(|name| ((*name).to_owned(), Value::from(row.text(name)))).collect::<Map<_, _>>()
        };
        let mut entry = object(&COLUMNS);
        entry.insert("match".to_owned(), Value::Object(object(&MEMBERS)));
        let entry = entry_of_json(Value::Object(entry));
        imported.entries.push(entry.map_err(|problem| format!("row {}: {problem}", row.number))?);
    }
    Ok(imported)
}
