//! abuse.ch's Code Signing Certificate Blocklist (MalwareBazaar export).

use super::table::{Table, has_columns};
use super::{ImportFormat, Imported, by_digest, known};
use crate::distrust::{Entry, Holder, Why};

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "abuse-ch",
    title: "abuse.ch code-signing certificate blocklist (CSV)",
    origin: "https://bazaar.abuse.ch/export/csv/cscb/",
    detect: |bytes| has_columns(bytes, &["serial_number", "thumbprint", "thumbprint_algorithm"]),
    read,
};

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let table = Table::read(bytes)?;
    let mut imported = Imported::default();
    for row in table.rows() {
        let holder = Holder { name: known(row.text("subject_cn")), ..Holder::default() };
        let reason = known(row.text("reason")).or_else(|| known(row.text("cscb_reason")));
        let selector = by_digest("certificate", row.text("thumbprint"))
            .map_err(|_| "a row has no thumbprint, and a serial number alone names nothing".to_owned());
        imported.take(selector.map(|selector| Entry {
            note: reason,
            holder: Some(holder),
            ..Entry::new(selector, Why::Malware)
        }));
    }
    Ok(imported)
}
