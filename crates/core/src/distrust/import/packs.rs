//! Lists in our own form, plain or signed, to be joined with others.

use super::{ImportFormat, Imported};
use crate::distrust::{PACK_TYPE, SCHEMA, open};
use crate::encoding::json;

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "countersign",
    title: "lists of Countersign (JSON, plain or signed)",
    origin: "list of Countersign",
    detect,
    read,
};

/// Where the schema or payload type is looked for.
const PROBED: usize = 64 * 1024;

fn detect(bytes: &[u8]) -> bool {
    let start = bytes.get(..PROBED).unwrap_or(bytes);
    let has = |word: &str| start.windows(word.len()).any(|window| window == word.as_bytes());
    start.trim_ascii_start().first() == Some(&b'{')
        && (has(SCHEMA)
            || has(PACK_TYPE)
            || json::top_level_names(bytes).first().is_some_and(|names| names.iter().any(|name| name == "payloadType")))
}

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let pack = open(bytes, &[]).map_err(|error| error.to_string())?;
    Ok(Imported { entries: pack.entries().to_vec(), dated: Some(pack.dated()), ..Imported::default() })
}
