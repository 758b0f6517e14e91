//! What PyPI says of a project: the simple interface as JSON
//! (`curl -H 'Accept: application/vnd.pypi.simple.v1+json' https://pypi.org/simple/NAME/`, PEP 691, 700 and 740) and the
//! project's own document (`curl https://pypi.org/pypi/NAME/json`).

use std::collections::BTreeMap;

use super::{ExportFormat, MANY, Reader, at_most, has, instant, prose, repeated, state, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::history::{PublishedHow, PublishedVersion};
use crate::release::released::ReleasedFile;
use crate::time::Time;

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

/// What the files of one version have in common. Whether it was taken back is said of each file by itself.
struct Version {
    published: Time,
    how: PublishedHow,
    /// The digests of its files, by why they were taken back.
    files: BTreeMap<Option<String>, Vec<Digest>>,
}

impl Version {
    fn facts(self, package: &str, number: &str) -> impl Iterator<Item = Fact> {
        let Self { published, how, files } = self;
        files.into_iter().map(move |(withdrawn, digests)| {
            Fact::PublishedVersion(PublishedVersion {
                package: package.to_owned(),
                version: number.to_owned(),
                published,
                how,
                digests,
                withdrawn,
                explained: None,
            })
        })
    }
}

fn simple(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let package = document.field("name")?;
    let package = repeated(&package, package.text()?)?;
    let mut versions: BTreeMap<&str, Version> = BTreeMap::new();
    let mut facts = Vec::new();
    for place in at_most(document, "files", MANY)? {
        let name = place.field("filename")?.text()?;
        let digests = sha256(&place.field("hashes")?)?;
        let (published, withdrawn) = (instant(&place, "upload-time")?, yanked(&place)?);
        // Attestations come with trusted publishing alone (PEP 740).
        let attested = text(&place, "provenance")?.is_some();
        let how = if attested { PublishedHow::TrustedPublisher } else { PublishedHow::Unattested };
        if let (Some(version), Some(published)) = (version_of(name), published) {
            let version = repeated(&place, version)?;
            let known = versions.entry(version).or_insert_with(|| Version { published, how, files: BTreeMap::new() });
            known.files.entry(withdrawn.clone()).or_default().extend(digests.iter().copied());
            // One file without an attestation is one that anybody with the token could add.
            known.how = known.how.min(how);
            known.published = known.published.min(published);
        }
        state(&mut facts, released(name, digests, version_of(name), published, withdrawn), &place)?;
    }
    for (number, version) in versions {
        version.facts(package, number).try_for_each(|fact| state(&mut facts, fact, document))?;
    }
    Ok(facts)
}

fn project(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let releases = document.field("releases")?;
    let mut facts = Vec::new();
    for (version, _) in releases.value().as_object().into_iter().flatten() {
        let version = repeated(&releases, version)?;
        for file in at_most(&releases, version, MANY)? {
            let name = file.field("filename")?.text()?;
            let published = instant(&file, "upload_time_iso_8601")?;
            let digests = sha256(&file.field("digests")?)?;
            state(&mut facts, released(name, digests, Some(version), published, yanked(&file)?), &file)?;
        }
    }
    Ok(facts)
}

fn released(
    name: &str,
    digests: Vec<Digest>,
    version: Option<&str>,
    published: Option<Time>,
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
    let reason = |name: &str| file.value().text_at(&[name]).filter(|reason| !reason.is_empty());
    Ok(match file.optional("yanked")?.map(|yanked| yanked.value()) {
        Some(Json::String(_)) => Some(prose(reason("yanked").unwrap_or("yanked"))),
        Some(Json::Bool(true)) => Some(prose(reason("yanked_reason").unwrap_or("yanked"))),
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
    fn each_file_of_a_version_is_taken_back_by_itself() {
        let file = |name: &str, digit: &str, yanked: &str| {
            format!(
                r#"{{"filename":"{name}","hashes":{{"sha256":"{}"}},"upload-time":"2026-01-01T00:00:00Z","yanked":{yanked}}}"#,
                digit.repeat(64)
            )
        };
        let files = [
            file("p-1.0-py3-none-any.whl", "1", "false"),
            file("p-1.0.tar.gz", "2", r#""broken""#),
            file("p-1.0.zip", "3", "true"),
        ];
        let text = format!(r#"{{"meta":{{}},"name":"p","files":[{}]}}"#, files.join(","));
        let document = parse(text.as_bytes()).unwrap();
        let facts = simple(&Cursor::new(&document)).unwrap();
        let mut withdrawn: Vec<_> = facts
            .iter()
            .filter_map(|fact| if let Fact::PublishedVersion(version) = fact { Some(version) } else { None })
            .flat_map(|version| version.digests.iter().map(|digest| (digest.hex(), version.withdrawn.as_deref())))
            .collect();
        withdrawn.sort();
        let expected = [("1".repeat(64), None), ("2".repeat(64), Some("broken")), ("3".repeat(64), Some("yanked"))];
        assert_eq!(withdrawn, expected);
    }

    #[test]
    fn a_name_is_not_repeated_beyond_measure() {
        let name = "p".repeat(super::super::MAX_REPEATED + 1);
        let file = format!(r#"{{"filename":"a.zip","digests":{{"sha256":"{HEX}"}}}}"#);
        let simple_text = format!(r#"{{"meta":{{}},"name":"{name}","files":[]}}"#);
        let project_text = format!(r#"{{"info":{{}},"urls":[],"releases":{{"{name}":[{file}]}}}}"#);
        let error = simple(&Cursor::new(&parse(simple_text.as_bytes()).unwrap())).unwrap_err();
        assert_eq!(error.to_string(), "`name` is not a name of at most 256 bytes");
        let error = project(&Cursor::new(&parse(project_text.as_bytes()).unwrap())).unwrap_err();
        assert_eq!(error.path, "releases");
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
