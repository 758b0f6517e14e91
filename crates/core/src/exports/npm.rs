//! The history of a package at the npm registry: `curl https://registry.npmjs.org/NAME`
//! (<https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>).

use super::{ExportFormat, Reader, has, prose, repeated, state, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::base64;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::history::{PublishedHow, PublishedVersion};

/// The entry of the table.
pub(super) static PACKUMENT: ExportFormat =
    ExportFormat { id: "npm-package", reader: Reader::Json { detect: is_packument, read }, voucher: Voucher::Registry };

fn is_packument(document: &Json) -> bool {
    has(document, &["name", "versions", "time", "dist-tags"])
}

fn read(package: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let name = package.field("name")?;
    let name = repeated(&name, name.text()?)?;
    let (versions, times) = (package.field("versions")?, package.field("time")?);
    let mut facts = Vec::new();
    for (number, _) in versions.value().as_object().into_iter().flatten() {
        let place = versions.field(number)?;
        if let Some(fact) = version(name, number, &place, &times)? {
            state(&mut facts, fact, &place)?;
        }
    }
    Ok(facts)
}

fn version(package: &str, number: &str, version: &Cursor<'_>, times: &Cursor<'_>) -> Result<Option<Fact>, FieldError> {
    // Without an instant it has no place in a history.
    let Some(published) = super::instant(times, number)? else { return Ok(None) };
    let dist = version.field("dist")?;
    Ok(Some(Fact::PublishedVersion(PublishedVersion {
        package: package.to_owned(),
        version: number.to_owned(),
        published,
        how: how(version, &dist)?,
        digests: text(&dist, "integrity")?.and_then(|value| integrity(&value)).into_iter().collect(),
        withdrawn: deprecated(version),
        explained: None,
    })))
}

/// Why a version should not be used any more, if somebody says so: the reason, or `true`.
fn deprecated(version: &Cursor<'_>) -> Option<String> {
    match version.value().get("deprecated")? {
        Json::String(reason) => Some(prose(reason)).filter(|reason| !reason.is_empty()),
        Json::Bool(true) => Some("deprecated".to_owned()),
        _ => None,
    }
}

fn how(version: &Cursor<'_>, dist: &Cursor<'_>) -> Result<PublishedHow, FieldError> {
    let user = version.optional("_npmUser")?;
    let is_trusted = user.is_some_and(|user| user.value().get("trustedPublisher").is_some());
    Ok(match dist.optional("attestations")? {
        _ if is_trusted => PublishedHow::TrustedPublisher,
        Some(_) => PublishedHow::Attested,
        None => PublishedHow::Unattested,
    })
}

/// The strong digest of a list as Subresource Integrity writes it (W3C SRI §3.1): `sha512-BASE64`.
fn integrity(list: &str) -> Option<Digest> {
    let strong = list.split_ascii_whitespace().find_map(|item| item.strip_prefix("sha512-"))?;
    Digest::new(DigestAlgorithm::Sha512, &base64::decode(strong)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    #[test]
    fn versions_tell_how_they_were_published() {
        let sha512 = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
        let text = format!(
            r#"{{"name":"p","dist-tags":{{"latest":"1.0.2"}},"time":{{"created":"2026-01-01T00:00:00.000Z",
            "1.0.0":"2026-01-01T00:00:00.000Z","1.0.1":"2026-01-02T00:00:00.000Z","1.0.2":"2026-01-03T00:00:00.000Z"}},
            "versions":{{"1.0.0":{{"dist":{{"integrity":"sha512-{sha512}","attestations":{{"url":"u"}}}},
                "_npmUser":{{"name":"GitHub Actions","trustedPublisher":{{"id":"github"}}}}}},
            "1.0.1":{{"dist":{{"attestations":{{"url":"u"}}}},"deprecated":"broken"}},"1.0.2":{{"dist":{{}}}},
            "0.0.1":{{"dist":{{}}}}}}}}"#
        );
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_packument(&document));
        let facts = read(&Cursor::new(&document)).unwrap();
        let versions: Vec<_> = facts
            .iter()
            .map(|fact| if let Fact::PublishedVersion(version) = fact { version } else { panic!("{fact:?}") })
            .collect();
        let how: Vec<_> = versions.iter().map(|version| version.how).collect();
        assert_eq!(how, [PublishedHow::TrustedPublisher, PublishedHow::Attested, PublishedHow::Unattested]);
        assert_eq!(versions[0].digests, [Digest::of(DigestAlgorithm::Sha512, b"")]);
        assert_eq!(versions[1].withdrawn.as_deref(), Some("broken"));
    }

    #[test]
    fn a_long_reason_is_still_one_and_a_long_name_is_none() {
        let packument = |name: &str, deprecated: &str| {
            let text = format!(
                r#"{{"name":"{name}","dist-tags":{{}},"time":{{"1.0.0":"2026-01-01T00:00:00.000Z"}},
                    "versions":{{"1.0.0":{{"dist":{{}},"deprecated":{deprecated}}}}}}}"#
            );
            read(&Cursor::new(&parse(text.as_bytes()).unwrap()))
        };
        let withdrawn = |deprecated: &str| match packument("p", deprecated).unwrap().pop() {
            Some(Fact::PublishedVersion(version)) => version.withdrawn,
            other => panic!("{other:?}"),
        };
        let long = withdrawn(&format!("\"{}\"", "\u{e4}".repeat(4_000))).unwrap();
        assert_eq!(long.len(), super::super::MAX_TEXT);
        assert_eq!((withdrawn("true").as_deref(), withdrawn("false")), (Some("deprecated"), None));
        assert!(packument(&"p".repeat(257), "false").is_err());
    }
}
