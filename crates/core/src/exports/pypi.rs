//! What PyPI says of a project: the simple interface as JSON
//! (`curl -H 'Accept: application/vnd.pypi.simple.v1+json' https://pypi.org/simple/NAME/`, PEP 691, 700 and 740) and the
//! project's own document (`curl https://pypi.org/pypi/NAME/json`).

use std::collections::BTreeMap;

use super::{ExportFormat, Reader, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::history::{PublishedHow, PublishedVersion};
use crate::release::released::ReleasedFile;

/// The files of a project, with whether each is attested.
pub(super) static SIMPLE: ExportFormat = ExportFormat {
    id: "pypi-simple",
    reader: Reader::Json { detect: is_simple, read: simple },
    voucher: Voucher::Registry,
};

/// The files of a project, by version.
pub(super) static PROJECT: ExportFormat = ExportFormat {
    id: "pypi-project",
    reader: Reader::Json { detect: is_project, read: project },
    voucher: Voucher::Registry,
};

fn is_simple(document: &Json) -> bool {
    has(document, &["meta", "name", "files"])
}

fn is_project(document: &Json) -> bool {
    has(document, &["info", "releases", "urls"])
}

fn simple(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let package = document.field("name")?.text()?;
    let mut versions: BTreeMap<String, PublishedVersion> = BTreeMap::new();
    let mut facts = Vec::new();
    for place in document.list("files")? {
        let name = place.field("filename")?.text()?;
        let digests = sha256(&place.field("hashes")?)?;
        let (published, withdrawn) = (instant(&place, "upload-time")?, yanked(&place)?);
        // Attestations come with trusted publishing alone (PEP 740).
        let attested = text(&place, "provenance")?.is_some();
        let how = if attested { PublishedHow::TrustedPublisher } else { PublishedHow::Unattested };
        if let (Some(version), Some(published)) = (version_of(name), published) {
            let first = || PublishedVersion {
                package: package.to_owned(),
                version: version.to_owned(),
                published,
                how,
                digests: Vec::new(),
                withdrawn: withdrawn.clone(),
            };
            let known = versions.entry(version.to_owned()).or_insert_with(first);
            known.digests.extend(digests.iter().copied());
            // One file without an attestation is one that anybody with the token could add.
            known.how = known.how.min(how);
            known.published = known.published.min(published);
        }
        facts.push(released(name, digests, version_of(name), published, withdrawn));
    }
    facts.extend(versions.into_values().map(Fact::PublishedVersion));
    Ok(facts)
}

fn project(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let releases = document.field("releases")?;
    let mut facts = Vec::new();
    for (version, _) in releases.value().as_object().into_iter().flatten() {
        for file in releases.list(version)? {
            let name = file.field("filename")?.text()?;
            let published = instant(&file, "upload_time_iso_8601")?;
            let digests = sha256(&file.field("digests")?)?;
            facts.push(released(name, digests, Some(version), published, yanked(&file)?));
        }
    }
    Ok(facts)
}

fn released(
    name: &str,
    digests: Vec<Digest>,
    version: Option<&str>,
    published: Option<crate::time::Time>,
    withdrawn: Option<String>,
) -> Fact {
    let version = version.map(str::to_owned);
    Fact::Released(ReleasedFile { name: name.to_owned(), digests, version, published, signed: None, withdrawn })
}

fn sha256(hashes: &Cursor<'_>) -> Result<Vec<Digest>, FieldError> {
    let value = text(hashes, "sha256")?.and_then(|value| hex::decode(&value));
    Ok(value.and_then(|bytes| Digest::new(DigestAlgorithm::Sha256, &bytes)).into_iter().collect())
}

/// Why a file was taken back, if it was (PEP 592): `true` or the reason.
fn yanked(file: &Cursor<'_>) -> Result<Option<String>, FieldError> {
    Ok(match file.optional("yanked")?.map(|yanked| yanked.value().clone()) {
        Some(Json::String(reason)) => Some(reason),
        Some(Json::Bool(true)) => Some(text(file, "yanked_reason")?.unwrap_or_else(|| "yanked".to_owned())),
        _ => None,
    })
}

/// The version in the name of a wheel or source archive (PEP 427, PEP 625).
fn version_of(name: &str) -> Option<&str> {
    match name.strip_suffix(".whl") {
        Some(wheel) => wheel.split('-').nth(1),
        None => {
            let plain = name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".zip"))?;
            plain.rsplit_once('-').map(|(_, version)| version)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_version_is_attested_only_if_all_of_its_files_are() {
        let file = |name: &str, provenance: &str, yanked: &str| {
            format!(
                r#"{{"filename":"{name}","hashes":{{"sha256":"{HEX}"}},"upload-time":"2026-01-01T00:00:00Z",
                    "provenance":{provenance},"yanked":{yanked}}}"#
            )
        };
        let files = [
            file("p-1.0-py3-none-any.whl", r#""https://pypi.org/i""#, "false"),
            file("p-1.0.tar.gz", "null", "false"),
            file("p-1.1.tar.gz", r#""https://pypi.org/i""#, r#""bad build""#),
        ];
        let text = format!(r#"{{"meta":{{"api-version":"1.3"}},"name":"p","files":[{}]}}"#, files.join(","));
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_simple(&document));
        let facts = simple(&Cursor::new(&document)).unwrap();
        let versions: Vec<_> = facts
            .iter()
            .filter_map(|fact| if let Fact::PublishedVersion(version) = fact { Some(version) } else { None })
            .map(|version| (version.version.as_str(), version.how, version.withdrawn.as_deref()))
            .collect();
        let expected =
            [("1.0", PublishedHow::Unattested, None), ("1.1", PublishedHow::TrustedPublisher, Some("bad build"))];
        assert_eq!(versions, expected);
        assert_eq!(facts.len(), 5);
    }

    #[test]
    fn a_project_lists_its_files_by_version() {
        let text = format!(
            r#"{{"info":{{"name":"p"}},"urls":[],"releases":{{"1.0":[{{"filename":"p-1.0.zip","digests":{{"sha256":"{HEX}"}},
                "upload_time_iso_8601":"2026-01-01T00:00:00.000Z","yanked":true,"yanked_reason":null}}]}}}}"#
        );
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_project(&document));
        let facts = project(&Cursor::new(&document)).unwrap();
        let [Fact::Released(file)] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((file.version.as_deref(), file.withdrawn.as_deref()), (Some("1.0"), Some("yanked")));
    }
}
