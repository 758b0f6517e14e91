//! LOLDrivers: vulnerable and malicious Windows drivers, as published (`drivers.json`) or as an extract of the
//! certificates that signed them.
//!
//! Drivers are listed as files. Certificates are taken only from malicious drivers, and only those that signed
//! code: the certificate of a vulnerable driver is its vendor's, who also signs everything else, and that of a
//! timestamp authority is everybody's.

use super::{ImportFormat, Imported, by_digest, known};
use crate::distrust::{Entry, Holder, Why};
use crate::encoding::json::{self, Json};
use crate::encoding::x509::Name;

pub(super) static ENTRY: ImportFormat =
    ImportFormat { id: "loldrivers", title: "LOLDrivers (JSON)", origin: "https://www.loldrivers.io", detect, read };

/// Where the members that tell the format are looked for.
const PROBED: usize = 64 * 1024;

fn detect(bytes: &[u8]) -> bool {
    let start = bytes.get(..PROBED).unwrap_or(bytes);
    let has = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
    start.trim_ascii_start().first() == Some(&b'[')
        && (has(b"\"KnownVulnerableSamples\"") || has(b"\"tbs_sha256\"") && has(b"\"categories\""))
}

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let document = json::parse(bytes).map_err(|error| error.to_string())?;
    let mut imported = Imported::default();
    for item in document.as_array().ok_or("no list")? {
        match member(item, "KnownVulnerableSamples").and_then(Json::as_array) {
            Some(samples) => driver(item, samples, &mut imported),
            None => extracted(item, &mut imported),
        }
    }
    Ok(imported)
}

/// A driver of the published list with its samples.
fn driver(item: &Json, samples: &[Json], imported: &mut Imported) {
    let malicious = text(item, "Category").eq_ignore_ascii_case("malicious");
    let why = if malicious { Why::Malware } else { Why::Vulnerable };
    let note = first_of(item, "Tags").and_then(|tag| known(&tag));
    let reference = known(text(item, "Id")).map(|id| format!("https://www.loldrivers.io/drivers/{id}/"));
    let with = |entry: Entry| Entry { note: note.clone(), reference: reference.clone(), ..entry };
    for sample in samples {
        let digest = ["SHA256", "SHA1"].iter().find_map(|name| by_digest("file", text(sample, name)).ok());
        let entry = digest.map(|selector| with(Entry::new(selector, why)));
        imported.take(entry.ok_or_else(|| "a sample without a SHA-256 or SHA-1".to_owned()));
        if malicious {
            certificates(sample).for_each(|entry| imported.take(entry.map(with)));
        }
    }
}

fn certificates(sample: &Json) -> impl Iterator<Item = Result<Entry, String>> {
    let list = |json, name| member(json, name).and_then(Json::as_array).unwrap_or_default().iter();
    let all = list(sample, "Signatures").flat_map(move |signature| list(signature, "Certificates"));
    let leaves =
        all.filter(|one| is(one, "IsCodeSigning") && member(one, "IsCertificateAuthority") == Some(&Json::Bool(false)));
    leaves.map(|leaf| signed_part(member(leaf, "TBS").unwrap_or(leaf), "SHA256", leaf, "Subject"))
}

/// A certificate of the extract.
fn extracted(item: &Json, imported: &mut Imported) {
    let categories = member(item, "categories").and_then(Json::as_array).unwrap_or_default();
    let malicious = categories.iter().any(|category| category.as_str() == Some("malicious"));
    imported.take(match (is(item, "code_signing"), malicious) {
        (false, _) => Err("a certificate that is not for signing code".to_owned()),
        (true, false) => Err("the certificate of a vulnerable driver, which is its vendor's".to_owned()),
        (true, true) => signed_part(item, "tbs_sha256", item, "subject"),
    });
}

fn signed_part(digests: &Json, member: &str, certificate: &Json, subject: &str) -> Result<Entry, String> {
    let selector = by_digest("tbs", text(digests, member))?;
    let holder = Holder { name: organisation(text(certificate, subject)), ..Holder::default() };
    Ok(Entry { holder: Some(holder), ..Entry::new(selector, Why::Malware) })
}

/// The organisation, else the common name, of a name whose commas are not escaped.
fn organisation(subject: &str) -> Option<String> {
    use crate::encoding::asn1::oid::{COMMON_NAME, ORGANIZATION};
    let escaped = subject.replace(" , ", "\\, ");
    let name = Name::from_text(&escaped).ok()?;
    [ORGANIZATION, COMMON_NAME].iter().find_map(|kind| name.attribute(kind)).and_then(|text| known(&text))
}

fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    json.as_object()?.get(name)
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    member(json, name).and_then(Json::as_str).unwrap_or_default()
}

fn first_of(json: &Json, name: &str) -> Option<String> {
    member(json, name)?.as_array()?.first()?.as_str().map(str::to_owned)
}

/// True, in any of the ways that the list writes it.
fn is(json: &Json, name: &str) -> bool {
    match member(json, name) {
        Some(Json::Bool(value)) => *value,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}
