//! The data set of *Understanding the Status and Strategies of the Code Signing Abuse Ecosystem* (NDSS 2026):
//! revoked certificates that signed malware, by the MD5 of each.

use super::table::{Row, Table, has_columns};
use super::{ImportFormat, Imported, by_digest, known};
use crate::distrust::{Entry, Holder, Why};

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "xingtu",
    title: "XingTuLab Code Signing Abuse Dataset (CSV)",
    origin: "https://github.com/XingTuLab/Code_Signing_Abuse_Dataset",
    detect: |bytes| has_columns(bytes, &["cert md5", "abuse type"]),
    read,
};

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let table = Table::read(bytes)?;
    let mut imported = Imported::default();
    for row in table.rows() {
        let selector = by_digest("certificate", row.text("cert md5"));
        imported.take(selector.map(|selector| Entry {
            note: known(row.text("abuse type")),
            reference: known(row.text("sample")),
            holder: Some(holder(&row)),
            ..Entry::new(selector, why(row.text("abuse type")))
        }));
    }
    Ok(imported)
}

fn why(kind: &str) -> Why {
    match kind {
        "Steal Certificate Key" => Why::StolenKey,
        "Steal Developer ID" | "Fake Developer ID" => Why::MisIssued,
        _ => Why::Malware,
    }
}

fn holder(row: &Row<'_>) -> Holder {
    Holder { name: known(row.text("subject")), country: known(row.text("country")), ..Holder::default() }
}
